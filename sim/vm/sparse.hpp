#pragma once
// Structs most of whose members have their default value, as bytes: a bit for each member that has another, and those.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "protocols/api/fields.hpp"

namespace pagetoken {

namespace detail {
template <class T>
inline const T kDefault{};

template <class T>
bool is_default(const T& value, const T& other) {
  if constexpr (HasFields<T>)
    return std::apply([&](const auto&... f) { return (is_default(value.*(f.member), other.*(f.member)) && ...); },
                      T::fields());
  else
    return value == other;
}
template <class T>
inline constexpr bool kUntracked = false;
template <class T>
inline constexpr bool kUntracked<Untracked<T>> = true;
template <class T>
concept IsUntracked = kUntracked<T>;
}  // namespace detail

template <HasFields T>
void put_sparse(Encoder& out, const T& value) {
  static_assert(fields_complete<T>(), "fields() must name every member");
  static_assert(std::tuple_size_v<decltype(T::fields())> <= 64);
  const T& usual = detail::kDefault<T>;
  std::apply(
      [&](const auto&... f) {
        std::uint64_t present = 0;
        std::size_t index = 0;
        const auto is_present = [&](const auto& member, const auto& usual_member) {
          if constexpr (detail::IsUntracked<std::remove_cvref_t<decltype(member)>>)
            return out.keeps_notes();
          else
            return !detail::is_default(member, usual_member);
        };
        ((present |= std::uint64_t{is_present(value.*(f.member), usual.*(f.member))} << index++), ...);
        out.put_number(present);
        index = 0;
        const auto put = [&](const auto& member) {
          if ((present >> index++ & 1) == 0) return;
          if constexpr (HasFields<std::remove_cvref_t<decltype(member)>>)
            put_sparse(out, member);
          else
            out.put(member);
        };
        (put(value.*(f.member)), ...);
      },
      T::fields());
}

template <HasFields T>
void get_sparse(Decoder& in, T& value) {
  value = detail::kDefault<T>;
  const std::uint64_t present = in.number();
  std::size_t index = 0;
  const auto get = [&](auto& member) {
    if ((present >> index++ & 1) == 0) return;
    if constexpr (HasFields<std::remove_cvref_t<decltype(member)>>)
      get_sparse(in, member);
    else
      in.get(member);
  };
  std::apply([&](const auto&... f) { (get(value.*(f.member)), ...); }, T::fields());
}

}  // namespace pagetoken
