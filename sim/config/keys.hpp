#pragma once
// Tables of the integer keys of plain structs: reading, writing and the JSON Schema all go by them.

#include <span>
#include <string_view>

#include "sim/json/section.hpp"

namespace pagetoken {

template <class T>
struct IntegerKey {
  std::string_view key;  ///< ends in its unit
  std::int64_t T::*member;
  IntegerRange range;
  std::string_view description;
};

template <class T>
void read_keys(Section& section, T& object, std::span<const IntegerKey<T>> keys) {
  for (const IntegerKey<T>& key : keys) object.*key.member = section.integer(key.key, object.*key.member, key.range);
}

template <class T>
void write_keys(Json& json, const T& object, std::span<const IntegerKey<T>> keys) {
  for (const IntegerKey<T>& key : keys) json[std::string(key.key)] = object.*key.member;
}

}  // namespace pagetoken
