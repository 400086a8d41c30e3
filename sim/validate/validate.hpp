#pragma once
// Published numbers against ours.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/run/protocol_set.hpp"
#include "sim/validate/rows.hpp"

namespace pagetoken {

enum class ValidationVerdict : std::uint8_t { ok, off, skipped };
inline constexpr std::string_view kValidationVerdictNames[] = {"ok", "off", "skipped"};

struct Validated {
  ValidationCase row;
  ValidationVerdict verdict = ValidationVerdict::skipped;
  Json ours{};                                          ///< a number or a text; null: skipped
  std::optional<std::pair<double, double>> interval{};  ///< of a number: 95 % of its mean, or the number itself
  std::string reason{};                                 ///< why it was skipped, or what went wrong
};

struct ValidateOptions {
  std::uint32_t jobs = 1;
  std::function<void(std::size_t done, std::size_t of)> on_progress{};
  std::function<bool()> stop{};  ///< asked before each row; then what is done is handed back
};

/// One row. A row whose protocol is not there is skipped; one whose runs end in an error is off, and says why.
Validated validate(const ValidationCase& row, const ProtocolSet& protocols);
/// All of them, in their order, whatever `jobs` is.
std::vector<Validated> validate_all(const std::vector<ValidationCase>& rows, const ProtocolSet& protocols,
                                    const ValidateOptions& options);

/// An array: docs/files.md, "A row of validation".
Json validation_json(const std::vector<Validated>& all);
/// A line a row.
std::string validation_text(const std::vector<Validated>& all);
/// "61 of 61 numbers hold, from 12 published sources; 2 skipped, whose protocols are not there"
std::string validation_summary(const std::vector<Validated>& all);
/// One self-contained page.
std::string validation_html(const std::vector<Validated>& all);

}  // namespace pagetoken
