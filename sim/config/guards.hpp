#pragma once
// Guard schemes as users name and write them: presets, presets with changes, and schemes of their own.

#include <span>
#include <string>
#include <string_view>

#include "sim/json/section.hpp"
#include "sim/vm/guard.hpp"

namespace pagetoken {

struct GuardPreset {
  std::string name;
  std::string source;   ///< where the scheme was proposed or shipped
  std::string summary;  ///< one sentence
  GuardScheme scheme;
};

/// A scheme in use. `name` is the preset's, followed by what was changed ("frlock, state_first=false"); or "custom".
struct GuardConfig {
  std::string name;
  GuardScheme scheme;
  GuardScheme base{};  ///< what was changed: the preset's, or the defaults of all switches
  friend bool operator==(const GuardConfig&, const GuardConfig&) = default;
};

inline constexpr std::string_view kDefaultGuard = "page-lock";

/// The presets of configs/guards, built into the program, in the order of docs/vm-model.md, "Guards".
std::span<const GuardPreset> guard_presets();
/// Null if there is none of that name.
const GuardPreset* find_guard_preset(std::string_view name);
GuardConfig default_guard();

/// A preset's name; the path of a file of switches (it has a "/" or ends in ".json"; relative to the folder of the file
/// that names it, else to the working directory); or an object of switches, with "preset" or without. Without a preset,
/// switches that are left out have GuardScheme's defaults; "name", "source" and "summary" may stand beside them.
/// Throws ConfigError.
GuardConfig bind_guard(const Value& value);
/// Whether a text given for a guard, or for a name to describe, is the path of a file.
bool names_guard_file(std::string_view text);
/// A file of switches, with what it says about itself; of a changed preset, what is said of the preset. Throws
/// ConfigError.
GuardPreset read_guard_file(const std::string& path);

/// Every switch with its value.
Json switches_of(const GuardScheme& scheme);
/// What bind_guard makes this GuardConfig of.
Json guard_json(const GuardConfig& guard);

/// `path` as it stands if absolute, else in the folder of `file` if it is there, else in the working directory if it is
/// there, else in the folder of `file`.
std::string resolve_path(const std::string& path, const std::string& file);

}  // namespace pagetoken
