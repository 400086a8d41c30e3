#pragma once
// A trace's text in whole lines, from a plain or zstd file or from memory.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/input_file.hpp"
#include "sim/trace/block_hash.hpp"

struct ZSTD_DCtx_s;

namespace pagetoken {

class LineSource {
 public:
  /// The longest line that a trace may have: the first holds the configuration.
  static constexpr std::size_t kMaxLine = std::size_t{16} << 20;

  static LineSource from_file(const std::string& path);
  static LineSource from_memory(std::string_view text, std::string name);

  /// The next line without its newline, valid until the next call, with readable bytes behind it (padding()); false at
  /// the end. Throws ConfigError if the file cannot be read, is damaged, or ends within a line.
  bool next(std::string_view& line);
  static constexpr std::size_t padding() { return 128; }

  /// The hash of all text from the beginning, or from behind the line at which it began again, up to `end`, a place in
  /// the last line. Long pieces at once: that is three times as fast as line by line.
  const BlockHash& hash_to(const char* end);
  void begin_hash();                       ///< again, behind the last line
  void no_hash() { is_hashing_ = false; }  ///< it is not asked for any more

  std::uint64_t line_number() const { return line_number_; }
  std::uint64_t bytes() const { return bytes_; }
  const std::string& name() const { return name_; }
  [[noreturn]] void fail(std::string_view key, std::string_view wrong, std::string_view allowed = {}) const;

 private:
  explicit LineSource(std::string name) : name_(std::move(name)), buffer_((std::size_t{1} << 18) + padding()) {}
  bool refill();
  std::size_t read(char* into, std::size_t room);
  std::size_t read_raw(char* into, std::size_t room);
  std::size_t decompress(char* into, std::size_t room);

  std::string name_;
  std::optional<InputFile> file_;
  std::string_view memory_;
  std::unique_ptr<ZSTD_DCtx_s, std::size_t (*)(ZSTD_DCtx_s*)> zstd_{nullptr, nullptr};
  std::vector<char> compressed_;
  std::size_t compressed_at_ = 0;
  std::size_t compressed_end_ = 0;
  bool frame_open_ = false;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool is_hashing_ = true;
  BlockHash hash_;
  std::size_t hashed_ = 0;  ///< up to here; meaningful while hashing, never beyond begin_
  std::uint64_t line_number_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace pagetoken
