#pragma once
// fields(): the one list of a struct's members, from which equality, bytes, hash, JSON and printing derive.
//
//   struct Copy {
//     Mode mode = Mode::none;
//     NodeId from = kNoNode;
//     static constexpr auto fields() { return std::tuple{field("mode", &Copy::mode), field("from", &Copy::from)}; }
//   };
//
// `check_fields<Copy>()` compares the length of the list with the number of members, at compile time: a member that is
// left out of a hash makes two different states one, and an explorer that merges them says "ok" too early.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace pagetoken {

template <class T, class M>
struct Field {
  std::string_view name;
  M T::*member;
};
template <class T, class M>
constexpr Field<T, M> field(std::string_view name, M T::*member) {
  return {name, member};
}

template <class T>
concept HasFields = requires {
  T::fields();
};

namespace detail {
struct AnyMember {
  template <class T>
  constexpr operator T() const {  // only named in unevaluated contexts; NOLINT(google-explicit-constructor)
    return T{};
  }
};
template <class T, std::size_t... I>
consteval bool brace_constructible(std::index_sequence<I...>) {
  return requires { T{((void)I, AnyMember{})...}; };
}
template <class T, std::size_t N = 0>
consteval std::size_t member_count() {
  if constexpr (!brace_constructible<T>(std::make_index_sequence<N + 1>{}))
    return N;
  else
    return member_count<T, N + 1>();
}
}  // namespace detail

/// Number of members of an aggregate (no C arrays, no base classes).
template <class T>
requires std::is_aggregate_v<T>
inline constexpr std::size_t kMemberCount = detail::member_count<T>();

/// True if fields() names as many members as the aggregate has; written under each such struct as a static_assert.
template <HasFields T>
consteval bool fields_complete() {
  return std::tuple_size_v<decltype(T::fields())> == kMemberCount<T>;
}

/// Calls visit(name, value) for each member in the order of the list.
template <class T, class Visitor>
requires HasFields<std::remove_const_t<T>>
constexpr void for_each_field(T& object, Visitor&& visit) {
  std::apply([&](const auto&... f) { (visit(f.name, object.*(f.member)), ...); }, std::remove_const_t<T>::fields());
}

/// A value that is only compared (a version, an epoch, a sequence count). An explorer replaces the values of one Kind
/// by their ranks before it compares states, so that a cycle in which such a value grows is found to be a cycle.
/// 0 stays 0.
template <class Kind>
struct Fresh {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const Fresh&, const Fresh&) = default;
  /// A value above this one. Ranks keep neighbours apart and in order, nothing more: never do arithmetic with them.
  constexpr Fresh next() const { return {value + 1}; }
};

/// Bookkeeping that travels with a state and is no part of it (the operation that caused a message, say). Where the
/// question is about the bookkeeping itself, Encoder::keep_notes makes that of types with encode_notes part of it.
template <class T>
struct Untracked {
  T value{};
  friend constexpr bool operator==(const Untracked&, const Untracked&) { return true; }
};

enum class NodeId : std::uint32_t;  // ids.hpp

/// Writes values as bytes, so that two states are equal exactly if their bytes are.
class Encoder {
 public:
  /// A Fresh value, and where its two bytes are.
  struct FreshAt {
    const void* kind;
    std::uint64_t value;
    std::uint32_t at;
  };

  void clear() {
    bytes_.clear();
    fresh_.clear();
  }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

  template <class T>
  void put(const T& value) {
    if constexpr (std::is_same_v<T, bool> || (std::is_integral_v<T> && sizeof(T) == 1)) {
      bytes_.push_back(static_cast<std::uint8_t>(value));
    } else if constexpr (std::is_integral_v<T>) {
      put_number(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_same_v<T, NodeId>) {
      put_number(renamed(static_cast<std::uint32_t>(value)));
    } else if constexpr (std::is_enum_v<T>) {
      put(static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (HasFields<T>) {
      static_assert(fields_complete<T>(), "fields() must name every member");
      std::apply([&](const auto&... f) { (put(value.*(f.member)), ...); }, T::fields());
    } else {
      encode(*this, value);
    }
  }

  /// Small numbers take one byte: states are mostly small numbers.
  void put_number(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }

  /// A value to be replaced by its rank among those of `kind`; it takes two bytes.
  void put_fresh(const void* kind, std::uint64_t value) {
    fresh_.push_back({kind, value, static_cast<std::uint32_t>(bytes_.size())});
    bytes_.push_back(0);
    bytes_.push_back(0);
  }

  /// Replaces fresh values by ranks (0 stays 0). To be called once, when the state is complete.
  void rank_fresh();
  /// The fresh values so far, in the order of the bytes, for those who rank them themselves.
  std::span<const FreshAt> fresh() const { return fresh_; }

  /// From now on node i is written as node to[i]; nodes beyond keep their names. An empty list ends it.
  void rename_nodes(std::span<const std::uint32_t> to) { names_.assign(to.begin(), to.end()); }
  std::uint32_t renamed(std::uint32_t node) const { return node < names_.size() ? names_[node] : node; }
  bool renames() const { return !names_.empty(); }

  void keep_notes(bool keep) { keeps_notes_ = keep; }
  bool keeps_notes() const { return keeps_notes_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::vector<FreshAt> fresh_;
  std::vector<std::uint32_t> names_;
  bool keeps_notes_ = false;
};

inline void Encoder::rank_fresh() {
  const auto before = [](const FreshAt& a, const FreshAt& b) {
    return a.kind != b.kind ? std::less<const void*>{}(a.kind, b.kind) : a.value < b.value;
  };
  std::sort(fresh_.begin(), fresh_.end(), before);
  std::uint16_t rank = 0;  // among the values of one kind; which kind comes first does not matter
  for (std::size_t i = 0; i < fresh_.size(); ++i) {
    if (i == 0 || fresh_[i].kind != fresh_[i - 1].kind) rank = 0;
    if (fresh_[i].value != 0 && (rank == 0 || fresh_[i].value != fresh_[i - 1].value)) ++rank;
    const std::uint16_t written = fresh_[i].value == 0 ? 0 : rank;
    bytes_[fresh_[i].at] = static_cast<std::uint8_t>(written);
    bytes_[fresh_[i].at + 1] = static_cast<std::uint8_t>(written >> 8);
  }
  fresh_.clear();
}

/// Reads back what an Encoder wrote. The bytes are trusted: they come from this process.
class Decoder {
 public:
  explicit Decoder(const std::uint8_t* at) : at_(at) {}

  template <class T>
  void get(T& value) {
    if constexpr (std::is_same_v<T, bool> || (std::is_integral_v<T> && sizeof(T) == 1)) {
      value = static_cast<T>(*at_++);
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(number());
    } else if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> raw;
      get(raw);
      value = static_cast<T>(raw);
    } else if constexpr (HasFields<T>) {
      std::apply([&](const auto&... f) { (get(value.*(f.member)), ...); }, T::fields());
    } else {
      decode(*this, value);
    }
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint8_t byte = *at_++;
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  }
  std::uint64_t fresh() {
    const std::uint64_t rank = at_[0] | (std::uint64_t{at_[1]} << 8);
    at_ += 2;
    return rank;
  }
  const std::uint8_t* position() const { return at_; }

  void keep_notes(bool keep) { keeps_notes_ = keep; }  ///< as the Encoder did
  bool keeps_notes() const { return keeps_notes_; }

 private:
  const std::uint8_t* at_;
  bool keeps_notes_ = false;
};

template <class Kind>
inline constexpr char kFreshKind = 0;  // its address names the kind

template <class Kind>
void encode(Encoder& out, const Fresh<Kind>& value) {
  out.put_fresh(&kFreshKind<Kind>, value.value);
}
template <class Kind>
void decode(Decoder& in, Fresh<Kind>& value) {
  value.value = in.fresh();
}
template <class T>
void encode(Encoder& out, const Untracked<T>& value) {
  if constexpr (requires { value.value.encode_notes(out); }) {
    if (out.keeps_notes()) value.value.encode_notes(out);
  }
}
template <class T>
void decode(Decoder& in, Untracked<T>& value) {
  value = {};
  if constexpr (requires { value.value.decode_notes(in); }) {
    if (in.keeps_notes()) value.value.decode_notes(in);
  }
}
template <class T>
void encode(Encoder& out, const std::vector<T>& list) {
  out.put_number(list.size());
  for (const T& element : list) out.put(element);
}
template <class T>
void decode(Decoder& in, std::vector<T>& list) {
  list.resize(in.number());
  for (T& element : list) in.get(element);
}
template <class T, std::size_t N>
void encode(Encoder& out, const std::array<T, N>& list) {
  for (const T& element : list) out.put(element);
}
template <class T, std::size_t N>
void decode(Decoder& in, std::array<T, N>& list) {
  for (T& element : list) in.get(element);
}
template <class T>
void encode(Encoder& out, const std::optional<T>& value) {
  out.put(value.has_value());
  if (value) out.put(*value);
}
template <class T>
void decode(Decoder& in, std::optional<T>& value) {
  bool present;
  in.get(present);
  value.reset();
  if (present) in.get(value.emplace());
}

/// Equality of structs by their list of fields.
template <HasFields T>
constexpr bool same_fields(const T& a, const T& b) {
  return std::apply([&](const auto&... f) { return ((a.*(f.member) == b.*(f.member)) && ...); }, T::fields());
}

}  // namespace pagetoken
