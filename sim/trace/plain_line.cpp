#include "sim/trace/plain_line.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace pagetoken {

namespace {

// ---- Which key, which kind: a name's first eight letters pick a slot, and one comparison decides.

constexpr std::uint64_t first_word(std::string_view name) {
  std::uint64_t word = 0;
  if (std::is_constant_evaluated()) {
    for (std::size_t i = std::min<std::size_t>(name.size(), 8); i-- > 0;)
      word = word << 8 | static_cast<unsigned char>(name[i]);
    return word;
  }
  std::memcpy(&word, name.data(), sizeof word);  // there is padding behind every line
  return name.size() >= 8 ? word : word & ((std::uint64_t{1} << (8 * name.size())) - 1);
}
template <std::size_t N>
struct NameTable {
  std::uint64_t factor = 0x9E3779B97F4A7C15u;
  std::array<std::uint8_t, 1024> slots{};  ///< index + 1
  constexpr std::size_t slot_of(std::string_view name) const { return (first_word(name) * factor) >> 54; }
  constexpr explicit NameTable(const std::array<std::string_view, N>& names) {
    for (bool clash = true; clash; factor += 2 * 0xD1B54A32D192ED03u) {
      std::array<std::size_t, N> taken{};
      clash = false;
      for (std::size_t i = 0; i < N && !clash; ++i) {
        taken[i] = slot_of(names[i]);
        for (std::size_t j = 0; j < i; ++j) clash |= taken[j] == taken[i];
      }
      if (clash) continue;
      for (std::size_t i = 0; i < N; ++i) slots[taken[i]] = static_cast<std::uint8_t>(i + 1);
      return;
    }
  }
  std::size_t find(const std::array<std::string_view, N>& names, std::string_view name) const {
    const std::size_t index = slots[slot_of(name)];
    return index != 0 && names[index - 1] == name ? index - 1 : N;
  }
};

constexpr std::size_t kKind = kTraceKeys + 1;
constexpr std::array<std::string_view, kTraceKeys + 2> kNames = [] {
  std::array<std::string_view, kTraceKeys + 2> names{};
  std::copy(kTraceKeyNames.begin(), kTraceKeyNames.end(), names.begin());
  names[kTraceKeys] = " ";  // no key
  names[kKind] = "kind";
  return names;
}();
constexpr NameTable<kTraceKeys + 2> kKeyTable(kNames);
constexpr NameTable<kTraceKinds> kKindTable(kTraceKindNames);

static_assert(std::is_standard_layout_v<TraceEvent>);
constexpr std::array<TraceKeyInfo, kTraceKeys> kInfo{{
    {TraceValue::number, 8, offsetof(TraceEvent, t), INT64_MAX},
    {TraceValue::number, 4, offsetof(TraceEvent, node), UINT32_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, op), INT64_MAX},
    {TraceValue::number, 4, offsetof(TraceEvent, file), (1u << 24) - 1},
    {TraceValue::number, 8, offsetof(TraceEvent, page), (std::uint64_t{1} << 40) - 3},
    {TraceValue::flag, 8, offsetof(TraceEvent, size), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, by_task), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, by_msg), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, by_request), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, by_timer), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, what), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, access), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, via), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, offset), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, length), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, result), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, event), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, latency), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, retries), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, task), 65535},
    {TraceValue::text, 8, offsetof(TraceEvent, step), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, text), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, waits), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, lock), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, holder), INT64_MAX},
    {TraceValue::flag, 8, offsetof(TraceEvent, retry), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, cost), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, delay), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, mode), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, keep), INT64_MAX},
    {TraceValue::interval, 8, offsetof(TraceEvent, range), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, msg), INT64_MAX},
    {TraceValue::number, 4, offsetof(TraceEvent, to), UINT32_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, type), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, bytes), INT64_MAX},
    {TraceValue::number, 4, offsetof(TraceEvent, from), UINT32_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, waited), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, cpu), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, request), INT64_MAX},
    {TraceValue::number, 4, offsetof(TraceEvent, server), UINT32_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, io), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, phase), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, service), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, reads), INT64_MAX},
    {TraceValue::interval, 8, offsetof(TraceEvent, read_bytes), INT64_MAX},
    {TraceValue::cells, 8, offsetof(TraceEvent, read_cells), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, writes), INT64_MAX},
    {TraceValue::interval, 8, offsetof(TraceEvent, write_bytes), INT64_MAX},
    {TraceValue::cells, 8, offsetof(TraceEvent, write_cells), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, open), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, last_end), INT64_MAX},
    {TraceValue::flag, 8, offsetof(TraceEvent, sequential), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, timer), INT64_MAX},
    {TraceValue::flag, 8, offsetof(TraceEvent, partial), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, violations), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, fingerprint), INT64_MAX},
    {TraceValue::number, 8, offsetof(TraceEvent, lines), INT64_MAX},
    {TraceValue::text, 8, offsetof(TraceEvent, hash), INT64_MAX},
}};

constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// A cursor over a line; what cannot be read leaves `ok` false.
class Plain {
 public:
  Plain(std::string_view line, TraceEvent& event) : at_(line.data()), end_(line.data() + line.size()), event_(event) {}

  bool run() {
    event_ = TraceEvent{};
    bool has_kind = false;
    char expected = '{';
    do {
      if (*at_ != expected || at_[1] != '"') return false;
      at_ += 2;
      expected = ',';
      const std::string_view name = key();
      const std::size_t index = kKeyTable.find(kNames, name);
      if (index == kKind) {
        if (!kind() || has_kind) return false;
        has_kind = true;
        continue;
      }
      if (index >= kTraceKeys) return false;
      const std::uint64_t mask = std::uint64_t{1} << index;
      if ((event_.present & mask) != 0 || !value(kInfo[index])) return false;
      event_.present |= mask;
    } while (*at_ == ',');
    return has_kind && *at_ == '}' && at_ + 1 == end_;
  }

 private:
  /// From behind the quote to the colon.
  std::string_view key() {
    const char* begin = at_;
    while (*at_ != '"' && at_ < end_) ++at_;
    const std::string_view name(begin, static_cast<std::size_t>(at_ - begin));
    at_ += at_[1] == ':' ? 2 : 0;  // else what comes is no value
    return name;
  }
  bool kind() {
    std::string_view name;
    if (!text(name)) return false;
    const std::size_t index = kKindTable.find(kTraceKindNames, name);
    event_.kind = static_cast<TraceKind>(index);
    return index != kTraceKinds;
  }
  bool text(std::string_view& out) {
    if (*at_ != '"') return false;
    const char* begin = ++at_;
    while (kPlain[static_cast<unsigned char>(*at_)]) ++at_;
    if (*at_ != '"' || at_ >= end_) return false;
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }
  bool number(std::uint64_t& out) {
    const char* begin = at_;
    std::uint64_t n = 0;
    while (is_digit(*at_)) n = n * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    out = n;
    const auto digits = at_ - begin;
    return digits > 0 && digits <= 19 && (*begin != '0' || digits == 1);
  }
  bool literal(std::string_view word) {
    if (std::memcmp(at_, word.data(), word.size()) != 0) return false;
    at_ += word.size();
    return true;
  }
  bool interval(TraceInterval& out) {
    if (!literal("[") || !number(out.begin) || !literal(",")) return false;
    out.end = UINT64_MAX;
    if (*at_ == 'n' ? !literal("null") : !number(out.end)) return false;
    return literal("]") && out.begin < out.end;
  }
  bool cells(std::uint64_t& out) {
    std::string_view digits;
    if (!text(digits) || digits.empty() || digits.size() > 16) return false;
    out = 0;
    for (const char c : digits) {
      const int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0) return false;
      out = out << 4 | static_cast<std::uint64_t>(digit);
    }
    return true;
  }
  bool value(const TraceKeyInfo& info) {
    char* const place = reinterpret_cast<char*>(&event_) + info.offset;
    switch (info.value) {
      case TraceValue::number: {
        std::uint64_t n = 0;
        if (!number(n) || n > info.max) return false;
        std::memcpy(place, &n, info.width == 4 ? 4 : 8);
        return true;
      }
      case TraceValue::text: return text(*reinterpret_cast<std::string_view*>(place));
      case TraceValue::flag: {
        const bool yes = *at_ == 't';
        *reinterpret_cast<bool*>(place) = yes;
        return literal(yes ? "true" : "false");
      }
      case TraceValue::interval: return interval(*reinterpret_cast<TraceInterval*>(place));
      case TraceValue::cells: return cells(*reinterpret_cast<std::uint64_t*>(place));
    }
    return false;
  }

  /// What a text may hold here.
  static constexpr std::array<bool, 256> kPlain = [] {
    std::array<bool, 256> plain{};
    for (int c = 0x20; c < 0x7f; ++c) plain[static_cast<std::size_t>(c)] = c != '"' && c != '\\';
    return plain;
  }();

  const char* at_;
  const char* end_;
  TraceEvent& event_;
};

}  // namespace

bool parse_plain_line(std::string_view line, TraceEvent& event) { return Plain(line, event).run(); }
const TraceKeyInfo& info_of(TraceKey key) { return kInfo[static_cast<std::size_t>(key)]; }
std::size_t find_trace_key(std::string_view name) {
  const std::size_t index = kKeyTable.find(kNames, name);
  return index == kTraceKeys + 2 ? kTraceKeys : index;
}
std::size_t find_trace_kind(std::string_view name) { return kKindTable.find(kTraceKindNames, name); }

}  // namespace pagetoken
