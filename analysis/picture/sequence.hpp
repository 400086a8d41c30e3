#pragma once
// A sequence diagram: a lane an actor, time downwards. The one drawer of counterexamples, faults, operations and
// histories.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace pagetoken {

struct SequenceRow {
  enum class Kind {
    event,   ///< a dot, and its text beside it
    wait,    ///< a thick bar
    message  ///< an arrow to `to`
  } kind = Kind::event;
  std::string time{};  ///< at the left edge
  std::string text{};
  std::string tip{};                     ///< shown while the pointer rests on it
  std::size_t from = 0, to = 0;          ///< lanes; the same of what happens in one
  std::optional<std::size_t> sent_at{};  ///< a message: the row that its arrow begins at, which then ends in a dot
  bool is_lost = false;                  ///< a message: the arrow ends half the way
};

/// Something that lasts, beside the line of a lane.
struct SequenceBar {
  std::size_t lane = 0;
  std::size_t first = 0, end = 0;  ///< rows
  std::string tip{};
};

/// A bar to scale, below the rows.
struct SequenceSpan {
  double begin = 0, end = 0;  ///< of the whole, 0 to 1
  std::string text{};
};

struct Sequence {
  std::string label{};      ///< for who does not see it
  std::string time_unit{};  ///< above the times: "ns"
  std::vector<std::string> lanes{};
  std::vector<SequenceRow> rows{};
  std::vector<SequenceBar> bars{};
  std::optional<std::size_t> critical{};  ///< the row that is shaded
  std::string footer{};                   ///< a line below the rows: "and 12 more"
  std::string spans_title{};
  std::vector<SequenceSpan> spans{};
};

/// Stands alone, and takes the colours of a page that it is put into (`.sequence` of style.css).
std::string sequence_svg(const Sequence& sequence);

}  // namespace pagetoken
