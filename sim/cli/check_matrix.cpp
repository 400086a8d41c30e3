#include "sim/cli/check_matrix.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include <fmt/format.h>

#include "sim/base/interrupt.hpp"
#include "sim/base/progress.hpp"
#include "sim/base/text.hpp"
#include "sim/check/report/counterexample.hpp"
#include "sim/config/overrides.hpp"

namespace pagetoken {

std::vector<GuardConfig> matrix_guards(const std::vector<std::string>& assignments) {
  std::vector<GuardConfig> guards;
  if (assignments.empty()) {
    for (const GuardPreset& preset : guard_presets()) guards.push_back({preset.name, preset.scheme, preset.scheme});
    return guards;
  }
  const std::string origin = "--set";
  Json json = Json::object();
  for (const std::string& assignment : assignments) apply_assignment(json, assignment, origin);
  Section section(Value(json, origin));
  const Value guard =
      section.required("guard", "/guard=NAME, a file or an object of switches: all that a matrix takes");
  section.finish();
  guards.push_back(bind_guard(guard));
  return guards;
}

std::vector<CheckConfig> matrix_configs(const std::vector<GuardConfig>& guards) {
  std::vector<CheckConfig> configs;
  for (const ScenarioInfo& info : scenario_infos()) {
    for (const GuardConfig& guard : guards) {
      const ScenarioSpec usual = default_spec(info.id, guard.scheme);
      configs.push_back({guard, usual, "", guard.name});
      for (Variant& variant : variants_of(usual)) {
        const GuardConfig changed{guard.name, variant.spec.guard, guard.base};
        configs.push_back({changed, std::move(variant.spec), std::move(variant.name), guard.name});
      }
    }
  }
  return configs;
}

std::vector<CheckConfig> deep_configs(const std::vector<CheckConfig>& matrix) {
  std::vector<CheckConfig> configs;
  ScenarioSpec usual;
  for (const CheckConfig& config : matrix) {
    if (config.variant.empty())
      usual = config.spec;
    else if (!differ_in_one_switch(usual, config.spec))
      continue;
    configs.push_back(config);
    configs.back().spec = deepened(config.spec);
  }
  return configs;
}

std::vector<CheckOutcome> explore_all(const std::vector<CheckConfig>& configs, const MatrixOptions& options) {
  std::vector<CheckOutcome> outcomes(configs.size());
  Progress progress("check", "scenarios", configs.size(), Progress::Options{.quiet = options.quiet});
  std::mutex mutex;
  std::atomic<std::size_t> next{0}, done{0};
  std::exception_ptr error;
  const auto work = [&] {
    try {
      for (std::size_t i; (i = next++) < configs.size() && !interrupted();) {
        outcomes[i] = {configs[i], explore_scenario(configs[i].spec, options.each)};
        const std::lock_guard lock(mutex);
        progress.update(++done);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      error = std::current_exception();
      next = configs.size();
    }
  };
  std::vector<std::jthread> threads;
  for (std::uint32_t t = 1; t < options.jobs; ++t) threads.emplace_back(work);
  work();
  threads.clear();
  progress.clear();
  if (error) std::rethrow_exception(error);
  std::erase_if(outcomes, [](const CheckOutcome& o) { return o.result.found.states == 0; });  // Ctrl-C came first
  return outcomes;
}

namespace {

/// "I2/23", "deadlock/30", "ok".
std::string matrix_cell(const CheckOutcome& outcome) {
  const ScenarioResult& r = outcome.result;
  std::string word = verdict_word(r.found);
  if (word == "violated") return fmt::format("{}/{}", r.found.broken.property.name(), r.steps.size());
  if (word == "deadlock" || word == "livelock") return fmt::format("{}/{}", word, r.steps.size());
  return word;
}

/// Whether two cells say the same, steps aside.
bool same_verdict(const std::string& a, const std::string& b) {
  return a.substr(0, a.find('/')) == b.substr(0, b.find('/'));
}

/// "truncate-", "sem": a heading of two lines.
std::pair<std::string, std::string> heading(const std::string& guard) {
  const std::size_t cut = guard.find_first_of("-+");
  if (cut == std::string::npos) return {"", guard};
  return {guard.substr(0, cut + 1), guard.substr(cut + 1)};
}

/// Outcomes by what they are of; the guards in their order.
class Cells {
 public:
  explicit Cells(const std::vector<CheckOutcome>& outcomes) {
    for (const CheckOutcome& o : outcomes) {
      const std::string& guard = o.config.guard_name;
      if (std::find(guards_.begin(), guards_.end(), guard) == guards_.end()) guards_.push_back(guard);
      cells_[{o.config.spec.id, guard, o.config.variant}] = matrix_cell(o);
    }
  }

  const std::vector<std::string>& guards() const { return guards_; }
  /// Empty if there is none.
  std::string at(ScenarioId scenario, const std::string& guard, const std::string& variant = {}) const {
    const auto found = cells_.find({scenario, guard, variant});
    return found == cells_.end() ? "" : found->second;
  }
  /// No guard takes part in revoke-orders: what is found there under one is found under all.
  bool is_repeated(const CheckOutcome& o) const {
    return scenario_info(o.config.spec.id).has_order && o.config.guard_name != guards_.front();
  }

 private:
  std::vector<std::string> guards_;
  std::map<std::tuple<ScenarioId, std::string, std::string>, std::string> cells_;
};

/// The defaults: a row a scenario, a column a guard.
std::string table_text(const Cells& cells) {
  std::vector<std::size_t> widths;
  for (const std::string& guard : cells.guards()) {
    std::size_t width = std::max(heading(guard).first.size(), heading(guard).second.size());
    for (const ScenarioInfo& info : scenario_infos()) width = std::max(width, cells.at(info.id, guard).size());
    widths.push_back(width);
  }
  const std::vector<std::string>& guards = cells.guards();
  std::string first = fmt::format("{:<22}", ""), second = first;
  for (std::size_t g = 0; g < guards.size(); ++g) {
    first += fmt::format("  {:<{}}", heading(guards[g]).first, widths[g]);
    second += fmt::format("  {:<{}}", heading(guards[g]).second, widths[g]);
  }
  std::string text = first + "\n" + second + "\n";
  for (const ScenarioInfo& info : scenario_infos()) {
    text += fmt::format("{:<22}", info.name);
    for (std::size_t g = 0; g < guards.size(); ++g)
      text += fmt::format("  {:<{}}", cells.at(info.id, guards[g]), widths[g]);
    text += "\n";
  }
  return text;
}

std::string change_text(const CheckOutcome& o, const std::string& now, const std::string& before) {
  return fmt::format("  {:<22}  {:<15}  {:<50}  {} (was {})\n", scenario_info(o.config.spec.id).name,
                     o.config.guard_name, o.config.variant.empty() ? "-" : o.config.variant, now, before);
}

}  // namespace

std::string matrix_text(const std::vector<CheckOutcome>& outcomes) {
  if (outcomes.empty()) return {};
  const Cells cells(outcomes);
  std::string text = table_text(cells);
  text += "\nI2/23: invariant I2 is violated, in 23 steps at the shortest. Within one round of each actor and one\n";
  text += "interferer, where a variant does not say otherwise.\n\n";

  std::size_t variants = 0, same = 0;
  std::string other;
  for (const CheckOutcome& o : outcomes) {
    if (o.config.variant.empty()) continue;
    ++variants;
    const std::string before = cells.at(o.config.spec.id, o.config.guard_name);
    const std::string now = matrix_cell(o);
    if (same_verdict(now, before))
      ++same;
    else if (!cells.is_repeated(o))
      other += change_text(o, now, before);
  }
  return text + fmt::format("{} variants, of which {} change nothing; the others (revoke-orders under {} only):\n{}",
                            variants, same, cells.guards().front(), other);
}

std::string deep_text(const std::vector<CheckOutcome>& deep, const std::vector<CheckOutcome>& matrix) {
  if (deep.empty()) return {};
  const Cells cells(deep), before(matrix);
  std::string text = "\nTwo rounds of each actor, and two interferers where a scenario takes so many:\n\n";
  text += table_text(cells);
  std::size_t unknown = 0;
  std::string found, mended;
  for (const CheckOutcome& o : deep) {
    const std::string now = matrix_cell(o);
    const std::string once = before.at(o.config.spec.id, o.config.guard_name, o.config.variant);
    if (now == "unknown")
      ++unknown;
    else if (!same_verdict(now, once) && !cells.is_repeated(o))
      (now == "ok" ? mended : found) += change_text(o, now, once);
  }
  text += fmt::format("\n{} explored, of which {} not to the end; found beyond the first:\n{}", deep.size(), unknown,
                      found);
  if (mended.empty()) return text;
  return text +
         "What a later round or interferer mends, since invariants at rest are judged when every round is over:\n" +
         mended;
}

}  // namespace pagetoken
