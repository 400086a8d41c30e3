// The table of states and events that an exploration met.

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/columns.hpp"
#include "sim/base/text.hpp"
#include "sim/check/report/check_protocol.hpp"

namespace pagetoken {
namespace {

constexpr std::pair<Role, const char*> kRoles[] = {{Role::local, "node"}, {Role::home, "home"}};

std::uint64_t never_met(const Coverage::Table& table) {
  std::uint64_t never = 0;
  for (const auto& row : table.counts) never += static_cast<std::uint64_t>(std::count(row.begin(), row.end(), 0u));
  return never;
}

std::string role_text(const Coverage::Table& table, const char* whose) {
  std::vector<std::vector<std::string>> rows{{fmt::format("{}'s state", whose)}};
  rows.front().insert(rows.front().end(), table.events.begin(), table.events.end());
  for (std::size_t s = 0; s < table.states.size(); ++s) {
    std::vector<std::string>& row = rows.emplace_back();
    row.push_back(table.states[s]);
    for (const std::uint64_t count : table.counts[s]) row.push_back(count == 0 ? "-" : format_count(count));
  }
  std::string text;
  for (const std::string& line : aligned(rows)) text += line + "\n";
  return text +
         fmt::format("  of {} pairs, {} were never met\n", table.states.size() * table.events.size(), never_met(table));
}

}  // namespace

std::string coverage_text(const Coverage& coverage, const Declaration& declaration) {
  std::string text;
  for (const auto& [role, whose] : kRoles) {
    const Coverage::Table table = coverage.table(role);
    if (!table.states.empty()) text += "\n" + role_text(table, whose);
  }
  const std::vector<std::string> never = coverage.never_handled(declaration);
  if (!never.empty()) text += fmt::format("  never handled: {}\n", fmt::join(never, ", "));
  return text;
}

Json coverage_json(const Coverage& coverage, const Declaration& declaration) {
  Json json{{"never_handled", coverage.never_handled(declaration)}};
  for (const auto& [role, whose] : kRoles) {
    const Coverage::Table table = coverage.table(role);
    Json observed = Json::array(), never = Json::array();
    for (std::size_t s = 0; s < table.states.size(); ++s)
      for (std::size_t e = 0; e < table.events.size(); ++e) {
        Json pair{{"state", table.states[s]}, {"event", table.events[e]}};
        if (table.counts[s][e] == 0) {
          never.push_back(std::move(pair));
          continue;
        }
        pair["count"] = table.counts[s][e];
        observed.push_back(std::move(pair));
      }
    json[whose] = {{"observed", std::move(observed)}, {"never", std::move(never)}};
  }
  return json;
}

}  // namespace pagetoken
