#include "sim/workload/line_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>
#include <zlib.h>

#include "sim/base/error.hpp"
#include "sim/base/input_file.hpp"
#include "sim/base/interrupt.hpp"

namespace pagetoken {
namespace {

/// zlib passes plain files through unchanged, so one source serves both.
class FileSource final : public ByteSource {
 public:
  explicit FileSource(std::string path) : path_(std::move(path)) {
    InputFile input(path_);
    if (input.error() == EISDIR) throw ConfigError(path_, "", "is a directory", "a file");
    if (!input.is_open())
      throw ConfigError(path_, "", fmt::format("cannot be opened: {}", std::strerror(input.error())),
                        "a file that can be read");
    const int descriptor = input.release();
    file_.reset(gzdopen(descriptor, "rb"));
    if (!file_) {
      ::close(descriptor);
      throw std::bad_alloc();
    }
    gzbuffer(file_.get(), 256 * 1024);
  }

  std::size_t read(std::span<char> buffer) override {
    stop_if_interrupted();
    errno = 0;
    const int count = gzread(file_.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    const int system_error = errno;
    int status = Z_OK;
    const char* text = gzerror(file_.get(), &status);
    if (status == Z_ERRNO && system_error == EINTR) stop_if_interrupted();
    if (count >= 0 && (status == Z_OK || status == Z_STREAM_END)) return static_cast<std::size_t>(count);
    if (status == Z_BUF_ERROR) throw ConfigError(path_, "", "the gzip file ends early", "a whole file");
    if (status == Z_ERRNO) text = std::strerror(system_error);
    throw ConfigError(path_, "", fmt::format("cannot be read: {}", text), "a plain or gzip file");
  }

 private:
  struct Close {
    void operator()(gzFile_s* file) const { gzclose_r(file); }
  };
  std::string path_;
  std::unique_ptr<gzFile_s, Close> file_;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view text) : rest_(text) {}
  std::size_t read(std::span<char> buffer) override {
    const std::size_t count = rest_.copy(buffer.data(), buffer.size());
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> source, std::string name)
    : source_(std::move(source)), name_(std::move(name)), buffer_(4 * kMaxLineBytes) {}

LineReader LineReader::from_file(const std::string& path) { return {std::make_unique<FileSource>(path), path}; }

LineReader LineReader::from_memory(std::string_view text, std::string name) {
  return {std::make_unique<MemorySource>(text), std::move(name)};
}

/// Moves what is left to the front and reads on behind it; false if nothing came.
bool LineReader::refill() {
  if (at_end_) return false;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  const std::size_t count = source_->read(std::span(buffer_).subspan(end_));
  end_ += count;
  at_end_ = count == 0;
  return !at_end_;
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = 0;  // bytes of this line in which there is no end
  const char* found = nullptr;
  for (;;) {
    const std::size_t unread = end_ - begin_;
    if (unread > searched) {
      found = static_cast<const char*>(std::memchr(buffer_.data() + begin_ + searched, '\n', unread - searched));
    }
    searched = found != nullptr ? static_cast<std::size_t>(found - (buffer_.data() + begin_)) : unread;
    // One byte more than a line may have: it may be the end of "\r\n".
    if (found != nullptr || searched > kMaxLineBytes + 1 || !refill()) break;
  }
  if (searched == 0 && found == nullptr) return false;
  ++line_number_;
  line = {buffer_.data() + begin_, searched};
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > kMaxLineBytes) {
    throw ConfigError(name_, fmt::format("line {}", line_number_),
                      fmt::format("is longer than {} bytes", kMaxLineBytes), "a text file with one access a line");
  }
  if (std::memchr(line.data(), '\0', line.size()) != nullptr) {
    throw ConfigError(name_, fmt::format("line {}", line_number_), "holds a NUL byte",
                      "a text file with one access a line");
  }
  begin_ += searched + (found != nullptr ? 1 : 0);
  return true;
}

}  // namespace pagetoken
