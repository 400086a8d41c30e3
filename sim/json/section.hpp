#pragma once
// Typed reading of JSON: every value knows its file and pointer, so that every complaint can name them.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/json/json.hpp"

namespace pagetoken {

/// Allowed values, both ends included.
struct IntegerRange {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
struct NumberRange {
  double min = 0;
  double max = 0;
};

/// A JSON value and where it stands: what reads a document reads it through this, since operator[] of a constant
/// nlohmann::json is undefined where the member is missing. It refers to the document, which must outlive it.
class Value {
 public:
  Value(const Json& json, const std::string& file, std::string pointer = "")
      : json_(&json), file_(&file), pointer_(std::move(pointer)) {}

  const Json& json() const { return *json_; }
  const std::string& file() const { return *file_; }
  const std::string& pointer() const { return pointer_; }

  // Each throws ConfigError if the value is of another type or out of range.
  std::int64_t integer(IntegerRange range) const;  ///< also 1e6 and 2.0: floats without a fraction
  double number(NumberRange range) const;
  bool flag() const;  ///< true or false, no numbers
  std::string text() const;
  /// The index of the text among `names`.
  std::size_t choice(std::span<const std::string_view> names) const;
  /// The elements of an array.
  std::vector<Value> elements() const;
  /// The members of an object, with their names.
  std::vector<std::pair<std::string, Value>> members() const;
  Value below(std::string_view key, const Json& json) const { return {json, *file_, pointer_below(pointer_, key)}; }

  [[noreturn]] void fail(std::string_view wrong, std::string_view allowed) const;
  /// "found FOUND, expected EXPECTED"
  [[noreturn]] void fail_type(std::string_view expected) const;

 private:
  const Json* json_;
  const std::string* file_;
  std::string pointer_;
};

/// The members of an object, read by name. A key that nobody asked for is refused by `finish`, with the nearest of
/// those that were asked for: ask for every key that the object may have, on every path.
class Section {
 public:
  /// Throws ConfigError if `value` is no object.
  explicit Section(Value value);

  const Value& value() const { return value_; }

  std::optional<Value> find(std::string_view key);
  /// Throws ConfigError if it is missing; `example` says what to write.
  Value required(std::string_view key, std::string_view example);
  /// The same in a file that a program wrote: `writer` says which ("what pagetoken run -o writes").
  Value written(std::string_view key, std::string_view writer);

  std::int64_t integer(std::string_view key, std::int64_t fallback, IntegerRange range);
  double number(std::string_view key, double fallback, NumberRange range);
  bool flag(std::string_view key, bool fallback);
  std::string text(std::string_view key, std::string_view fallback);
  template <class E>
  E choice(std::string_view key, E fallback, std::span<const std::string_view> names) {
    const std::optional<Value> found = find(key);
    return found ? static_cast<E>(found->choice(names)) : fallback;
  }
  /// The object of this name, an empty one if it is missing.
  Section section(std::string_view key);

  /// Throws ConfigError for the first key that was not asked for.
  void finish() const;

 private:
  Value value_;
  std::vector<std::string> known_;
};

}  // namespace pagetoken
