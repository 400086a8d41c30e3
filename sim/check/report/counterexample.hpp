#pragma once
// A counterexample, whichever model it is of: its steps as JSON, as a table, as a picture, and as a file that `replay`
// reads.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/check/report/step_times.hpp"
#include "sim/explore/exploration.hpp"
#include "sim/json/json.hpp"

namespace pagetoken {

struct CheckOutcome;
struct ProtocolOutcome;

struct CounterexampleStep {
  std::string actor{};  ///< who takes it: "F", "node 0 access#0", "node 0 -> node 2", "storage"
  std::string name{};   ///< the kernel's step, "F9"; the type of a message, "TOK_REQ"; "start", "read", "write"
  std::string text{};   ///< "set_pte"; "page 0 of file 0"; "store 0"
  std::string locks{};  ///< that the actor holds after it, "mmap_sem page_lock"
  std::uint32_t node = 0;
  std::optional<std::uint32_t> from{};     ///< of a message: the node that sent it
  std::vector<std::string> place{};        ///< of the table's columns Counterexample::headings
  std::size_t lane = 0;                    ///< of the picture
  std::optional<std::size_t> from_lane{};  ///< of a message
  bool is_lost = false;                    ///< a message that does not arrive
};

struct Counterexample {
  std::string title{};         ///< "fault-revoke under none: violated"
  std::string beginning{};     ///< where the path begins, or whose programs it is of
  std::string beginning_is{};  ///< "beginning", or "programs"
  Json check{};                ///< the configuration, every key said
  std::vector<std::string> headings{};
  std::vector<std::string> lanes{};
  std::vector<CounterexampleStep> steps{};
  std::optional<std::size_t> critical{};   ///< index of the step after which nothing avoids the violation
  std::string critical_unknown_because{};  ///< the limit that was met before it was found, "max_states"; else empty
  std::vector<std::string> states{};   ///< of the protocol's machines at the end: "node 0, page 0 of file 0: at rest"
  std::optional<std::size_t> cycle{};  ///< livelock: the step from which on it is over and over
};
/// Without steps where nothing is violated.
Counterexample counterexample_of(const CheckOutcome& outcome);
Counterexample counterexample_of(const ProtocolOutcome& outcome);

/// "ok", "violated", "deadlock", "livelock" or "unknown".
std::string verdict_word(const Exploration& found);
/// Adds to a result what is said of any exploration: verdict, property, counts, the counterexample, and why it ended.
void tell_found(Json& json, const Exploration& found, const Counterexample& counterexample);

Json steps_json(const Counterexample& counterexample);
/// The steps as a table; with times where given.
std::string steps_text(const Counterexample& counterexample, const PathTimes* times = nullptr);
/// One self-contained page with a sequence diagram.
std::string steps_html(const Counterexample& counterexample, const Exploration& found, const PathTimes& times);
/// What `replay` needs to play the violation again.
Json recorded_json(const Counterexample& counterexample, const Exploration& found);

}  // namespace pagetoken
