#include "sim/config/guards.hpp"

#include <algorithm>
#include <filesystem>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"
#include "sim/config/embedded.hpp"

namespace pagetoken {
namespace {

/// Reads each switch that is there into `scheme`.
void read_switches(Section& section, GuardScheme& scheme) {
  for_each_field(scheme, [&](std::string_view name, auto& member) {
    using Member = std::remove_reference_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, bool>)
      member = section.flag(name, member);
    else
      member = section.choice(name, member, SwitchNames<Member>::names);
  });
}

/// Of a preset among the presets.
constexpr IntegerRange kPlaces{0, 1'000'000};

GuardPreset read_preset(const Value& value) {
  Section section(value);
  GuardPreset preset;
  preset.name = section.text("name", "custom");
  section.integer("order", 0, kPlaces);
  preset.source = section.text("source", "");
  preset.summary = section.text("summary", "");
  read_switches(section, preset.scheme);
  section.finish();
  return preset;
}

std::vector<GuardPreset> read_presets() {
  std::vector<GuardPreset> presets;
  for (const EmbeddedFile& file : embedded_guards()) {
    const std::string name(file.name);
    presets.push_back(read_preset(Value(parse_json(file.text, name), name)));
  }
  return presets;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const GuardPreset& preset : guard_presets()) names.push_back(preset.name);
  return names;
}

const GuardPreset& preset_called(const Value& value) {
  const std::string name = value.text();
  const GuardPreset* preset = find_guard_preset(name);
  if (!preset) value.fail(fmt::format("unknown guard {}", shown(value.json())), describe_allowed(name, preset_names()));
  return *preset;
}

/// "frlock, state_first=false": the preset and where the scheme differs from it.
std::string name_with_changes(const GuardPreset& preset, const GuardScheme& scheme) {
  std::string name = preset.name;
  const Json before = switches_of(preset.scheme);
  const Json after = switches_of(scheme);
  for_each_field(scheme, [&](std::string_view field_name, const auto&) {
    const std::string key(field_name);
    if (before.at(key) == after.at(key)) return;
    name += fmt::format(", {}={}", key,
                        after.at(key).is_string() ? after.at(key).get<std::string>() : after.at(key).dump());
  });
  return name;
}

/// Switches that mean nothing without another: a scheme that has them without it is a mistake.
void check_switches(const Value& value, const GuardScheme& g) {
  const auto need = [&](bool wrong, std::string_view key, std::string_view other) {
    if (!wrong) return;
    const auto member = value.json().find(key);
    const std::string found = fmt::format("{} without {}", quote(key), other);
    (member != value.json().end() ? value.below(key, *member) : value)
        .fail(fmt::format("contradictory switches: {}", found), fmt::format("turn {} off, or {} on", key, other));
  };
  need(g.recheck_mapping && !g.page_lock_across, "recheck_mapping", "page_lock_across");
  need(g.fs_lock_in_truncate && !g.fs_lock_across, "fs_lock_in_truncate", "fs_lock_across");
  need(g.mm_dropped_first && g.check != Check::frlock, "mm_dropped_first", "check frlock");
}

GuardConfig bind_object(const Value& value) {
  if (!value.json().contains("preset")) {
    Section section(value);
    section.find("preset");
    GuardConfig guard{section.text("name", "custom"), {}};
    section.integer("order", 0, kPlaces);
    section.text("source", "");
    section.text("summary", "");
    read_switches(section, guard.scheme);
    section.finish();
    check_switches(value, guard.scheme);
    return guard;
  }
  Section section(value);
  const GuardPreset& preset = preset_called(*section.find("preset"));
  GuardScheme scheme = preset.scheme;
  read_switches(section, scheme);
  section.finish();
  check_switches(value, scheme);
  return {name_with_changes(preset, scheme), scheme, preset.scheme};
}

/// A file's guard is called what it calls itself, or as the file is.
GuardConfig bind_file(const std::string& path, const Json& json) {
  GuardConfig guard = bind_object(Value(json, path));
  if (guard.name == "custom") guard.name = std::filesystem::path(path).stem().string();
  return guard;
}

}  // namespace

std::span<const GuardPreset> guard_presets() {
  static const std::vector<GuardPreset> presets = read_presets();
  return presets;
}

const GuardPreset* find_guard_preset(std::string_view name) {
  const auto presets = guard_presets();
  const auto found = std::find_if(presets.begin(), presets.end(), [&](const GuardPreset& p) { return p.name == name; });
  return found == presets.end() ? nullptr : &*found;
}

GuardConfig default_guard() {
  const GuardScheme& scheme = find_guard_preset(kDefaultGuard)->scheme;
  return {std::string(kDefaultGuard), scheme, scheme};
}

bool names_guard_file(std::string_view text) {
  return text.find('/') != std::string_view::npos || text.ends_with(".json");
}

GuardConfig bind_guard(const Value& value) {
  if (value.json().is_object()) return bind_object(value);
  if (!value.json().is_string()) value.fail_type("a guard's name, the path of a file of switches, or an object");
  const std::string name = value.text();
  if (!names_guard_file(name)) {
    const GuardPreset& preset = preset_called(value);
    return {preset.name, preset.scheme, preset.scheme};
  }
  const std::string path = resolve_path(name, value.file());
  return bind_file(path, read_json_file(path));
}

GuardPreset read_guard_file(const std::string& path) {
  const Json json = read_json_file(path);
  const GuardConfig guard = bind_file(path, json);
  if (json.contains("preset")) {
    GuardPreset preset = preset_called(*Section(Value(json, path)).find("preset"));
    preset.name = guard.name;
    preset.scheme = guard.scheme;
    return preset;
  }
  return {guard.name, json.value("source", ""), json.value("summary", ""), guard.scheme};
}

Json switches_of(const GuardScheme& scheme) {
  Json json = Json::object();
  for_each_field(scheme, [&](std::string_view name, const auto& member) {
    using Member = std::remove_cvref_t<decltype(member)>;
    if constexpr (std::is_same_v<Member, bool>)
      json[std::string(name)] = member;
    else
      json[std::string(name)] = SwitchNames<Member>::names[static_cast<std::size_t>(member)];
  });
  return json;
}

Json guard_json(const GuardConfig& guard) {
  Json json = switches_of(guard.scheme);
  const std::string base = guard.name.substr(0, guard.name.find(", "));
  const GuardPreset* preset = find_guard_preset(base);
  if (preset && name_with_changes(*preset, guard.scheme) == guard.name)
    json["preset"] = base;
  else
    json["name"] = guard.name;
  return json;
}

std::string resolve_path(const std::string& path, const std::string& file) {
  const std::filesystem::path beside = std::filesystem::path(file).parent_path() / path;
  std::error_code ignored;
  if (!std::filesystem::exists(beside, ignored) && std::filesystem::exists(path, ignored)) return path;
  return beside.lexically_normal().string();
}

}  // namespace pagetoken
