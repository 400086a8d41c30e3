#include "sim/base/line_file.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.hpp"

namespace pagetoken {

LineFile::LineFile(std::string path, std::string kind) : path_(std::move(path)), kind_(std::move(kind)), file_(path_) {
  if (!file_.is_open()) fail("cannot be opened");
}

bool LineFile::next(std::string_view& line) {
  std::size_t searched = begin_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    const std::size_t length = (end == buffer_.npos ? buffer_.size() : end) - begin_;
    if (length > kMaxTextLine)
      throw ConfigError(path_, fmt::format("line {}", number_ + 1),
                        fmt::format("is longer than {} bytes", kMaxTextLine), kind_);
    if (end != buffer_.npos) {
      line = std::string_view(buffer_).substr(begin_, length);
      begin_ = end + 1;
      whole_bytes_ += length + 1;
      break;
    }
    buffer_.erase(0, std::exchange(begin_, 0));
    searched = buffer_.size();
    if (refill()) continue;
    if (buffer_.empty()) return false;
    cut_ = true;
    line = buffer_;
    begin_ = buffer_.size();
    break;
  }
  ++number_;
  return true;
}

/// Reads on behind what there is; false at the end.
bool LineFile::refill() {
  constexpr std::size_t kRoom = std::size_t{1} << 18;
  const std::size_t before = buffer_.size();
  buffer_.resize(before + kRoom);
  const ssize_t got = file_.read(buffer_.data() + before, kRoom);
  buffer_.resize(before + static_cast<std::size_t>(got < 0 ? 0 : got));
  if (got < 0) fail("cannot be read");
  return got > 0;
}

void LineFile::fail(std::string_view what) const {
  throw ConfigError(path_, "", fmt::format("{}: {}", what, std::generic_category().message(file_.error())), kind_);
}

}  // namespace pagetoken
