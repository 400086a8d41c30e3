#include "sim/sweep/results.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>
#include <simdjson.h>

#include "sim/base/error.hpp"
#include "sim/base/input_file.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/base/line_file.hpp"
#include "sim/base/output_file.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

std::string text_of(int reason) { return std::generic_category().message(reason); }

[[noreturn]] void fail_to_read(const std::string& path, int reason) {
  throw ConfigError(path, "", "cannot be read: " + text_of(reason), "a file of results");
}

}  // namespace

SweepDirectory::SweepDirectory(std::string path) : path_(std::move(path)) {
  std::error_code error;
  std::filesystem::create_directories(path_, error);
  if (error) throw ConfigError(path_, "", "cannot be made: " + error.message(), "a directory");
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor_ < 0) throw ConfigError(path_, "", "cannot be opened: " + text_of(errno), "a directory");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(descriptor_);
    throw ConfigError(path_, "", "another sweep is writing here", "wait for it, or another directory");
  }
}

SweepDirectory::~SweepDirectory() { ::close(descriptor_); }

ResultsIndex::ResultsIndex(std::string path) : path_(std::move(path)) {
  InputFile input(path_);
  if (input.error() == ENOENT) return;
  if (!input.is_open()) fail_to_read(path_, input.error());
  descriptor_ = input.release();
  scan();
}

ResultsIndex::~ResultsIndex() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

const ResultLine* ResultsIndex::find(const std::string& run) const {
  const auto found = lines_.find(run);
  return found == lines_.end() ? nullptr : &found->second;
}

void ResultsIndex::scan() {
  std::string rest;  // of a line whose end has not been read
  std::string block(kBlockBytes, '\0');
  std::uint64_t number = 0;
  for (;;) {
    stop_if_interrupted();
    const ssize_t got = ::read(descriptor_, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_to_read(path_, errno);
    if (got == 0) break;
    std::string_view piece(block.data(), static_cast<std::size_t>(got));
    bytes_ += piece.size();
    for (std::size_t end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
      rest += piece.substr(0, end);
      take(rest, whole_bytes_, ++number);
      whole_bytes_ += rest.size() + 1;
      rest.clear();
      piece.remove_prefix(end + 1);
    }
    rest += piece;
    if (rest.size() > kMaxTextLine)
      throw ConfigError(path_, fmt::format("line {}", number + 1), fmt::format("is longer than {} bytes", kMaxTextLine),
                        "a file of results: a line a run");
  }
  if (!rest.empty()) damaged_.push_back({number + 1, "ends in the middle"});
}

void ResultsIndex::take(std::string_view line, std::uint64_t offset, std::uint64_t number) {
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view run;
  if (parser.parse(line.data(), line.size()).get(document) != simdjson::SUCCESS) {
    damaged_.push_back({number, "is no JSON"});
    return;
  }
  const bool failed = document["error"].error() == simdjson::SUCCESS;
  if (document["run"].get(run) != simdjson::SUCCESS || (!failed && document["summary"].error() != simdjson::SUCCESS)) {
    damaged_.push_back({number, "is no result of a run"});
    return;
  }
  ResultLine& known = lines_[std::string(run)];
  if (known.bytes != 0 && !known.failed && failed) return;
  std::string_view verdict;
  const bool judged = document["summary"]["verdict"]["oracle"].get(verdict) == simdjson::SUCCESS;
  known = {offset, line.size(), failed, judged && verdict == "violated", number};
}

std::string ResultsIndex::read(const ResultLine& line) const {
  // The file may have been made, and has grown, since it was indexed.
  const int descriptor = descriptor_ >= 0 ? descriptor_ : ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail_to_read(path_, errno);
  std::string text(line.bytes, '\0');
  std::size_t done = 0;
  int reason = 0;
  while (done < text.size() && reason == 0) {
    const ssize_t got =
        ::pread(descriptor, text.data() + done, text.size() - done, static_cast<off_t>(line.offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      reason = got < 0 ? errno : EIO;
    else
      done += static_cast<std::size_t>(got);
  }
  if (descriptor != descriptor_) ::close(descriptor);
  if (reason != 0) fail_to_read(path_, reason);
  return text;
}

LineAppender::LineAppender(std::string path, std::uint64_t keep_bytes) : path_(std::move(path)), end_(keep_bytes) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  // A device, which has no length, refuses to be cut, and needs it no more than a new file.
  if (descriptor_ < 0 || (::ftruncate(descriptor_, static_cast<off_t>(end_)) != 0 && errno != EINVAL)) fail(errno);
}

LineAppender::~LineAppender() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t LineAppender::append(std::string_view line) {
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t written =
        ::pwrite(descriptor_, line.data() + done, line.size() - done, static_cast<off_t>(end_ + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int reason = errno;
      [[maybe_unused]] const int ignored = ::ftruncate(descriptor_, static_cast<off_t>(end_));
      fail(reason);
    }
    done += static_cast<std::size_t>(written);
  }
  return std::exchange(end_, end_ + line.size());
}

void LineAppender::fail(int reason) const {
  throw ConfigError(path_, "", "cannot be written: " + text_of(reason),
                    "what was written stays; with room, the same command goes on");
}

void write_in_order(const std::string& path, const std::vector<std::string>& runs,
                    const std::vector<const ResultsIndex*>& indices) {
  OutputFile file(path);
  for (const std::string& run : runs) {
    const ResultsIndex* source = nullptr;
    const ResultLine* best = nullptr;
    for (const ResultsIndex* index : indices) {
      const ResultLine* line = index->find(run);
      if (!line || (best && !(best->failed && !line->failed))) continue;
      best = line;
      source = index;
    }
    if (best) file.write(source->read(*best) + "\n");
  }
  file.commit();
}

}  // namespace pagetoken
