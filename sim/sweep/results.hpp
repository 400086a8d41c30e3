#pragma once
// DIR/results.jsonl: a line a run, appended whole, and put in order when all are there.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pagetoken {

/// The directory of a sweep, held against a second process for as long as the object lives.
class SweepDirectory {
 public:
  /// Makes it if need be. Throws ConfigError, also when another process holds it.
  explicit SweepDirectory(std::string path);
  ~SweepDirectory();
  SweepDirectory(const SweepDirectory&) = delete;
  SweepDirectory& operator=(const SweepDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
  int descriptor_ = -1;
};

/// What is known of a line without reading it again. Of two with one name the later counts, a success before a failure.
struct ResultLine {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;  ///< its newline aside
  bool failed = false;
  bool violated = false;     ///< the oracle says so
  std::uint64_t number = 0;  ///< in the file as it was indexed, from 1
};

/// A line that could not be used.
struct DamagedLine {
  std::uint64_t number = 0;  ///< counted from 1
  std::string reason{};
};

/// Reads a file of results. Lines that are broken are told of and left out; those that are repeated count once.
class ResultsIndex {
 public:
  /// An empty index if there is no file. Throws ConfigError if it cannot be read, or has a line beyond kMaxTextLine.
  explicit ResultsIndex(std::string path);

  const std::string& path() const { return path_; }
  const std::unordered_map<std::string, ResultLine>& lines() const { return lines_; }  ///< by run
  const ResultLine* find(const std::string& run) const;
  const std::vector<DamagedLine>& damaged() const { return damaged_; }
  /// Length of the part that consists of whole lines; what follows was cut off in the middle.
  std::uint64_t whole_bytes() const { return whole_bytes_; }
  std::uint64_t bytes() const { return bytes_; }

  /// The text of a line, without its newline. Throws ConfigError if it cannot be read.
  std::string read(const ResultLine& line) const;
  /// For ResultsFile, which wrote it.
  void add(const std::string& run, const ResultLine& line) { lines_[run] = line; }

 private:
  void scan();
  void take(std::string_view line, std::uint64_t offset, std::uint64_t number);

  std::string path_;
  int descriptor_ = -1;  ///< not owned twice: the index is not copied
  std::unordered_map<std::string, ResultLine> lines_;
  std::vector<DamagedLine> damaged_;
  std::uint64_t whole_bytes_ = 0;
  std::uint64_t bytes_ = 0;

 public:
  ~ResultsIndex();
  ResultsIndex(const ResultsIndex&) = delete;
  ResultsIndex& operator=(const ResultsIndex&) = delete;
};

/// Appends lines, each in one write. Where there is no room, what was written of a line is taken back.
class LineAppender {
 public:
  /// Cuts the file to `keep_bytes` first. Throws ConfigError.
  LineAppender(std::string path, std::uint64_t keep_bytes);
  ~LineAppender();
  LineAppender(const LineAppender&) = delete;
  LineAppender& operator=(const LineAppender&) = delete;

  /// `line` ends with a newline. Returns its offset. Throws ConfigError, for instance when the disk is full.
  std::uint64_t append(std::string_view line);

 private:
  [[noreturn]] void fail(int reason) const;

  std::string path_;
  int descriptor_ = -1;
  std::uint64_t end_ = 0;
};

/// Writes the lines of `runs` in that order, those that are missing left out; from `indices` the first that has a
/// success, else the first that has the run. The file appears in full or not at all.
void write_in_order(const std::string& path, const std::vector<std::string>& runs,
                    const std::vector<const ResultsIndex*>& indices);

}  // namespace pagetoken
