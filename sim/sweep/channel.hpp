#pragma once
// Records over a stream socket: a fixed header, and bytes.

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <sys/socket.h>
#include <unistd.h>

namespace pagetoken {

/// `peer` is a rank where one is meant, `flag` what the two sides agree on.
struct RecordHeader {
  std::uint32_t peer = 0;
  std::uint32_t flag = 0;
  std::uint64_t bytes = 0;
};

/// Sends all, also on a socket that does not block by default; false when the other side is gone.
inline bool send_record(int socket, RecordHeader header, std::string_view bytes) {
  header.bytes = bytes.size();
  std::string whole(reinterpret_cast<const char*>(&header), sizeof header);
  whole += bytes;
  std::string_view rest = whole;
  while (!rest.empty()) {
    const ssize_t sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Puts records together from the pieces that arrive.
class RecordReader {
 public:
  struct Record {
    RecordHeader header{};
    std::string bytes{};
  };

  /// Takes in what is there; waits for at least one byte if `wait`. False when the other side is gone.
  bool fill(int socket, bool wait) {
    char block[1 << 16];
    for (;;) {
      const ssize_t got = ::recv(socket, block, sizeof block, wait ? 0 : MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
      if (got <= 0) return false;
      buffer_.append(block, static_cast<std::size_t>(got));
      return true;
    }
  }

  std::optional<Record> next() {
    if (buffer_.size() - taken_ < sizeof(RecordHeader)) return compact();
    Record record;
    std::memcpy(&record.header, buffer_.data() + taken_, sizeof record.header);
    if (buffer_.size() - taken_ - sizeof record.header < record.header.bytes) return compact();
    record.bytes = buffer_.substr(taken_ + sizeof record.header, record.header.bytes);
    taken_ += sizeof record.header + record.header.bytes;
    return record;
  }

 private:
  std::optional<Record> compact() {
    buffer_.erase(0, taken_);
    taken_ = 0;
    return std::nullopt;
  }

  std::string buffer_;
  std::size_t taken_ = 0;
};

}  // namespace pagetoken
