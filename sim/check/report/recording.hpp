#pragma once
// A counterexample in a file, played again: every step must be the one that was recorded.

#include <string>

#include "sim/check/report/check_protocol.hpp"
#include "sim/check/report/check_report.hpp"
#include "sim/json/section.hpp"

namespace pagetoken {

/// Everything here throws ConfigError: for a file that is none, is of another schema, or whose path is not one that
/// this program takes, to the end that the file says.
class Recording {
 public:
  explicit Recording(const std::string& file);
  bool is_of_protocol() const;
  CheckOutcome scenario();
  ProtocolOutcome protocol(const ProtocolSet& protocols);

 private:
  /// The shape of what was recorded beside the configuration, into what a fresh exploration leaves.
  void read_path(Exploration& found);
  void compare_steps(const Json& played);
  std::optional<std::size_t> critical(std::size_t steps);
  void confirm(VmModel& model, const ScenarioResult& result) const;
  [[noreturn]] void differs(const std::string& how) const;

  const std::string file_;
  const Json json_;
  Section top_;
};

}  // namespace pagetoken
