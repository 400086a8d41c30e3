#include "sim/workload/spec.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace pagetoken {
namespace {

using Spec = WorkloadSpec;
using Keys = std::vector<KeyInfo>;

constexpr double kMaxBytes = 0x1p40;  // a tebibyte in one access is a mistake
constexpr double kMaxNs = 1e15;       // eleven days

constexpr std::array<PatternInfo, kPatterns> kPatternTable{{
    {Pattern::disjoint, "disjoint",
     "Every client goes over its own contiguous segment of each file, page by page, for ever.", kDefaultClients, 1},
    {Pattern::uniform, "uniform", "Every access goes to a page drawn uniformly.", kDefaultClients, 1},
    {Pattern::zipf, "zipf", "Every access goes to a page drawn by Zipf's law; page 0 is the most popular.",
     kDefaultClients, 1},
    {Pattern::ping_pong, "ping-pong",
     "Clients take strict turns, ascending, one access at a time in the whole cluster; a client's n-th goes to page n "
     "mod pages.",
     2, 2},
    {Pattern::producer_consumer, "producer-consumer",
     "The first clients write page after page, cyclically; the others read them in the same order.", kDefaultClients,
     2},
    {Pattern::migratory, "migratory",
     "A client reads a page, writes it, and goes on to the next; clients start spread over the file and follow each "
     "other.",
     kDefaultClients, 1},
    {Pattern::read_mostly, "read-mostly", "As uniform, with few writes.", kDefaultClients, 1},
    {Pattern::false_sharing, "false-sharing",
     "Every client has a byte range of its own in all pages; each access goes to it in a page drawn uniformly.",
     kDefaultClients, 1},
    {Pattern::strided, "strided",
     "Of n clients, client c accesses records c, c + n, c + 2n and so on to the end, then again.", kDefaultClients, 1},
    {Pattern::sequential_segments, "sequential-segments",
     "Every client goes over its own segment from the start; clients begin one after the other, ascending.",
     kDefaultClients, 1},
    {Pattern::append, "append", "Every client appends; files start empty. Client c uses file c mod files.",
     kDefaultClients, 1},
    {Pattern::log_rotate, "log-rotate",
     "As append; when the clients of a log have each made their share of rotate_pages, one of them, in turn, truncates "
     "it to 0.",
     kDefaultClients, 1},
    {Pattern::truncate_storm, "truncate-storm",
     "The first clients truncate a file and extend it again, for ever; the others access pages all over it, as in "
     "uniform.",
     kDefaultClients, 2},
    {Pattern::mixed, "mixed",
     "Each access of a client is of a part drawn by weight; every part has streams of its own.", kDefaultClients, 1},
}};

KeyInfo pages_key(double fallback, std::string_view description) {
  return {"pages", &Spec::pages, fallback, 1, static_cast<double>(kMaxPages), description};
}
KeyInfo write_fraction_key(double fallback) {
  return {"write_fraction", &Spec::write_fraction, fallback, 0, 1, "probability that an access is a write"};
}
KeyInfo access_bytes_key() {
  return {"access_bytes",
          &Spec::access_bytes,
          0,
          0,
          kMaxBytes,
          "length of an access, from the start of its page; 0 = the whole page"};
}
KeyInfo record_bytes_key() {
  return {"record_bytes", &Spec::record_bytes, 0, 0, kMaxBytes, "length of an access; 0 = the whole page"};
}
KeyInfo via_key(Via fallback) {
  return {"via", &Spec::via, static_cast<double>(fallback),
          0,     1,          "loads and stores (mmap), or read(2) and write(2) (syscall)"};
}
KeyInfo think_key() {
  return {"think_ns", &Spec::think_ns, 0, 0, kMaxNs, "mean delay of a thread before each of its accesses"};
}
KeyInfo file_bytes_key() {
  return {"file_bytes",
          &Spec::file_bytes,
          0,
          0,
          0x1p52,
          "size of every file at the start; 0 = what the largest access needs"};
}
KeyInfo serial_key() {
  return {"serial", &Spec::serial, 0, 0, 1, "one access at a time in the whole cluster, by a client drawn uniformly"};
}
KeyInfo threads_key() {
  return {"threads", &Spec::threads, 1, 1, 1024, "threads of each client, each with its own accesses"};
}

/// What every pattern but `mixed` has, apart from pages, write_fraction and length, whose meaning differs.
void add_common(Keys& keys, Via via) {
  keys.push_back({"files", &Spec::files, 1, 1, static_cast<double>(kMaxFiles), "files that are accessed alike"});
  keys.push_back(
      {"first_file", &Spec::first_file, 0, 0, static_cast<double>(kMaxFiles - 1), "number of the first of them"});
  keys.push_back(think_key());
  keys.push_back({"think", &Spec::think, 0, 0, 1, "distribution of that delay: constant or exponential"});
  keys.push_back(via_key(via));
  keys.push_back(file_bytes_key());
  keys.push_back(serial_key());
  keys.push_back(threads_key());
}

constexpr std::string_view kPagesOfFile = "pages of each file";
constexpr std::string_view kPagesOfSegment = "pages of each client's segment in each file";

/// Keys of the patterns that walk over a file or a segment of it.
void add_walking(Keys& keys, Pattern pattern) {
  if (pattern == Pattern::sequential_segments) {
    keys.push_back(record_bytes_key());
    keys.push_back({"stride_bytes", &Spec::stride_bytes, 0, 0, kMaxBytes,
                    "from the start of an access to the start of the next; 0 = record_bytes"});
    keys.push_back(
        {"start_interval_ns", &Spec::start_interval_ns, 0, 0, kMaxNs, "delay between the starts of two clients"});
    keys.push_back({"head_start", &Spec::head_start, 1, 0, 1e9,
                    "serial: accesses that a client makes before the round in which the next client begins"});
  } else if (pattern == Pattern::strided) {
    keys.push_back(record_bytes_key());
  } else {
    keys.push_back(access_bytes_key());
  }
  if (pattern == Pattern::producer_consumer) {
    keys.push_back(
        {"producers", &Spec::producers, 1, 1, kMaxClients, "clients that write, from client 0 on; fewer than clients"});
  } else if (pattern == Pattern::migratory) {
    keys.push_back({"in_turns", &Spec::in_turns, 0, 0, 1,
                    "serial: clients take strict turns of a read and a write, instead of being drawn"});
  } else {
    keys.push_back(write_fraction_key(1));
  }
}

/// Keys of the patterns that draw pages, and of those that only append.
void add_drawing(Keys& keys, Pattern pattern) {
  if (pattern == Pattern::false_sharing) {
    keys.push_back(
        {"slice_bytes", &Spec::slice_bytes, 0, 0, 0x1p30, "each client's bytes of a page; 0 = page / clients"});
    keys.push_back(write_fraction_key(1));
    return;
  }
  keys.push_back(access_bytes_key());
  if (pattern == Pattern::append || pattern == Pattern::log_rotate) return;
  keys.push_back(write_fraction_key(pattern == Pattern::read_mostly      ? 0.01
                                    : pattern == Pattern::truncate_storm ? 0.5
                                                                         : 0.1));
  if (pattern == Pattern::zipf) {
    keys.push_back(
        {"exponent", &Spec::exponent, 0.99, 0, 16, "the k-th page is chosen in proportion to 1 / k^exponent"});
  }
  if (pattern == Pattern::truncate_storm) {
    keys.push_back({"truncators", &Spec::truncators, 1, 1, kMaxClients,
                    "clients that truncate, from client 0 on; fewer than clients"});
    keys.push_back({"truncate_interval_ns", &Spec::truncate_interval_ns, 100'000, 0, kMaxNs,
                    "delay of a truncator before each truncate and each extend"});
    keys.push_back({"low_pages", &Spec::low_pages, 0, 0, static_cast<double>(kMaxPages),
                    "pages that a truncate leaves; below pages"});
  }
}

Keys make_keys(Pattern pattern) {
  switch (pattern) {
    case Pattern::mixed: return {file_bytes_key(), serial_key(), threads_key()};
    case Pattern::disjoint:
    case Pattern::sequential_segments:
    case Pattern::strided:
    case Pattern::ping_pong:
    case Pattern::producer_consumer:
    case Pattern::migratory: {
      const bool segments = pattern == Pattern::disjoint || pattern == Pattern::sequential_segments;
      Keys keys{pages_key(pattern == Pattern::ping_pong ? 1 : 64, segments ? kPagesOfSegment : kPagesOfFile)};
      add_common(keys, Via::mmap);
      add_walking(keys, pattern);
      return keys;
    }
    case Pattern::append:
    case Pattern::log_rotate: {
      Keys keys;
      if (pattern == Pattern::log_rotate) {
        keys.push_back({"rotate_pages", &Spec::rotate_pages, 64, 1, static_cast<double>(kMaxPages),
                        "pages of a log when it is truncated"});
      }
      add_common(keys, Via::syscall);
      add_drawing(keys, pattern);
      return keys;
    }
    case Pattern::uniform:
    case Pattern::zipf:
    case Pattern::read_mostly:
    case Pattern::false_sharing:
    case Pattern::truncate_storm: break;
  }
  Keys keys{pages_key(64, kPagesOfFile)};
  add_common(keys, Via::mmap);
  add_drawing(keys, pattern);
  return keys;
}

}  // namespace

std::span<const PatternInfo> pattern_table() { return kPatternTable; }

const PatternInfo& pattern_info(Pattern pattern) {
  const PatternInfo& info = kPatternTable[static_cast<std::size_t>(pattern)];
  assert(info.pattern == pattern);
  return info;
}

std::vector<std::string_view> pattern_names() {
  std::vector<std::string_view> names;
  for (const PatternInfo& info : kPatternTable) names.push_back(info.name);
  return names;
}

std::optional<Pattern> find_pattern(std::string_view name) {
  for (const PatternInfo& info : kPatternTable) {
    if (info.name == name) return info.pattern;
  }
  return std::nullopt;
}

std::span<const KeyInfo> keys_of(Pattern pattern) {
  static const std::array<Keys, kPatterns> tables = [] {
    std::array<Keys, kPatterns> made;
    for (const PatternInfo& info : kPatternTable)
      made[static_cast<std::size_t>(info.pattern)] = make_keys(info.pattern);
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
  return std::visit([&](auto member) { return static_cast<double>(spec.*member); }, key.field);
}

void set_value(WorkloadSpec& spec, const KeyInfo& key, double value) {
  assert(value >= key.min && value <= key.max);
  std::visit([&](auto member) { spec.*member = static_cast<std::remove_reference_t<decltype(spec.*member)>>(value); },
             key.field);
}

}  // namespace pagetoken
