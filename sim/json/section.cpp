#include "sim/json/section.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/error.hpp"

namespace pagetoken {
namespace {

/// What stands in for an object that the file leaves out.
const Json& empty_object() {
  static const Json empty = Json::object();
  return empty;
}

/// The integer that a JSON number is, if it is one that 64 bits hold.
std::optional<std::int64_t> as_integer(const Json& json) {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > INT64_MAX) return std::nullopt;
  if (json.is_number_integer()) return json.get<std::int64_t>();
  const double number = json.get<double>();
  if (std::trunc(number) != number || !(number >= -kLimit && number < kLimit)) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace

void Value::fail(std::string_view wrong, std::string_view allowed) const {
  throw ConfigError(*file_, pointer_, wrong, allowed);
}

void Value::fail_type(std::string_view expected) const {
  fail(fmt::format("found {}", shown(*json_)), fmt::format("expected {}", expected));
}

std::int64_t Value::integer(IntegerRange range) const {
  const auto allowed = [&] { return fmt::format("an integer from {} to {}", range.min, range.max); };
  if (!json_->is_number()) fail_type(allowed());
  const std::optional<std::int64_t> value = as_integer(*json_);
  if (!value && json_->is_number_float() && std::trunc(json_->get<double>()) != json_->get<double>())
    fail_type(allowed());
  if (!value || *value < range.min || *value > range.max)
    fail(fmt::format("{} is out of range", shown(*json_)), fmt::format("allowed: {}", allowed()));
  return *value;
}

double Value::number(NumberRange range) const {
  const auto allowed = [&] { return fmt::format("a number from {} to {}", range.min, range.max); };
  if (!json_->is_number()) fail_type(allowed());
  const double value = json_->get<double>();
  if (!(value >= range.min && value <= range.max))
    fail(fmt::format("{} is out of range", shown(*json_)), fmt::format("allowed: {}", allowed()));
  return value;
}

bool Value::flag() const {
  if (!json_->is_boolean()) fail_type("true or false");
  return json_->get<bool>();
}

std::string Value::text() const {
  if (!json_->is_string()) fail_type("a string");
  return json_->get<std::string>();
}

std::size_t Value::choice(std::span<const std::string_view> names) const {
  if (!json_->is_string()) fail_type(fmt::format("one of {}", fmt::join(names, ", ")));
  const std::string name = text();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) fail(fmt::format("unknown value {}", shown(*json_)), describe_allowed(name, names));
  return static_cast<std::size_t>(found - names.begin());
}

std::vector<Value> Value::elements() const {
  if (!json_->is_array()) fail_type("an array");
  std::vector<Value> result;
  for (std::size_t i = 0; i < json_->size(); ++i) result.push_back(below(std::to_string(i), json_->at(i)));
  return result;
}

std::vector<std::pair<std::string, Value>> Value::members() const {
  if (!json_->is_object()) fail_type("an object");
  std::vector<std::pair<std::string, Value>> result;
  for (const auto& [key, json] : json_->items()) result.emplace_back(key, below(key, json));
  return result;
}

Section::Section(Value value) : value_(std::move(value)) {
  if (!value_.json().is_object()) value_.fail_type("an object");
}

std::optional<Value> Section::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const auto found = value_.json().find(std::string(key));
  if (found == value_.json().end()) return std::nullopt;
  return value_.below(key, *found);
}

Value Section::required(std::string_view key, std::string_view example) {
  const std::optional<Value> found = find(key);
  if (found) return *found;
  const std::string_view wanted[] = {key};
  for (const auto& [other, json] : value_.json().items())  // a slip of the pen in the key itself
    if (nearest_name(other, wanted)) value_.below(other, json).fail("unknown key", describe_allowed(other, wanted));
  value_.fail(fmt::format("\"{}\" is missing", key), fmt::format("write for instance {}", example));
}

Value Section::written(std::string_view key, std::string_view writer) {
  const std::optional<Value> found = find(key);
  if (!found) value_.fail(fmt::format("\"{}\" is missing", key), writer);
  return *found;
}

std::int64_t Section::integer(std::string_view key, std::int64_t fallback, IntegerRange range) {
  const std::optional<Value> found = find(key);
  return found ? found->integer(range) : fallback;
}

double Section::number(std::string_view key, double fallback, NumberRange range) {
  const std::optional<Value> found = find(key);
  return found ? found->number(range) : fallback;
}

bool Section::flag(std::string_view key, bool fallback) {
  const std::optional<Value> found = find(key);
  return found ? found->flag() : fallback;
}

std::string Section::text(std::string_view key, std::string_view fallback) {
  const std::optional<Value> found = find(key);
  return found ? found->text() : std::string(fallback);
}

Section Section::section(std::string_view key) {
  const std::optional<Value> found = find(key);
  return Section(found ? *found : value_.below(key, empty_object()));
}

void Section::finish() const {
  for (const auto& [key, unused] : value_.json().items())
    if (std::find(known_.begin(), known_.end(), key) == known_.end())
      value_.below(key, unused).fail("unknown key", describe_allowed(key, known_));
}

}  // namespace pagetoken
