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

/// A record as it travels.
inline std::string wire_form(RecordHeader header, std::string_view bytes) {
  header.bytes = bytes.size();
  return std::string(reinterpret_cast<const char*>(&header), sizeof header).append(bytes);
}

/// Sends all, and waits where there is no room; false when the other side is gone.
inline bool send_record(int socket, RecordHeader header, std::string_view bytes) {
  const std::string whole = wire_form(header, bytes);
  std::string_view rest = whole;
  while (!rest.empty()) {
    const ssize_t sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Records for a side that may be slow to read: whoever waits for it must not keep others waiting.
class RecordWriter {
 public:
  void add(RecordHeader header, std::string_view bytes) { buffer_ += wire_form(header, bytes); }
  std::size_t waiting() const { return buffer_.size() - sent_; }

  /// Sends what there is room for; false when the other side is gone.
  bool flush(int socket) {
    while (waiting() > 0) {
      const ssize_t sent = ::send(socket, buffer_.data() + sent_, waiting(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
      if (sent <= 0) return false;
      sent_ += static_cast<std::size_t>(sent);
    }
    buffer_.clear();
    sent_ = 0;
    return true;
  }

 private:
  std::string buffer_;
  std::size_t sent_ = 0;
};

/// Puts records together from the pieces that arrive. What has arrived may hold several records: whoever polls the
/// socket asks next() first, as nothing more may come.
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
