#pragma once
// Published numbers, as configs/validation has them: docs/files.md, "A row of validation".

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/json/json.hpp"

namespace pagetoken {

/// How a number of ours is held against the published one.
enum class ValidationKind : std::uint8_t {
  exact,        ///< equal, in every repetition
  closed_form,  ///< the mean of the repetitions differs by no more than the tolerance
  ratio,        ///< the same of a ratio, with a band of its own
  shape         ///< a condition holds
};
inline constexpr std::string_view kValidationKindNames[] = {"exact", "closed-form", "ratio", "shape"};

/// What has to be done for our number.
enum class ValidationSubject : std::uint8_t { run, check, worst_case, model };

struct ValidationCase {
  std::string name;      ///< "path-reversal/N=16"
  std::string source;    ///< who published it
  std::string section;   ///< where, and what it says
  bool derived = false;  ///< from a formula or another row: no published source of its own
  std::string set_up;    ///< in words
  std::string unit;
  ValidationKind kind = ValidationKind::exact;
  Json published;          ///< a number, or a text
  double tolerance = 0;    ///< as a share of the published number; 0 of exact
  std::string protocol{};  ///< that it is about; empty: of none
  ValidationSubject subject = ValidationSubject::run;
  Json what;                      ///< the configuration of the run or check, or {"name", ...} of a model
  std::string ours;               ///< an expression over pointers into the summary or result
  std::string per{};              ///< ... divided by this one; empty: by 1
  std::uint32_t repetitions = 1;  ///< runs with seeds 1, 2, ...
  std::string file{};             ///< where it is written
};

/// All cases of a row's file. Throws ConfigError.
std::vector<ValidationCase> bind_validation(const Json& json, const std::string& file);
/// Those of configs/validation, built into the program, whose names begin with `prefix`. Throws ConfigError if none
/// does.
std::vector<ValidationCase> shipped_validation(const std::string& prefix = {});
/// The same of all files of a folder. Throws ConfigError.
std::vector<ValidationCase> load_validation(const std::string& folder, const std::string& prefix);

}  // namespace pagetoken
