#pragma once
// A sweep, as configured: a run, and what is varied in it. Every run of it has a place in one order and a name that its
// configuration gives it, so that results can be made anywhere, in any order, and put together.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/config/expression.hpp"
#include "sim/config/run_config.hpp"

namespace pagetoken {

/// One thing that is varied: a pointer, or several that change together.
struct Axis {
  std::vector<std::string> pointers;      ///< sorted
  std::vector<std::vector<Json>> values;  ///< one entry a step; each has one value a pointer

  std::size_t size() const { return values.size(); }
};

inline constexpr IntegerRange kRepetitionRange{1, 1'000'000};
inline constexpr std::uint64_t kMaxAxisValues = 100'000;
/// Beyond this many points a sweep is not written out in memory.
inline constexpr std::uint64_t kMaxGrid = 10'000'000;

class Sweep {
 public:
  /// Checks a configuration that is at hand as JSON. `base` stands in it as an object; `base_file` is what errors about
  /// it name, and where its relative file names are looked for. Throws ConfigError.
  Sweep(const Json& json, std::string file, std::string base_file, std::span<const Declaration* const> protocols);

  const std::string& title() const { return title_; }
  const std::vector<Axis>& axes() const { return axes_; }
  std::uint64_t repetitions() const { return repetitions_; }
  /// Of points in the whole grid, the constraint aside; UINT64_MAX if there are more.
  std::uint64_t grid_size() const;

  /// The points that the constraint leaves, as numbers in the grid, ascending: the last axis changes fastest. Throws
  /// ConfigError if none is left, or the grid has more than kMaxGrid. `condition` may narrow them further.
  std::vector<std::uint64_t> points(const Expression* condition = nullptr) const;

  /// Pointer -> value of everything that is varied.
  Json point(std::uint64_t number) const;
  /// The run's configuration, its seed aside.
  Json document(std::uint64_t number) const;
  std::uint64_t seed(std::uint64_t repetition) const { return first_seed_ + repetition; }
  /// 32 hexadecimal digits that stand for the configuration and the seed.
  static std::string run_name(const Json& document, std::uint64_t seed);

  /// As bound to the run that it stands for; throws ConfigError for a combination that cannot be.
  RunConfig bind(const Json& document, std::uint64_t seed) const;
  /// The same for every machine: base, axes written out, constraint, repetitions. Read again, it is an equal sweep.
  Json json() const;
  /// A condition over the points of this sweep; throws ConfigError. `origin` is what errors name.
  Expression condition(const std::string& text, const std::string& origin, const std::string& place) const;

 private:
  void bind_axes(Section& section);
  void join_axes(Section& section);
  void require_values();
  void require_value(std::size_t axis, std::size_t value) const;
  bool try_each(std::optional<std::size_t> fixed, const std::vector<std::size_t>& steps,
                const std::function<bool(const std::vector<std::size_t>&)>& accepts) const;
  std::vector<std::size_t> steps_of(std::uint64_t number) const;
  Json document_of(const std::vector<std::size_t>& steps) const;
  std::optional<Json> look_up(const Json& document, const std::string& pointer) const;

  std::string file_;
  std::string base_file_;
  std::vector<const Declaration*> protocols_;
  std::string title_;
  Json base_;
  Json vary_;      ///< pointer -> list of values
  Json together_;  ///< as written
  std::vector<Axis> axes_;
  std::optional<Expression> constraint_;
  std::uint64_t repetitions_ = 1;
  std::uint64_t first_seed_ = 1;
  Json defaults_;  ///< the effective configuration of the first point that is one
};

/// Reads a sweep and its base, and applies overrides: those whose pointer begins with a key of the sweep (/vary,
/// /repetitions ...) change it, the others its base. Throws ConfigError.
Sweep load_sweep(const std::filesystem::path& path, const Overrides& overrides,
                 std::span<const Declaration* const> protocols);

}  // namespace pagetoken
