#pragma once
// Lines of a file, plain or gzip, in bounded memory.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pagetoken {

/// The longest line that a trace may have, in bytes, without its end.
inline constexpr std::size_t kMaxLineBytes = 64 * 1024;

/// Where the bytes come from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Writes up to buffer.size() bytes; 0 = the end. Throws ConfigError if the file cannot be read.
  virtual std::size_t read(std::span<char> buffer) = 0;
};

class LineReader {
 public:
  /// Opens a file; by its first bytes, not its name, it is gzip or plain. Throws ConfigError if it is missing, a
  /// directory, or may not be read. A gzip file that ends early or is damaged raises ConfigError from next().
  static LineReader from_file(const std::string& path);
  /// Reads `text`, which must outlive the reader; `name` stands for the file in errors.
  static LineReader from_memory(std::string_view text, std::string name);

  /// The next line without its "\n" or "\r\n", valid until the next call; false at the end. Throws ConfigError for a
  /// line beyond kMaxLineBytes and for one that holds a NUL byte.
  bool next(std::string_view& line);

  std::uint64_t line_number() const { return line_number_; }  ///< of the last line, from 1; 0 before the first
  const std::string& name() const { return name_; }

 private:
  LineReader(std::unique_ptr<ByteSource> source, std::string name);
  bool refill();

  std::unique_ptr<ByteSource> source_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  ///< of what was read and not yet handed out
  std::size_t end_ = 0;
  bool at_end_ = false;  ///< the source has no more
  std::uint64_t line_number_ = 0;
};

}  // namespace pagetoken
