#pragma once
// Mistakes of the user: what is said about them, on one line, and what would have been right.

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pagetoken {

/// The user asked for what cannot be: a configuration, an input file or an option that is wrong. The program ends with
/// exit code 2. what() reads `FILE: /json/pointer: what is wrong; what is allowed`, without the parts that are empty,
/// on one line whatever the parts hold: file, place and complaint are cut to 200 characters each, what is allowed to
/// 1,000.
class ConfigError : public std::runtime_error {
 public:
  /// `file`: as the user named it, or an option such as `--set`. `place`: a JSON pointer, "line 7" or "line 7, column
  /// 3". `wrong`: shows the value, by `quote`. `allowed`: a range or a list, for instance by `describe_allowed`.
  ConfigError(std::string_view file, std::string_view place, std::string_view wrong, std::string_view allowed = {});

  const std::string& file() const { return file_; }
  const std::string& place() const { return place_; }
  const std::string& wrong() const { return wrong_; }
  const std::string& allowed() const { return allowed_; }

 private:
  std::string file_;
  std::string place_;
  std::string wrong_;
  std::string allowed_;
};

/// The allowed name that `wrong` was most likely meant to be, or nothing if none is near: up to a third of the letters
/// may be changed, added, left out or swapped with a neighbour (Damerau and Levenshtein's distance, optimal string
/// alignment). Capitals do not count. Of several equally near, the first.
std::optional<std::string> nearest_name(std::string_view wrong, std::span<const std::string_view> allowed);
std::optional<std::string> nearest_name(std::string_view wrong, std::span<const std::string> allowed);

/// `did you mean "ivy-fixed"? allowed: a, b, c`, or without the question when no name is near.
std::string describe_allowed(std::string_view wrong, std::span<const std::string_view> allowed);
std::string describe_allowed(std::string_view wrong, std::span<const std::string> allowed);

}  // namespace pagetoken
