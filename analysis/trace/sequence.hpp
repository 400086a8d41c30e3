#pragma once
// Pictures of one operation, or of a page's history: a lifeline for each node, an arrow for each message.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/operation.hpp"
#include "sim/trace/event.hpp"
#include "sim/trace/head.hpp"

namespace pagetoken {

/// What is to be drawn: one operation, or everything about one page.
struct SequenceSubject {
  std::optional<std::uint64_t> operation;
  std::uint32_t file = 0;
  std::uint64_t page = 0;
};

/// Collects the events of its subject, up to a limit that a picture can show.
class SequenceDiagram {
 public:
  SequenceDiagram(const TraceHead& head, SequenceSubject subject) : head_(head), subject_(subject) {}
  void add(const TraceEvent& event);
  bool empty() const { return rows_.empty(); }
  /// `path`: of the operation, drawn beside its node's lifeline; empty for a page.
  std::string svg(const std::vector<Segment>& path = {}) const;

 private:
  static constexpr std::size_t kMaxRows = 400;
  struct Row {
    std::int64_t t = 0;
    std::int64_t sent = 0;  ///< of a message
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::string text;
    bool is_message = false;
  };
  bool concerns(const TraceEvent& event) const;
  void put(Row row);

  TraceHead head_;
  SequenceSubject subject_;
  std::vector<Row> rows_;
  std::vector<std::pair<std::uint64_t, std::int64_t>> sent_;  ///< messages under way, and since when
  std::uint64_t left_out_ = 0;
};

}  // namespace pagetoken
