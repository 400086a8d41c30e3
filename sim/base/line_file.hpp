#pragma once
// A text file line by line, in bounded memory.

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/input_file.hpp"

namespace pagetoken {

/// The longest line of results, timings and histories, in bytes, without its newline.
inline constexpr std::size_t kMaxTextLine = std::size_t{16} << 20;

class LineFile {
 public:
  /// `kind` is what errors say that the file should be: "a history". Throws ConfigError if it cannot be opened, and as
  /// InputFile does.
  LineFile(std::string path, std::string kind);

  /// The next line without its newline, valid until the next call; false at the end. Throws ConfigError if the file
  /// cannot be read, and for a line of more than kMaxTextLine bytes.
  bool next(std::string_view& line);

  const std::string& path() const { return path_; }
  std::uint64_t number() const { return number_; }            ///< of the last line, from 1
  bool ended_in_line() const { return cut_; }                 ///< the last line had no newline: its writer was stopped
  std::uint64_t whole_bytes() const { return whole_bytes_; }  ///< of the lines so far that had one

 private:
  bool refill();
  [[noreturn]] void fail(std::string_view what) const;

  std::string path_;
  std::string kind_;
  std::string buffer_;
  std::size_t begin_ = 0;  ///< of what has not been handed out
  std::uint64_t number_ = 0;
  std::uint64_t whole_bytes_ = 0;
  bool cut_ = false;
  InputFile file_;
};

}  // namespace pagetoken
