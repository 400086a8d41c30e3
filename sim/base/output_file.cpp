#include "sim/base/output_file.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"

namespace pagetoken {

namespace {

constexpr std::size_t kBufferBytes = 1 << 16;
constexpr int kPatience_ms = 300;

/// The descriptor that a name stands for whatever it is connected to, or -1. To open /dev/stdout anew would, where it
/// is a file, write over what is there from its beginning.
int standard_descriptor(std::string_view path) {
  if (path == "-" || path == "/dev/stdout" || path == "/dev/fd/1") return STDOUT_FILENO;
  if (path == "/dev/stderr" || path == "/dev/fd/2") return STDERR_FILENO;
  return -1;
}

/// Where a name that stands for no file yet leads: through links, of which the last may point to nothing.
std::string end_of_links(std::string path) {
  constexpr int kMostLinks = 40;  // as the system has it
  std::error_code none;
  for (int i = 0; i < kMostLinks; ++i) {
    const std::filesystem::path next = std::filesystem::read_symlink(path, none);
    if (none) break;
    path = (std::filesystem::path(path).parent_path() / next).string();  // an absolute one stands for itself
  }
  return path;
}

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) throw ConfigError("", "", "the name of an output file is empty");
  if (const int standard = standard_descriptor(path_); standard >= 0) {
    descriptor_ = fcntl(standard, F_DUPFD_CLOEXEC, 0);
  } else {
    open();
  }
  if (descriptor_ < 0) fail();
}

void OutputFile::open() {
  struct stat present {};
  const bool exists = stat(path_.c_str(), &present) == 0;
  if (!exists && errno == ELOOP) return;
  target_ = exists ? path_ : end_of_links(path_);
  if (exists && S_ISDIR(present.st_mode)) throw ConfigError(path_, "", "is a directory", "the name of a file");
  if (exists && !S_ISREG(present.st_mode)) {
    while ((descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC)) < 0 && errno == EINTR)
      stop_if_interrupted();  // a pipe that nobody reads yet
    return;
  }
  if (exists) {
    // A rename needs no right to write the file, but its owner who took that right away meant it.
    if (access(path_.c_str(), W_OK) != 0) return;
    if (char* resolved = realpath(path_.c_str(), nullptr)) {
      target_ = resolved;
      std::free(resolved);
    }
  }
  // One process may write the same file twice at a time, and one that was killed may have left its temporary behind.
  static std::atomic<unsigned> attempts = 0;
  do {
    temporary_ = fmt::format("{}.tmp-{}-{}", target_, getpid(), attempts++);
    kept_ = Temporary(temporary_);
    descriptor_ =
        ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, exists ? present.st_mode & 0777 : 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

void OutputFile::write(std::string_view text) {
  assert(descriptor_ >= 0);
  buffer_ += text;
  if (buffer_.size() >= kBufferBytes) flush();
}

void OutputFile::flush() {
  if (gave_up_) throw Interrupted();
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), std::min(rest.size(), room()));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail();
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

/// Bytes that can be written without waiting for a reader for longer than somebody who has asked to stop will. Throws
/// Interrupted if there are none.
std::size_t OutputFile::room() {
  if (!temporary_.empty() || !interrupted()) return SIZE_MAX;
  pollfd ready{descriptor_, POLLOUT, 0};
  gave_up_ = ::poll(&ready, 1, kPatience_ms) == 0;
  if (gave_up_) throw Interrupted();
  return PIPE_BUF;
}

void OutputFile::commit() {
  assert(descriptor_ >= 0);
  flush();
  // Some file systems report only here that there was no room.
  if (close(std::exchange(descriptor_, -1)) != 0 ||
      (!temporary_.empty() && rename(temporary_.c_str(), target_.c_str()) != 0)) {
    const int reason = errno;
    if (!temporary_.empty()) unlink(temporary_.c_str());
    errno = reason;
    fail();
  }
  kept_ = {};
}

void OutputFile::fail() const {
  const std::string reason = std::generic_category().message(errno);
  throw ConfigError(path_ == "-" ? "standard output" : path_, "", fmt::format("cannot be written: {}", reason));
}

}  // namespace pagetoken
