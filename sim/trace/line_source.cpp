#include "sim/trace/line_source.hpp"

#include <cerrno>
#include <cstring>

#include <zstd.h>

#include "sim/base/error.hpp"

namespace pagetoken {

namespace {
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
}

LineSource LineSource::from_file(const std::string& path) {
  LineSource source(path);
  source.file_.emplace(path);
  const int reason = source.file_->error();
  if (reason == EISDIR) throw ConfigError(path, "", "is a directory", "a file");
  if (reason != 0) throw ConfigError(path, "", std::string("cannot be opened: ") + std::strerror(reason));
  char magic[4];
  std::size_t got = 0;
  while (const std::size_t more = source.read_raw(magic + got, sizeof magic - got)) got += more;
  if (std::string_view(magic, got) == kZstdMagic) {
    source.zstd_ = {ZSTD_createDCtx(), ZSTD_freeDCtx};
    source.compressed_.resize(std::size_t{1} << 18);
    std::memcpy(source.compressed_.data(), magic, got);
    source.compressed_end_ = got;
  } else {
    std::memcpy(source.buffer_.data(), magic, got);
    source.end_ = source.bytes_ = got;
  }
  return source;
}

LineSource LineSource::from_memory(std::string_view text, std::string name) {
  LineSource source(std::move(name));
  source.memory_ = text;
  return source;
}

void LineSource::fail(std::string_view key, std::string_view wrong, std::string_view allowed) const {
  std::string place = "line " + std::to_string(line_number_);
  if (!key.empty()) place += ", " + std::string(key);
  throw ConfigError(name_, place, wrong, allowed);
}

std::size_t LineSource::read_raw(char* into, std::size_t room) {
  if (!file_) {
    const std::size_t count = memory_.copy(into, room);
    memory_.remove_prefix(count);
    return count;
  }
  const ssize_t count = file_->read(into, room);
  if (count < 0) throw ConfigError(name_, "", std::string("cannot be read: ") + std::strerror(file_->error()));
  return static_cast<std::size_t>(count);
}

std::size_t LineSource::decompress(char* into, std::size_t room) {
  ZSTD_outBuffer out{into, room, 0};
  while (out.pos == 0) {
    if (compressed_at_ == compressed_end_) {
      compressed_at_ = 0;
      compressed_end_ = read_raw(compressed_.data(), compressed_.size());
      if (compressed_end_ == 0) {
        if (frame_open_) {
          ++line_number_;
          fail("", "the zstd file ends early", "a whole file");
        }
        return 0;
      }
    }
    ZSTD_inBuffer in{compressed_.data(), compressed_end_, compressed_at_};
    const std::size_t left = ZSTD_decompressStream(zstd_.get(), &out, &in);
    compressed_at_ = in.pos;
    if (ZSTD_isError(left)) {
      ++line_number_;
      fail("", std::string("the zstd file is damaged: ") + ZSTD_getErrorName(left), "a whole file");
    }
    frame_open_ = left != 0;
  }
  return out.pos;
}

std::size_t LineSource::read(char* into, std::size_t room) {
  return zstd_ ? decompress(into, room) : read_raw(into, room);
}

/// Moves what is left to the front and reads on behind it; false if nothing came.
bool LineSource::refill() {
  if (is_hashing_) hash_to(buffer_.data() + begin_);
  hashed_ = 0;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (end_ + padding() == buffer_.size()) buffer_.resize(2 * buffer_.size());
  const std::size_t count = read(buffer_.data() + end_, buffer_.size() - padding() - end_);
  end_ += count;
  bytes_ += count;
  return count != 0;
}

const BlockHash& LineSource::hash_to(const char* end) {
  const char* from = buffer_.data() + hashed_;
  hash_.add({from, static_cast<std::size_t>(end - from)});
  hashed_ = static_cast<std::size_t>(end - buffer_.data());
  return hash_;
}

void LineSource::begin_hash() {
  hash_ = {};
  hashed_ = begin_;
}

bool LineSource::next(std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const char* from = buffer_.data() + begin_;
    const std::size_t unread = end_ - begin_;
    const auto* found =
        static_cast<const char*>(unread > searched ? std::memchr(from + searched, '\n', unread - searched) : nullptr);
    if (found) {
      line = {from, static_cast<std::size_t>(found - from)};
      begin_ += line.size() + 1;
      ++line_number_;
      return true;
    }
    searched = unread;
    if (searched > kMaxLine) {
      ++line_number_;
      fail("", "is longer than 16 MiB", "one JSON object a line");
    }
    if (refill()) continue;
    if (unread == 0) return false;
    ++line_number_;
    fail("", "the file ends within this line: it was cut off", "a whole trace");
  }
}

}  // namespace pagetoken
