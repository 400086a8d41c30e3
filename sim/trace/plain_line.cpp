#include "sim/trace/plain_line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "sim/trace/byte_words.hpp"

namespace pagetoken {

namespace {

// ---- Which key, which kind: a name's first eight letters pick a slot, and one comparison decides.

struct NameWords {
  Word first = 0;
  Word second = 0;
  bool operator==(const NameWords&) const = default;
};
constexpr NameWords words_of(std::string_view name) {
  NameWords words;
  for (std::size_t i = 0; i < std::min<std::size_t>(name.size(), 16); ++i)
    (i < 8 ? words.first : words.second) |= Word{static_cast<unsigned char>(name[i])} << (i % 8 * 8);
  return words;
}
template <std::size_t N>
struct NameTable {
  Word factor = 0x9E3779B97F4A7C15u;
  std::array<std::uint8_t, 1024> slots{};
  std::array<NameWords, N + 1> words{};  ///< the last is no name's
  constexpr std::size_t slot_of(Word first) const { return (first * factor) >> 54; }
  constexpr explicit NameTable(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) words[i] = words_of(names[i]);
    words[N] = {~Word{0}, ~Word{0}};
    for (bool clash = true; clash; factor += 2 * 0xD1B54A32D192ED03u) {
      clash = false;
      for (std::size_t i = 0; i < N; ++i)
        for (std::size_t j = 0; j < i; ++j) clash |= slot_of(words[i].first) == slot_of(words[j].first);
      if (clash) continue;
      slots.fill(N);
      for (std::size_t i = 0; i < N; ++i) slots[slot_of(words[i].first)] = static_cast<std::uint8_t>(i);
      return;
    }
  }
  /// Its index, or N.
  std::size_t find(const NameWords& name) const {
    const std::size_t index = slots[slot_of(name.first)];
    return words[index] == name ? index : N;
  }
  std::size_t find(std::string_view name) const { return name.size() > 16 ? N : find(words_of(name)); }
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
#define KEY(NAME, TYPE, VALUE, MAX, WORDS) \
  {TraceValue::VALUE, sizeof(TYPE) == 4 ? 4 : 8, offsetof(TraceEvent, NAME), MAX},
    PAGETOKEN_TRACE_KEYS(KEY)
#undef KEY
}};

constexpr bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

/// A key as it stands in a line: `,"name":`.
struct KeyLiteral {
  NameWords text;
  NameWords mask;
  std::uint8_t size = 0;
};
constexpr std::array<KeyLiteral, kTraceKeys + 2> kLiterals = [] {
  std::array<KeyLiteral, kTraceKeys + 2> literals{};
  for (std::size_t key = 0; key < literals.size(); ++key) {
    KeyLiteral& literal = literals[key];
    const auto put = [&literal](char c) {
      const std::size_t shift = literal.size % 8 * 8;
      (literal.size < 8 ? literal.text.first : literal.text.second) |= Word{static_cast<unsigned char>(c)} << shift;
      (literal.size < 8 ? literal.mask.first : literal.mask.second) |= Word{0xff} << shift;
      ++literal.size;
    };
    for (const char c : {',', '"'}) put(c);
    for (const char c : kNames[key]) put(c);
    for (const char c : {'"', ':'}) put(c);
    if (literal.size > 16) throw "longer than what is compared";
  }
  return literals;
}();

/// What most lines begin with, in this order.
struct Beginning {
  const char* end = nullptr;  ///< the comma behind it
  TraceKey last = TraceKey::node;
  std::uint64_t t = 0;
  std::uint64_t node = 0;
  std::uint64_t op = 0;
  void put(TraceEvent& event) const {
    event.t = static_cast<std::int64_t>(t);
    event.node = static_cast<std::uint32_t>(node);
    event.op = op;
    event.present |= bit(TraceKey::t) | bit(TraceKey::node) | (last == TraceKey::op ? bit(TraceKey::op) : 0);
  }
};

/// Reads a line into an event. What reads from a place on returns the place behind it, or null; the place is passed by
/// value all the way, as it then stays in a register.
class Plain {
 public:
  Plain(const char* end, TraceEvent& event, PlainLineParser::Successors& successors)
      : end_(end), event_(event), successors_(successors) {}

  /// `end` is null if the line does not begin like that.
  static Beginning beginning(const char* at) {
    Beginning b;
    if (!is_at(at, kLiterals[kT], kFirstKey) || !(at = number(at + kLiterals[kT].size, b.t))) return {};
    if (!is_at(at, kLiterals[kNode], 0) || !(at = number(at + kLiterals[kNode].size, b.node))) return {};
    if (is_at(at, kLiterals[kOp], 0)) {
      if (!(at = number(at + kLiterals[kOp].size, b.op))) return {};
      b.last = TraceKey::op;
    }
    if (b.t > kInfo[kT].max || b.node > kInfo[kNode].max || b.op > kInfo[kOp].max) return {};
    b.end = at;
    return b;
  }

  bool line(const char* at) {
    event_ = TraceEvent{};
    return *at == '{' && rest(at, kTraceKeys, kFirstKey);
  }
  bool line(const Beginning& beginning) {
    event_ = TraceEvent{};
    beginning.put(event_);
    return *beginning.end == ',' && rest(beginning.end, static_cast<std::size_t>(beginning.last), 0);
  }

 private:
  static constexpr Word kFirstKey = '{' ^ ',';  ///< what stands before the line's first key instead of a comma
  static constexpr auto kT = static_cast<std::size_t>(TraceKey::t);
  static constexpr auto kNode = static_cast<std::size_t>(TraceKey::node);
  static constexpr auto kOp = static_cast<std::size_t>(TraceKey::op);

  /// `index`: the key before, or kTraceKeys if there is none.
  bool rest(const char* at, std::size_t index, Word first_differs) {
    std::size_t context = kTraceKinds;  // the kind, once it is known
    do {
      std::uint8_t& guess = successors_[context][index];
      const KeyLiteral& likely = kLiterals[guess];
      if (is_at(at, likely, first_differs)) {
        index = guess;
        at += likely.size;
      } else {
        const Key key = any_key(at);
        if (!key.end) return false;
        at = key.end;
        index = key.index;
        guess = static_cast<std::uint8_t>(index);
      }
      first_differs = 0;
      if (index == kKind) {
        if (context != kTraceKinds || !(at = kind(at))) return false;
        context = static_cast<std::size_t>(event_.kind);
        continue;
      }
      const std::uint64_t mask = std::uint64_t{1} << index;
      if ((event_.present & mask) != 0 || !(at = value(at, kInfo[index]))) return false;
      event_.present |= mask;
    } while (*at == ',');
    return context != kTraceKinds && *at == '}' && at + 1 == end_;
  }
  struct Key {
    const char* end = nullptr;  ///< behind the colon; null if there is no key
    std::size_t index = 0;
  };
  static bool is_at(const char* at, const KeyLiteral& literal, Word first_differs) {
    const Word first = (load_word(at) ^ first_differs ^ literal.text.first) & literal.mask.first;
    const Word second = (load_word(at + 8) ^ literal.text.second) & literal.mask.second;
    return (first | second) == 0;
  }
  /// From the comma on. Rare, and kept out of the way.
  [[gnu::noinline]] static Key any_key(const char* at) {
    NameWords name;
    if (at[1] != '"' || !(at = word(at + 2, name)) || *at != ':') return {};
    const std::size_t index = kKeyTable.find(name);
    return index < kTraceKeys || index == kKind ? Key{at + 1, index} : Key{};
  }
  /// A name of up to 15 letters, and the quote behind it.
  static const char* word(const char* at, NameWords& name) {
    const Word first = load_word(at);
    Word quote = mark_equal(first, '"');
    if (quote != 0) {
      name = {before_mark(first, quote), 0};
      return at + first_mark(quote) + 1;
    }
    const Word second = load_word(at + 8);
    quote = mark_equal(second, '"');
    if (quote == 0) return nullptr;
    name = {first, before_mark(second, quote)};
    return at + 8 + first_mark(quote) + 1;
  }
  const char* kind(const char* at) {
    NameWords name;
    if (*at != '"' || !(at = word(at + 1, name))) return nullptr;
    const std::size_t index = kKindTable.find(name);
    event_.kind = static_cast<TraceKind>(index);
    return index != kTraceKinds ? at : nullptr;
  }
  const char* text(const char* at, std::string_view& out) const {
    if (*at != '"') return nullptr;
    const char* begin = at + 1;
    at = end_of_plain_text(begin);  // the newline at the latest
    if (*at != '"' || at >= end_) return nullptr;
    out = {begin, static_cast<std::size_t>(at - begin)};
    return at + 1;
  }
  static const char* number(const char* at, std::uint64_t& out) {
    const char* begin = at;
    Word bytes = load_word(at);
    std::size_t count = count_digits(bytes);
    if (count == 0) return nullptr;
    std::uint64_t n = digits_value(bytes, count);
    at += count;
    while (count == 8) {
      bytes = load_word(at);
      count = count_digits(bytes);
      if (count == 0) break;
      n = n * kPowerOf10[count] + digits_value(bytes, count);
      at += count;
      if (at - begin > 19) return nullptr;
    }
    out = n;
    return *begin != '0' || at - begin == 1 ? at : nullptr;
  }
  static const char* literal(const char* at, std::string_view word) {
    return std::memcmp(at, word.data(), word.size()) == 0 ? at + word.size() : nullptr;
  }
  static const char* interval(const char* at, TraceInterval& out) {
    TraceInterval read{0, UINT64_MAX};
    if (*at != '[' || !(at = number(at + 1, read.begin)) || *at++ != ',') return nullptr;
    if (!(at = *at == 'n' ? literal(at, "null") : number(at, read.end))) return nullptr;
    if (*at != ']' || read.begin >= read.end) return nullptr;
    out = read;
    return at + 1;
  }
  const char* cells(const char* at, std::uint64_t& out) const {
    std::string_view digits;
    at = text(at, digits);
    if (!at || digits.empty() || digits.size() > 16) return nullptr;
    out = 0;
    for (const char c : digits) {
      const int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0) return nullptr;
      out = out << 4 | static_cast<std::uint64_t>(digit);
    }
    return at;
  }
  const char* value(const char* at, const TraceKeyInfo& info) {
    char* const place = reinterpret_cast<char*>(&event_) + info.offset;
    switch (info.value) {
      case TraceValue::number: {
        std::uint64_t n = 0;
        at = number(at, n);
        if (!at || n > info.max) return nullptr;
        if (info.width == 8) {
          std::memcpy(place, &n, 8);
        } else {
          const auto narrow = static_cast<std::uint32_t>(n);
          std::memcpy(place, &narrow, 4);
        }
        return at;
      }
      case TraceValue::text: return text(at, *reinterpret_cast<std::string_view*>(place));
      case TraceValue::flag: {
        const bool yes = *at == 't';
        *reinterpret_cast<bool*>(place) = yes;
        return literal(at, yes ? "true" : "false");
      }
      case TraceValue::interval: return interval(at, *reinterpret_cast<TraceInterval*>(place));
      case TraceValue::cells: return cells(at, *reinterpret_cast<std::uint64_t*>(place));
    }
    return nullptr;
  }

  const char* end_;
  TraceEvent& event_;
  PlainLineParser::Successors& successors_;
};

}  // namespace

/// How a line of a task's step goes on behind its beginning. There are few such endings, as most steps cost what they
/// always do: each is parsed once, and then told by its text.
struct PlainLineParser::StepEnding {
  static constexpr std::size_t kMax = 160;
  std::size_t size = 0;
  std::array<char, kMax> text{};
  TraceEvent event;  ///< without the beginning; its texts point into `text`

  static std::size_t slot_of(const char* at, std::size_t size) {
    Word hash = size;
    for (const std::size_t place : {size - 8, size / 2, size / 2 + size / 4})
      hash = (hash ^ load_word(at + place)) * 0x9E3779B97F4A7C15u;
    return hash >> (64 - kSlotBits);
  }
  bool is(const char* at, std::size_t length) const {
    return size == length && std::memcmp(at, text.data(), size) == 0;
  }
  void learn(const char* at, std::size_t length, const TraceEvent& parsed) {
    constexpr std::uint64_t kBeginning = bit(TraceKey::t) | bit(TraceKey::node) | bit(TraceKey::op);
    size = length;
    std::memcpy(text.data(), at, length);
    event = parsed;
    event.present &= ~kBeginning;
    for (std::size_t key = 0; key < kTraceKeys; ++key) {
      if ((event.present >> key & 1) == 0 || kInfo[key].value != TraceValue::text) continue;
      auto& view = *reinterpret_cast<std::string_view*>(reinterpret_cast<char*>(&event) + kInfo[key].offset);
      view = {text.data() + (view.data() - at), view.size()};
    }
  }
};

PlainLineParser::PlainLineParser() = default;
PlainLineParser::~PlainLineParser() = default;

bool PlainLineParser::parse(std::string_view line, TraceEvent& event) {
  const char* end = line.data() + line.size();
  Plain plain(end, event, successors_);
  const Beginning beginning = Plain::beginning(line.data());
  if (!beginning.end) return plain.line(line.data());
  constexpr std::string_view kStep = R"(,"kind":"step",)";
  const char* at = beginning.end;
  const auto size = static_cast<std::size_t>(end - at);
  if (at > end || size <= kStep.size() || size > StepEnding::kMax || std::memcmp(at, kStep.data(), kStep.size()) != 0)
    return plain.line(beginning);
  std::unique_ptr<StepEnding>& ending = endings_[StepEnding::slot_of(at, size)];
  if (ending && ending->is(at, size)) {
    event = ending->event;
    beginning.put(event);
    return true;
  }
  if (!plain.line(beginning)) return false;
  // What names a page is not likely to come again; an operation among the rest belongs to the beginning of other lines.
  if (!event.has(TraceKey::file) && (beginning.last == TraceKey::op || !event.has(TraceKey::op))) {
    if (!ending) ending = std::make_unique<StepEnding>();
    ending->learn(at, size, event);
  }
  return true;
}

const TraceKeyInfo& info_of(TraceKey key) { return kInfo[static_cast<std::size_t>(key)]; }
std::size_t find_trace_key(std::string_view name) {
  const std::size_t index = kKeyTable.find(name);
  return index == kTraceKeys + 2 ? kTraceKeys : index;
}
std::size_t find_trace_kind(std::string_view name) { return kKindTable.find(name); }

}  // namespace pagetoken
