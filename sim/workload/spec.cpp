#include "sim/workload/spec.hpp"

#include <cassert>
#include <vector>

#include "protocols/api/require.hpp"
#include "sim/workload/patterns/pattern.hpp"

namespace pagetoken {
namespace {

/// Indexed by Pattern.
std::span<const PatternDefinition> definitions() {
  static const PatternDefinition all[] = {
#define PATTERN(NAME) patterns::NAME(),
      PAGETOKEN_PATTERNS(PATTERN)
#undef PATTERN
  };
  return all;
}

}  // namespace

const PatternDefinition& definition_of(Pattern pattern) { return definitions()[static_cast<std::size_t>(pattern)]; }

std::span<const PatternInfo> pattern_table() {
  static const std::vector<PatternInfo> table = [] {
    std::vector<PatternInfo> made;
    for (const PatternDefinition& pattern : definitions())
      made.push_back({static_cast<Pattern>(made.size()), pattern.name, pattern.description, pattern.default_clients,
                      pattern.min_clients, pattern.always_serial});
    return made;
  }();
  return table;
}

const PatternInfo& pattern_info(Pattern pattern) { return pattern_table()[static_cast<std::size_t>(pattern)]; }

std::vector<std::string_view> pattern_names() {
  std::vector<std::string_view> names;
  for (const PatternInfo& info : pattern_table()) names.push_back(info.name);
  return names;
}

std::optional<Pattern> find_pattern(std::string_view name) {
  for (const PatternInfo& info : pattern_table()) {
    if (info.name == name) return info.pattern;
  }
  return std::nullopt;
}

std::span<const KeyInfo> keys_of(Pattern pattern) {
  static const std::vector<Keys> tables = [] {
    std::vector<Keys> made;
    for (const PatternDefinition& definition : definitions()) made.push_back(definition.keys());
    return made;
  }();
  return tables[static_cast<std::size_t>(pattern)];
}

std::span<const KeyInfo> keys_of_trace() {
  static const Keys keys{think_key(), via_key(Via::mmap), file_bytes_key()};
  return keys;
}

WorkloadSpec default_spec(Pattern pattern) {
  WorkloadSpec spec;
  spec.pattern = pattern;
  for (const KeyInfo& key : keys_of(pattern)) set_value(spec, key, key.fallback);
  return spec;
}

double value_of(const WorkloadSpec& spec, const KeyInfo& key) {
  return std::visit(
      [&](auto member) -> double {
        if constexpr (std::is_member_object_pointer_v<decltype(member)>)
          return static_cast<double>(spec.*member);
        else
          return spec.own[member.index];
      },
      key.field);
}

double& own_value(WorkloadSpec& spec, std::string_view key) {
  const OwnKey* own = nullptr;
  for (const KeyInfo& info : keys_of(spec.pattern))
    if (info.key == key) own = std::get_if<OwnKey>(&info.field);
  require(own != nullptr, "the pattern has no such key of its own");
  return spec.own[own->index];
}

void set_value(WorkloadSpec& spec, const KeyInfo& key, double value) {
  assert(value >= key.min && value <= key.max);
  std::visit(
      [&](auto member) {
        if constexpr (std::is_member_object_pointer_v<decltype(member)>)
          spec.*member = static_cast<std::remove_reference_t<decltype(spec.*member)>>(value);
        else
          spec.own[member.index] = value;
      },
      key.field);
}

}  // namespace pagetoken
