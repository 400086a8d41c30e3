#pragma once
// A run's events as lines of JSON. docs/files.md, "Trace of a run", describes them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/output_file.hpp"
#include "sim/trace/block_hash.hpp"
#include "sim/trace/head.hpp"
#include "sim/trace/sink.hpp"

struct ZSTD_CCtx_s;

namespace pagetoken {

/// What the last record says of it.
struct TraceEnd {
  std::int64_t time_ns = 0;
  bool partial = false;          ///< interrupted
  std::uint64_t violations = 0;  ///< that the oracle found
  std::string_view fingerprint;  ///< of the event history
};

/// Writes a trace in the order of time. The file appears when all is written (`finish`), and not at all before.
class TraceWriter final : public TraceSink {
 public:
  /// Compressed with zstd if `path` ends in ".zst". Throws ConfigError if the file cannot be written, as does every
  /// other function here when the disk is full.
  explicit TraceWriter(const std::string& path);
  ~TraceWriter() override;

  void head(const TraceHead& head);  ///< once, first
  void finish(const TraceEnd& end);  ///< once, last

  void reached(std::int64_t time_ns) override;
  void because(const By& by) override { by_ = by; }
  void begin(const Where&, std::string_view kind, const Resource&, const Access&) override;
  void end(const Where&, std::string_view kind, std::string_view result, std::string_view event,
           std::int64_t latency_ns, std::uint32_t retries) override;
  void step(const Where&, std::uint32_t task, std::string_view kind, std::string_view step, std::string_view text,
            const Waiting&, bool retried, std::int64_t cost_ns) override;
  void wake(const Where&, std::uint32_t task, std::int64_t delay_ns) override;
  void hits(const Where&, const Resource&, const Hits& reads, const Hits& writes) override;
  void use(const Where&, FileId, std::uint64_t open_count, PageIndex last_end, bool sequential) override;
  void evict(const Where&, const Resource&) override;
  void timer(const Where&, const Resource&, std::string_view name) override;
  void need(const Where&, const Resource&, Range, std::string_view mode) override;
  void grant(const Where&, const Resource&, Range, std::string_view mode) override;
  void yield(const Where&, const Resource&, Range, std::string_view keep) override;
  void yielded(const Where&, const Resource&, Range, std::string_view keep) override;
  void send(const Where&, std::uint64_t message, NodeId to, std::string_view type, const Resource&,
            std::uint64_t bytes) override;
  void handle(const Where&, std::uint64_t message, NodeId from, std::string_view type, const Resource&,
              std::int64_t waited_ns, std::int64_t cpu_ns) override;
  void storage(const Where&, std::uint64_t request, NodeId server, bool is_write, const Resource&,
               std::string_view phase, std::int64_t waited_ns, std::int64_t service_ns) override;

 private:
  class Line;
  struct Pending {
    std::int64_t time_ns = 0;
    std::size_t offset = 0;  ///< in pending_text_
    std::size_t length = 0;
  };

  void sort_out(std::int64_t before_ns);
  void append(std::string_view line, std::int64_t time_ns);
  void close_block(std::string line);
  void write_frame();

  OutputFile file_;
  std::unique_ptr<ZSTD_CCtx_s, std::size_t (*)(ZSTD_CCtx_s*)> compressor_;  ///< null: plain text
  std::vector<char> pending_text_;  ///< lines that an earlier one may yet precede, in its first pending_size_ bytes
  std::size_t pending_size_ = 0;
  std::vector<Pending> pending_;  ///< in the order in which they were told
  std::vector<Pending> sorted_;
  std::size_t sort_at_bytes_;  ///< of pending_text_
  By by_{};
  BlockHash hash_;           ///< of the lines since the last check
  std::uint64_t lines_ = 0;  ///< and how many there are
  std::string frame_;        ///< whole lines in order, not written yet
  std::string compressed_;
};

}  // namespace pagetoken
