#include "sim/config/sweep_config.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/fingerprint.hpp"
#include "sim/base/text.hpp"
#include "sim/config/axis.hpp"
#include "sim/config/overrides.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kValuesTried = 1000;
constexpr std::string_view kSweepKeys[] = {"$schema", "title", "base", "vary", "together", "constraint", "repetitions"};

/// Pointers of every value that is no object, for "did you mean".
std::vector<std::string> leaves_of(const Json& document) {
  std::vector<std::string> found;
  const Json flat = document.flatten();
  for (const auto& [pointer, unused] : flat.items()) found.push_back(pointer);
  return found;
}

std::string nearest_leaf(const Json& document, const std::string& pointer) {
  const std::optional<std::string> near = nearest_name(pointer, leaves_of(document));
  return near ? fmt::format("did you mean {}?", quote(*near)) : "a pointer into the run's configuration";
}

/// A name and the object that it is short for are the same thing to a condition.
Json name_of_value(const Json& value) {
  for (const char* key : {"/name", "/preset"})
    if (const Json* name = value.is_object() ? find_at(value, key) : nullptr) return *name;
  return value;
}

std::optional<Json> value_at(const Json& document, const std::string& pointer) {
  try {
    const Json* found = find_at(document, pointer);
    return found ? std::optional(name_of_value(*found)) : std::nullopt;
  } catch (const ConfigError&) {  // no pointer
    return std::nullopt;
  }
}

bool is_at_or_below(const std::string& place, const std::string& pointer) {
  return place == pointer || (place.starts_with(pointer) && place[pointer.size()] == '/');
}

std::string first_key(std::string_view pointer) {
  const std::size_t start = pointer.starts_with('/') ? 1 : 0;
  return std::string(pointer.substr(start, pointer.find_first_of("/=", start) - start));
}

}  // namespace

Sweep::Sweep(const Json& json, std::string file, std::string base_file, std::span<const Declaration* const> protocols)
    : file_(std::move(file)), base_file_(std::move(base_file)), protocols_(protocols.begin(), protocols.end()) {
  Section section(Value(json, file_));
  section.text("$schema", "");
  title_ = section.text("title", "");
  const Value base = section.required("base", R"("base": "../runs/uniform.json", or the configuration itself)");
  if (!base.json().is_object()) base.fail_type("the file of a run configuration, or the configuration itself");
  base_ = base.json();
  repetitions_ = static_cast<std::uint64_t>(section.integer("repetitions", 1, kRepetitionRange));
  if (const std::optional<Json> seed = value_at(base_, "/seed"))
    first_seed_ = static_cast<std::uint64_t>(
        Value(*seed, base_file_, "/seed").integer({kSeedRange.min, kSeedRange.max - kRepetitionRange.max}));
  base_.erase("seed");
  base_.erase("$schema");
  bind_axes(section);
  join_axes(section);
  const std::optional<Value> constraint = section.find("constraint");
  section.finish();
  require_values();
  if (constraint) constraint_ = condition(constraint->text(), file_, constraint->pointer());
}

void Sweep::bind_axes(Section& section) {
  const Value vary = section.required("vary", R"("vary": {"/cluster/clients": [1, 2, 4]})");
  if (!vary.json().is_object()) vary.fail_type("an object of JSON pointers and their values");
  vary_ = Json::object();
  for (const auto& [pointer, values] : vary.json().items()) {
    const Value value = vary.below(pointer, values);
    if (!pointer.starts_with('/'))
      value.fail("is no JSON pointer", "one that begins with \"/\", for instance \"/protocol\"");
    if (is_at_or_below(pointer, "/seed")) value.fail("the seed is not varied", "\"repetitions\": a seed each");
    for (const auto& [other, unused] : vary.json().items())
      if (other != pointer && is_at_or_below(pointer, other))
        value.fail(fmt::format("is part of {}, which is varied too", quote(other)), "one of the two");
    vary_[pointer] = axis_values(value);
  }
}

/// Makes the axes: one a group of `together`, and one for each pointer that is in none.
void Sweep::join_axes(Section& section) {
  const std::optional<Value> together = section.find("together");
  together_ = together ? together->json() : Json::array();
  std::vector<std::string> grouped;
  for (const Value& group : together ? together->elements() : std::vector<Value>{}) {
    Axis axis;
    for (const Value& member : group.elements()) {
      const std::string pointer = member.text();
      std::vector<std::string> varied;
      for (const auto& [name, unused] : vary_.items()) varied.push_back(name);
      if (!vary_.contains(pointer))
        member.fail(fmt::format("{} is not varied", quote(pointer)), describe_allowed(pointer, varied));
      if (std::find(grouped.begin(), grouped.end(), pointer) != grouped.end())
        member.fail(fmt::format("{} is in a group already", quote(pointer)), "each pointer once");
      if (vary_[pointer].size() != vary_[group.elements().front().text()].size())
        member.fail(fmt::format("{} has {} values", quote(pointer), vary_[pointer].size()),
                    fmt::format("as many as {}: {}", group.elements().front().text(),
                                vary_[group.elements().front().text()].size()));
      grouped.push_back(pointer);
      axis.pointers.push_back(pointer);
    }
    if (axis.pointers.size() < 2) group.fail("couples nothing", "two pointers or more");
    std::sort(axis.pointers.begin(), axis.pointers.end());
    axes_.push_back(std::move(axis));
  }
  for (const auto& [pointer, unused] : vary_.items())
    if (std::find(grouped.begin(), grouped.end(), pointer) == grouped.end()) axes_.push_back({{pointer}, {}});
  std::sort(axes_.begin(), axes_.end(), [](const Axis& a, const Axis& b) { return a.pointers < b.pointers; });
  for (Axis& axis : axes_) {
    axis.values.resize(vary_[axis.pointers.front()].size());
    for (const std::string& pointer : axis.pointers)
      for (std::size_t i = 0; i < axis.size(); ++i) axis.values[i].push_back(vary_[pointer][i]);
  }
}

/// Finds what is wrong with an axis before anything runs: a value that goes with nothing is a slip of the pen. One that
/// only some combinations refuse makes failed points.
void Sweep::require_values() {
  std::optional<ConfigError> first;
  const auto binds = [&](const std::vector<std::size_t>& steps) {
    try {
      defaults_ = effective(bind(document_of(steps), first_seed_));
      return true;
    } catch (const ConfigError& error) {
      if (!first) first = error;
      return false;
    }
  };
  if (!try_each({}, std::vector<std::size_t>(axes_.size()), binds)) {
    for (const Axis& axis : axes_)
      for (const std::string& pointer : axis.pointers)
        if (is_at_or_below(first->place(), pointer))
          throw ConfigError(file_, pointer_below("/vary", pointer), first->wrong(), first->allowed());
    throw *first;
  }
  for (std::size_t a = 0; a < axes_.size(); ++a)
    // Of a very long axis, a thousand values spread over it.
    for (std::size_t v = 0; v < axes_[a].size(); v += 1 + axes_[a].size() / kValuesTried) require_value(a, v);
}

/// Whether `accepts` takes `steps`, or what it becomes when one axis other than `fixed` is put to another value.
bool Sweep::try_each(std::optional<std::size_t> fixed, const std::vector<std::size_t>& steps,
                     const std::function<bool(const std::vector<std::size_t>&)>& accepts) const {
  if (accepts(steps)) return true;
  for (std::size_t a = 0; a < axes_.size(); ++a)
    for (std::size_t v = 1; a != fixed && v < axes_[a].size(); ++v) {
      std::vector<std::size_t> varied = steps;
      varied[a] = v;
      if (accepts(varied)) return true;
    }
  return false;
}

void Sweep::require_value(std::size_t axis, std::size_t value) const {
  std::optional<ConfigError> first;
  std::string pointer;
  const auto binds = [&](const std::vector<std::size_t>& steps) {
    try {
      bind(document_of(steps), first_seed_);
      return true;
    } catch (const ConfigError& error) {
      for (const std::string& candidate : axes_[axis].pointers)
        if (!first && is_at_or_below(error.place(), candidate)) {
          first = error;
          pointer = candidate;
        }
      return false;
    }
  };
  std::vector<std::size_t> steps(axes_.size());
  steps[axis] = value;
  if (try_each(axis, steps, binds) || !first) return;
  throw ConfigError(file_, pointer_below(pointer_below("/vary", pointer), std::to_string(value)), first->wrong(),
                    first->allowed());
}

std::uint64_t Sweep::grid_size() const {
  std::uint64_t size = 1;
  for (const Axis& axis : axes_) {
    if (size > std::numeric_limits<std::uint64_t>::max() / axis.size())
      return std::numeric_limits<std::uint64_t>::max();
    size *= axis.size();
  }
  return size;
}

std::vector<std::uint64_t> Sweep::points(const Expression* condition) const {
  const std::uint64_t size = grid_size();
  if (size > kMaxGrid)
    throw ConfigError(file_, "/vary", fmt::format("makes {} points", size), fmt::format("at most {}", kMaxGrid));
  std::vector<std::uint64_t> found;
  for (std::uint64_t number = 0; number < size; ++number) {
    const auto holds = [&](const Expression& expression) {
      const Json at = document(number);
      return expression.holds([&](const std::string& pointer) { return look_up(at, pointer); });
    };
    if (constraint_ && !holds(*constraint_)) continue;
    if (condition && !holds(*condition)) continue;
    found.push_back(number);
  }
  if (found.empty() && constraint_) constraint_->fail("leaves no point", "a condition that at least one point meets");
  return found;
}

std::vector<std::size_t> Sweep::steps_of(std::uint64_t number) const {
  std::vector<std::size_t> steps(axes_.size());
  for (std::size_t a = axes_.size(); a-- > 0;) {
    steps[a] = static_cast<std::size_t>(number % axes_[a].size());
    number /= axes_[a].size();
  }
  return steps;
}

Json Sweep::document_of(const std::vector<std::size_t>& steps) const {
  Json document = base_;
  for (std::size_t a = 0; a < axes_.size(); ++a)
    for (std::size_t p = 0; p < axes_[a].pointers.size(); ++p)
      set_at(document, axes_[a].pointers[p], axes_[a].values[steps[a]][p], file_);
  return document;
}

Json Sweep::point(std::uint64_t number) const {
  const std::vector<std::size_t> steps = steps_of(number);
  Json point = Json::object();
  for (std::size_t a = 0; a < axes_.size(); ++a)
    for (std::size_t p = 0; p < axes_[a].pointers.size(); ++p)
      point[axes_[a].pointers[p]] = axes_[a].values[steps[a]][p];
  return point;
}

Json Sweep::document(std::uint64_t number) const { return document_of(steps_of(number)); }

std::string Sweep::run_name(const Json& document, std::uint64_t seed) {
  Fingerprint name;
  name.add_text(document.dump());
  name.add(seed);
  return name.hex();
}

RunConfig Sweep::bind(const Json& document, std::uint64_t seed) const {
  Json whole = document;
  whole["seed"] = seed;
  return bind_run_config(whole, base_file_, protocols_);
}

Json Sweep::json() const {
  Json json{{"base", base_}, {"vary", vary_}, {"repetitions", repetitions_}};
  json["base"]["seed"] = first_seed_;
  if (!title_.empty()) json["title"] = title_;
  if (!together_.empty()) json["together"] = together_;
  if (constraint_) json["constraint"] = constraint_->text();
  return json;
}

std::optional<Json> Sweep::look_up(const Json& document, const std::string& pointer) const {
  if (std::optional<Json> written = value_at(document, pointer)) return written;
  return value_at(defaults_, pointer);
}

Expression Sweep::condition(const std::string& text, const std::string& origin, const std::string& place) const {
  Expression expression(text, origin, place);
  const Json first = document(0);
  for (const std::string& pointer : expression.pointers())
    if (!vary_.contains(pointer) && !look_up(first, pointer))
      expression.fail(fmt::format("no key {} in the run's configuration", quote(pointer)),
                      nearest_leaf(defaults_, pointer));
  return expression;
}

Sweep load_sweep(const std::filesystem::path& path, const Overrides& overrides,
                 std::span<const Declaration* const> protocols) {
  const std::string file = path.string();
  Json json = read_json_file(path);
  std::string base_file = file;
  if (json.is_object() && json.contains("base") && json["base"].is_string()) {
    std::filesystem::path base = json["base"].get<std::string>();
    if (base.is_relative() && std::filesystem::exists(path.parent_path() / base)) base = path.parent_path() / base;
    base_file = base.lexically_normal().string();
    try {
      json["base"] = read_json_file(base);
    } catch (const ConfigError& error) {
      if (!error.place().empty()) throw;
      throw ConfigError(file, "/base", fmt::format("{} {}", quote(base_file), error.wrong()), error.allowed());
    }
  }
  const auto set = [&](const std::string& assignment, const std::string& origin) {
    const std::string key = first_key(assignment);
    const bool of_sweep = std::find(std::begin(kSweepKeys), std::end(kSweepKeys), key) != std::end(kSweepKeys);
    if (of_sweep || !json.is_object()) return apply_assignment(json, assignment, origin);
    const std::string pointer = assignment.substr(0, assignment.find('='));
    const Json vary = json.value("vary", Json::object());
    for (const auto& [varied, unused] : vary.items())
      if (is_at_or_below(pointer, varied) || is_at_or_below(varied, pointer))
        throw ConfigError(origin, pointer, "is varied by the sweep",
                          fmt::format("--set '{}=[...]' sets its values", pointer_below("/vary", varied)));
    apply_assignment(json["base"], assignment, origin);
  };
  for (const std::string& assignment : overrides.set) set(assignment, "--set");
  if (overrides.seed) set(fmt::format("/seed={}", *overrides.seed), "--seed");
  if (overrides.engine) set(fmt::format("/engine=\"{}\"", *overrides.engine), "--engine");
  return {json, file, base_file, protocols};
}

}  // namespace pagetoken
