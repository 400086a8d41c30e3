#pragma once
// Everything that has a name, for `list` and `describe`.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "protocols/api/declaration.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {

/// Keeps keys in the order in which they are told.
using OrderedJson = nlohmann::ordered_json;

enum class Kind : std::uint8_t { protocol, guard, pattern, scenario, format, property };
inline constexpr std::string_view kKindNames[] = {"protocol", "guard", "pattern", "scenario", "format", "property"};
inline constexpr std::string_view kKindPlurals[] = {"protocols", "guards",  "patterns",
                                                    "scenarios", "formats", "properties"};

struct CatalogueEntry {
  Kind kind{};
  std::string name;
  std::string summary;  ///< one or two sentences
};

/// All kinds in their order; within one, the order of its own table.
std::vector<CatalogueEntry> catalogue(std::span<const Declaration* const> protocols);

/// One thing in full: "kind" and "name", then what there is to tell. `entry` comes from the catalogue.
OrderedJson described(const CatalogueEntry& entry, std::span<const Declaration* const> protocols);
/// A guard that is no preset, in the same way.
OrderedJson described(const GuardPreset& guard);

}  // namespace pagetoken
