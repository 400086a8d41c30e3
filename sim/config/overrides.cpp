#include "sim/config/overrides.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

/// Turns a name, or a default that is not written, into the object that it stands for.
void write_out_name(Json& value, std::string_view pointer) {
  if (pointer == "/guard" && value.is_null()) value = kDefaultGuard;
  if (!value.is_string() && value != 2003) return;
  if (pointer == "/protocol")
    value = Json{{"name", value}};
  else if (pointer == "/guard" || pointer == "/costs")
    value = Json{{"preset", value}};
}

Json& element(Json& array, const std::string& key, std::string_view pointer, const std::string& origin) {
  if (key == "-") return array.emplace_back(nullptr);
  std::size_t index = array.size();
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (error != std::errc{} || end != key.data() + key.size() || index >= array.size())
    throw ConfigError(origin, pointer, fmt::format("no element {} in an array of {}", key, array.size()),
                      "an index from 0, or \"-\" to append");
  return array[index];
}

}  // namespace

void set_at(Json& document, std::string_view pointer, Json value, const std::string& origin) {
  Json* at = &document;
  std::string reached;
  for (const std::string& key : keys_of_pointer(pointer, origin)) {
    write_out_name(*at, reached);
    if (at->is_null()) *at = Json::object();
    reached = pointer_below(reached, key);
    if (at->is_array())
      at = &element(*at, key, pointer, origin);
    else if (at->is_object())
      at = &(*at)[key];
    else
      throw ConfigError(origin, pointer, fmt::format("leads into {}, which has no members", shown(*at)),
                        "a pointer that ends in an object's key or an array's index");
  }
  *at = std::move(value);
}

void apply_assignment(Json& document, std::string_view assignment, const std::string& origin) {
  const std::size_t equals = assignment.find('=');
  if (equals == assignment.npos)
    throw ConfigError(origin, assignment, "has no \"=\"", "POINTER=VALUE, for instance /cluster/clients=8");
  const std::string_view text = assignment.substr(equals + 1);
  Json value;
  try {
    value = parse_json(text, origin);
  } catch (const ConfigError&) {
    value = std::string(text);  // names need no quotes
  }
  set_at(document, assignment.substr(0, equals), std::move(value), origin);
}

}  // namespace pagetoken
