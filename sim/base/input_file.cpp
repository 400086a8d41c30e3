#include "sim/base/input_file.hpp"

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/interrupt.hpp"

namespace pagetoken {

namespace {
constexpr std::size_t kBlockBytes = 64 << 10;
}

InputFile::InputFile(const std::string& path) {
  do {
    stop_if_interrupted();
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) error_ = errno;
  struct stat what {};
  if (descriptor_ >= 0 && ::fstat(descriptor_, &what) == 0 && S_ISDIR(what.st_mode)) {
    ::close(std::exchange(descriptor_, -1));
    error_ = EISDIR;
  }
}

InputFile::~InputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

InputFile::InputFile(InputFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), error_(other.error_) {}

InputFile& InputFile::operator=(InputFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(error_, other.error_);
  return *this;
}

ssize_t InputFile::read(void* into, std::size_t room) {
  ssize_t got = 0;
  do {
    stop_if_interrupted();
    got = ::read(descriptor_, into, room);
  } while (got < 0 && errno == EINTR);
  error_ = got < 0 ? errno : 0;
  return got;
}

bool InputFile::read_all(std::string& into, std::size_t limit) {
  std::vector<char> block(kBlockBytes);
  std::size_t taken = 0;
  while (taken <= limit) {
    const std::size_t room = limit - taken < block.size() ? limit - taken + 1 : block.size();
    const ssize_t got = read(block.data(), room);
    if (got < 0) return false;
    if (got == 0) return true;
    into.append(block.data(), static_cast<std::size_t>(got));
    taken += static_cast<std::size_t>(got);
  }
  return true;
}

int InputFile::release() { return std::exchange(descriptor_, -1); }

}  // namespace pagetoken
