#pragma once
// Reads a trace, plain or zstd, in bounded memory, and checks every line of it against the schema.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/trace/event.hpp"
#include "sim/trace/head.hpp"

namespace pagetoken {

class TraceReader {
 public:
  /// Reads the first line. Throws ConfigError(file, "line N, key", ...) for a file that is missing or no trace, as
  /// next() does for whatever is wrong later: text that is no JSON object, an unknown `kind`, a key that lacks or has a
  /// value of another kind, time that runs back, a node that there is not, a block whose hash differs, a line before
  /// the end without its newline, and a trace that ends without `finish`. Keys that are not known are passed over.
  static TraceReader from_file(const std::string& path);
  /// Reads `text`, which must outlive the reader; `name` stands for the file in errors.
  static TraceReader from_memory(std::string_view text, std::string name);
  TraceReader(TraceReader&&) noexcept;
  ~TraceReader();

  const TraceHead& head() const;
  /// The next event, `check` lines left out; false after `finish`, which is the last event handed out.
  bool next(TraceEvent& event);

  std::uint64_t line_number() const;  ///< of the last event; the first line is 1
  std::uint64_t bytes() const;        ///< read so far, uncompressed
  const std::string& name() const;

 private:
  class Impl;
  explicit TraceReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pagetoken
