#include "sim/validate/validate.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "analysis/picture/html_document.hpp"
#include "analysis/statistics/statistics.hpp"
#include "sim/base/columns.hpp"
#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"
#include "sim/check/report/check_list.hpp"
#include "sim/check/report/check_protocol.hpp"
#include "sim/config/expression.hpp"
#include "sim/run/simulate.hpp"
#include "sim/validate/models.hpp"

namespace pagetoken {
namespace {

/// What the expressions of a row are about: a summary, or a result.
Json subject_json(const ValidationCase& row, const ProtocolSet& protocols, std::uint64_t seed) {
  Json what = row.what;
  switch (row.subject) {
    case ValidationSubject::run:
      what["seed"] = seed;
      return summary_json(simulate(bind_run_config(what, row.file, protocols.declarations()), protocols));
    case ValidationSubject::check: {
      ListedCheck check;
      const bool is_protocol = what.value("scenario", Json()) == "protocol";
      if (is_protocol)
        check.check = bind_protocol_check(what, row.file, protocols);
      else
        check.check = bind_check(what, row.file);
      Json result = run_listed(check, {}).json;
      if (const Json& step = result.at("critical_step"); step.is_number())
        result["critical"] = result.at("counterexample").at(step.get<std::size_t>() - 1);
      return result;
    }
    case ValidationSubject::worst_case: {
      what["scenario"] = "protocol";
      return worst_cases_json(find_worst_cases(bind_protocol_check(what, row.file, protocols), {}));
    }
    case ValidationSubject::model: return explore_model(what, row.file);
  }
  return {};
}

Json value_of(const ValidationCase& row, const Json& subject) {
  const auto lookup = [&](const std::string& pointer) -> std::optional<Json> {
    const Json* found = find_at(subject, pointer);
    return found ? std::optional<Json>(*found) : std::nullopt;
  };
  // A member's name may have what an expression takes for an operator: "UPGRADE(2)".
  const Json* member = find_at(subject, row.ours);
  Json value = member ? *member : Expression(row.ours, row.file, "/ours").evaluate(lookup);
  if (row.per.empty() || !value.is_number()) return value;
  const double per = Expression(row.per, row.file, "/per").evaluate(lookup).get<double>();
  return per == 0 ? Json() : Json(value.get<double>() / per);
}

bool holds(const ValidationCase& row, const std::vector<Json>& values, double mean) {
  switch (row.kind) {
    case ValidationKind::exact:
      return std::all_of(values.begin(), values.end(), [&](const Json& value) { return value == row.published; });
    case ValidationKind::closed_form:
    case ValidationKind::ratio: {
      const double published = row.published.get<double>();
      return std::abs(mean - published) <= row.tolerance * std::abs(published);
    }
    case ValidationKind::shape: return values.front() == row.published;
  }
  return false;
}

std::string value_text(const Json& value) {
  if (value.is_null()) return "-";
  if (!value.is_number()) return value.is_string() ? value.get<std::string>() : value.dump();
  return value.is_number_integer() ? value.dump() : fmt::format("{:.6g}", value.get<double>());
}

std::string tolerance_text(const ValidationCase& row) {
  return row.tolerance == 0 ? "exact" : fmt::format("{:g} %", 100 * row.tolerance);
}

}  // namespace

Validated validate(const ValidationCase& row, const ProtocolSet& protocols) {
  Validated result;
  result.row = row;
  if (!row.protocol.empty() && !protocols.find(row.protocol)) {
    result.reason = fmt::format("there is no protocol {}", row.protocol);
    return result;
  }
  std::vector<Json> values;
  std::vector<double> numbers;
  try {
    for (std::uint32_t k = 0; k < row.repetitions; ++k) {
      values.push_back(value_of(row, subject_json(row, protocols, k + 1)));
      if (values.back().is_number()) numbers.push_back(values.back().get<double>());
    }
  } catch (const std::exception& error) {
    result.verdict = ValidationVerdict::off;
    result.reason = error.what();
    return result;
  }
  double mean = 0;
  result.ours = values.front();
  if (numbers.size() == values.size()) {
    const Interval interval = student_interval(numbers);
    mean = interval.mean;
    if (values.size() > 1) result.ours = mean;
    const double half = interval.known() ? interval.half_width : 0;
    result.interval = {mean - half, mean + half};
  } else if (row.published.is_number()) {
    result.verdict = ValidationVerdict::off;
    result.reason = "what we have is no number";
    return result;
  }
  result.verdict = holds(row, values, mean) ? ValidationVerdict::ok : ValidationVerdict::off;
  return result;
}

std::vector<Validated> validate_all(const std::vector<ValidationCase>& rows, const ProtocolSet& protocols,
                                    const ValidateOptions& options) {
  std::vector<std::optional<Validated>> done(rows.size());
  std::atomic<std::size_t> next = 0, finished = 0;
  std::mutex telling;
  std::exception_ptr failure;
  const auto work = [&] {
    for (std::size_t i; (i = next++) < rows.size();) {
      try {
        if (options.stop && options.stop()) return;
        done[i] = validate(rows[i], protocols);
      } catch (const Interrupted&) {
        return;
      } catch (...) {
        const std::lock_guard lock(telling);
        failure = std::current_exception();
        next = rows.size();
        return;
      }
      const std::size_t count = ++finished;
      const std::lock_guard lock(telling);
      if (options.on_progress) options.on_progress(count, rows.size());
    }
  };
  std::vector<std::thread> threads;
  for (std::uint32_t j = 1; j < options.jobs; ++j) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
  std::vector<Validated> all;
  for (std::optional<Validated>& one : done)
    if (one) all.push_back(std::move(*one));
  return all;
}

Json validation_json(const std::vector<Validated>& all) {
  Json json = Json::array();
  for (const Validated& v : all) {
    json.push_back({{"name", v.row.name},
                    {"source", v.row.source},
                    {"section", v.row.section},
                    {"derived", v.row.derived},
                    {"kind", kValidationKindNames[static_cast<std::size_t>(v.row.kind)]},
                    {"set_up", v.row.set_up},
                    {"published", v.row.published},
                    {"ours", v.ours},
                    {"interval", v.interval ? Json({v.interval->first, v.interval->second}) : Json()},
                    {"tolerance", v.row.tolerance},
                    {"unit", v.row.unit},
                    {"verdict", kValidationVerdictNames[static_cast<std::size_t>(v.verdict)]}});
    if (!v.reason.empty()) json.back()["reason"] = v.reason;
  }
  return json;
}

std::string validation_text(const std::vector<Validated>& all) {
  std::vector<std::vector<std::string>> rows{{"", "name", "published", "ours", "within", "unit"}};
  for (const Validated& v : all)
    rows.push_back({std::string(kValidationVerdictNames[static_cast<std::size_t>(v.verdict)]), v.row.name,
                    value_text(v.row.published), v.reason.empty() ? value_text(v.ours) : v.reason,
                    tolerance_text(v.row), v.row.unit});
  std::string text;
  for (const std::string& line : aligned(rows, {2, 3})) text += line + "\n";
  return text;
}

std::string validation_summary(const std::vector<Validated>& all) {
  std::size_t ok = 0, skipped = 0;
  std::set<std::string> sources;
  for (const Validated& v : all) {
    if (v.verdict == ValidationVerdict::skipped) {
      ++skipped;
      continue;
    }
    ok += v.verdict == ValidationVerdict::ok ? 1 : 0;
    if (!v.row.derived) sources.insert(v.row.source);
  }
  return fmt::format("{} of {} numbers hold, from {} published sources{}", ok, all.size() - skipped, sources.size(),
                     skipped > 0 ? fmt::format("; {} skipped, whose protocols are not there", skipped) : "");
}

std::string validation_html(const std::vector<Validated>& all) {
  HtmlDocument page;
  page.section("numbers", "Published numbers against ours");
  page.paragraph(validation_summary(all) + ".");
  ReportTable table{"Each number, where it was published, and what this program makes of it.",
                    {"name", "verdict", "published", "ours", "95 % interval", "within", "unit", "set-up", "source"},
                    {}};
  for (const Validated& v : all) {
    const auto number = [](const Json& value) {
      return TableCell{value_text(value), value.is_number() ? std::optional(value.get<double>()) : std::nullopt};
    };
    table.rows.push_back({{v.row.name},
                          {std::string(kValidationVerdictNames[static_cast<std::size_t>(v.verdict)])},
                          number(v.row.published),
                          v.reason.empty() ? number(v.ours) : TableCell{v.reason},
                          {v.interval ? fmt::format("{:.6g} to {:.6g}", v.interval->first, v.interval->second) : "-"},
                          {tolerance_text(v.row)},
                          {v.row.unit},
                          {v.row.set_up},
                          {fmt::format("{}; {}", v.row.source, v.row.section)}});
  }
  page.table("validation", table);
  return page.finish("pagetoken validate: published numbers against ours", {});
}

}  // namespace pagetoken
