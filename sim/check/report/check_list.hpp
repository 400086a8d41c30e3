#pragma once
// A file with a list of checks and what each must find: docs/files.md, "check.json of a protocol".

#include <string>
#include <variant>
#include <vector>

#include "sim/check/report/check_protocol.hpp"

namespace pagetoken {

/// What the file says that a check finds; null members were not said.
struct Expectation {
  Json verdict;
  Json property;
  Json steps;
  Json states;
  Json transitions;

  /// The members that were said.
  Json json() const;
};

struct ListedCheck {
  std::string name;
  std::string pointer;  ///< of it in the file
  std::variant<CheckConfig, ProtocolCheck> check;
  Expectation expected;
  bool is_long = false;  ///< said to take more than 5 s
};

bool is_check_list(const Json& json);
/// What stands beside "checks" are keys that all of them have unless they say otherwise. Throws ConfigError.
std::vector<ListedCheck> bind_check_list(const Json& json, const std::string& file, const ProtocolSet& protocols);

struct ListedResult {
  Json json;  ///< of the check: check_result_json or protocol_result_json
  Exploration::Verdict verdict{};
  std::vector<std::string> differs;  ///< "states: 2026, expected 2025"
};
ListedResult run_listed(const ListedCheck& listed, const ScenarioOptions& options);

/// The result with "name", "expected" and "differs" beside it.
Json listed_json(const ListedCheck& listed, const ListedResult& result);
/// A line: what was found, the name, and what differs.
std::string listed_text(const ListedCheck& listed, const ListedResult& result);
/// The file's text with what was found in place of what was expected; the rest of it stays as it is.
std::string updated_list(std::string text, const std::vector<ListedCheck>& list,
                         const std::vector<ListedResult>& results);

}  // namespace pagetoken
