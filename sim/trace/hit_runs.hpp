#pragma once
// Hits on present PTEs are too many to be told one by one: they are counted for each page of a node, and told when the
// node loses the page's token, or the run is at its end.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "sim/trace/sink.hpp"

namespace pagetoken {

/// Those of one node. `slot`: any small number that stands for the page as long as the node caches it.
class HitRuns {
 public:
  /// [begin, end): bytes of the page that the access touches.
  void hit(TraceSink& sink, const TraceSink::Where& where, std::uint32_t slot, std::uint64_t page_key, bool is_write,
           std::uint64_t begin, std::uint64_t end, std::uint64_t page_bytes) {
    if (slot >= runs_.size()) runs_.resize(slot + std::size_t{1});
    Run& run = runs_[slot];
    if (run.page_key != page_key) {  // the slot has another page now
      tell(sink, where, run);
      run.page_key = page_key;
    }
    TraceSink::Hits& hits = is_write ? run.writes : run.reads;
    hits.begin = hits.count == 0 ? begin : std::min(hits.begin, begin);
    hits.end = std::max(hits.end, end);
    ++hits.count;
    const std::uint64_t first = begin * 64 / page_bytes;
    const std::uint64_t last = (end - 1) * 64 / page_bytes;
    hits.cells |= (~std::uint64_t{0} << first) & (~std::uint64_t{0} >> (63 - last));
  }
  void tell(TraceSink& sink, const TraceSink::Where& where, std::uint32_t slot) {
    if (slot < runs_.size()) tell(sink, where, runs_[slot]);
  }
  void tell_all(TraceSink& sink, const TraceSink::Where& where) {
    for (Run& run : runs_) tell(sink, where, run);
  }

 private:
  struct Run {
    std::uint64_t page_key = 0;
    TraceSink::Hits reads{};
    TraceSink::Hits writes{};
  };
  static void tell(TraceSink& sink, const TraceSink::Where& where, Run& run) {
    if (run.reads.count + run.writes.count == 0) return;
    sink.hits(where, Resource::from_key(run.page_key), run.reads, run.writes);
    run.reads = run.writes = {};
  }

  std::vector<Run> runs_;
};

}  // namespace pagetoken
