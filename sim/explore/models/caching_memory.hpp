#pragma once
// Two models of L. Lamport, "Specifying Systems", 2002, chapter 5: a memory that answers requests of processors, and a
// write-through cache that implements it. As configured by the TLA+ examples (MCInternalMemory, MCWriteThroughCache):
// the interface of processors and memory remembers the last thing that was said.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/explore/model.hpp"

namespace pagetoken {

/// What processors and memory say to each other: nothing, a value, or a request.
struct MemoryWord {
  enum : std::uint8_t { kNothing = 0, kValue = 1, kRead = 2, kWrite = 3 };
  std::uint8_t is = kNothing;
  std::uint8_t address = 0;  ///< of a request
  std::uint8_t value = 0;    ///< of a value, or of a write
  friend bool operator==(const MemoryWord&, const MemoryWord&) = default;
};

/// The memory itself: Req, Do, Rsp.
template <std::uint8_t Processors, std::uint8_t Addresses, std::uint8_t Values>
class InternalMemory {
 public:
  enum : std::uint8_t { kReady, kBusy, kDone };
  struct State {
    std::array<std::uint8_t, Addresses> memory;
    std::array<std::uint8_t, Processors> control;
    std::array<MemoryWord, Processors> buffer;
    std::uint8_t said_by;
    MemoryWord said;
  };

  std::size_t initial_states() const {
    std::size_t count = 1;
    for (std::uint8_t a = 0; a < Addresses; ++a) count *= Values;
    return count;
  }
  void initial(std::size_t which) {
    s_ = State{};
    for (std::uint8_t& cell : s_.memory) {
      cell = static_cast<std::uint8_t>(which % Values);
      which /= Values;
    }
  }
  State& state() { return s_; }
  const State& state() const { return s_; }

  std::size_t choices() {
    choices_.clear();
    for (std::uint8_t p = 0; p < Processors; ++p) {
      if (s_.control[p] != kReady) {
        choices_.push_back({p, {}});
        continue;
      }
      for (std::uint8_t a = 0; a < Addresses; ++a) {
        choices_.push_back({p, {MemoryWord::kRead, a, 0}});
        for (std::uint8_t v = 0; v < Values; ++v) choices_.push_back({p, {MemoryWord::kWrite, a, v}});
      }
    }
    return choices_.size();
  }
  void take(std::size_t choice) {
    const auto [p, request] = choices_[choice];
    switch (s_.control[p]) {
      case kReady:  // Req
        say(p, request);
        s_.buffer[p] = request;
        s_.control[p] = kBusy;
        return;
      case kBusy:  // Do
        if (s_.buffer[p].is == MemoryWord::kWrite) {
          s_.memory[s_.buffer[p].address] = s_.buffer[p].value;
          s_.buffer[p] = {};
        } else {
          s_.buffer[p] = {MemoryWord::kValue, 0, s_.memory[s_.buffer[p].address]};
        }
        s_.control[p] = kDone;
        return;
      default:  // Rsp
        say(p, s_.buffer[p]);
        s_.control[p] = kReady;
    }
  }

  std::string describe_choice(std::size_t choice) {
    constexpr const char* kNames[] = {"Req", "Do", "Rsp"};
    const std::uint8_t p = choices_[choice].processor;
    return std::string(kNames[s_.control[p]]) + " " + std::to_string(p);
  }
  std::optional<Finding> check() { return std::nullopt; }
  std::optional<Finding> broken() { return std::nullopt; }
  bool ended() const { return false; }
  std::string who_waits() const { return "nobody"; }
  std::uint32_t actor_of(std::size_t choice) const { return choices_[choice].processor; }
  std::uint64_t unfinished() const { return 0; }

 private:
  struct Choice {
    std::uint8_t processor = 0;
    MemoryWord request{};
  };
  void say(std::uint8_t processor, MemoryWord word) {
    s_.said_by = processor;
    s_.said = word;
  }

  State s_{};
  std::vector<Choice> choices_;
};

/// The write-through cache: each processor has one, and a queue leads to the memory.
template <std::uint8_t Processors, std::uint8_t Addresses, std::uint8_t Values, std::uint8_t QueueLength>
class WriteThroughCache {
 public:
  enum : std::uint8_t { kReady, kBusy, kWaiting, kDone };
  static constexpr std::uint8_t kNoValue = 0xff;
  struct Queued {
    std::uint8_t processor = 0;
    MemoryWord request{};
  };
  struct State {
    std::array<std::uint8_t, Addresses> memory;
    std::array<std::uint8_t, Processors> control;
    std::array<MemoryWord, Processors> buffer;
    std::array<std::array<std::uint8_t, Addresses>, Processors> cache;
    std::array<Queued, QueueLength> queue;  ///< the first `queued` of it; the rest is as Queued{}
    std::uint8_t queued;
    std::uint8_t said_by;
    MemoryWord said;
  };

  std::size_t initial_states() const {
    std::size_t count = 1;
    for (std::uint8_t a = 0; a < Addresses; ++a) count *= Values;
    return count;
  }
  void initial(std::size_t which) {
    s_ = State{};
    for (std::uint8_t& cell : s_.memory) {
      cell = static_cast<std::uint8_t>(which % Values);
      which /= Values;
    }
    for (auto& cache : s_.cache) cache.fill(kNoValue);
  }
  State& state() { return s_; }
  const State& state() const { return s_; }

  std::size_t choices() {
    choices_.clear();
    for (std::uint8_t p = 0; p < Processors; ++p) list_of(p);
    if (s_.queued > 0) choices_.push_back({Kind::memory, s_.queue[0].processor, {}});
    return choices_.size();
  }
  void take(std::size_t choice) {
    const Choice c = choices_[choice];
    const std::uint8_t p = c.processor;
    const MemoryWord request = s_.buffer[p];
    switch (c.kind) {
      case Kind::request:
        say(p, c.word);
        s_.buffer[p] = c.word;
        s_.control[p] = kBusy;
        return;
      case Kind::respond:
        say(p, s_.buffer[p]);
        s_.control[p] = kReady;
        return;
      case Kind::read_miss:
        s_.queue[s_.queued++] = {p, request};
        s_.control[p] = kWaiting;
        return;
      case Kind::read:
        s_.buffer[p] = {MemoryWord::kValue, 0, s_.cache[p][request.address]};
        s_.control[p] = kDone;
        return;
      case Kind::write:
        for (std::uint8_t q = 0; q < Processors; ++q)
          if (q == p || s_.cache[q][request.address] != kNoValue) s_.cache[q][request.address] = request.value;
        s_.queue[s_.queued++] = {p, request};
        s_.buffer[p] = {};
        s_.control[p] = kDone;
        return;
      case Kind::evict: s_.cache[p][c.word.address] = kNoValue; return;
      case Kind::memory: serve_queue();
    }
  }

  std::string describe_choice(std::size_t choice) {
    constexpr const char* kNames[] = {"Req", "Rsp", "RdMiss", "DoRd", "DoWr", "Evict", "MemQ"};
    const Choice& c = choices_[choice];
    return std::string(kNames[static_cast<std::size_t>(c.kind)]) + " " + std::to_string(c.processor);
  }
  /// Coherence: two caches that have an address have the same value.
  std::optional<Finding> check() {
    for (std::uint8_t a = 0; a < Addresses; ++a)
      for (std::uint8_t p = 0; p < Processors; ++p)
        for (std::uint8_t q = 0; q < p; ++q) {
          const std::uint8_t mine = s_.cache[p][a], other = s_.cache[q][a];
          if (mine != kNoValue && other != kNoValue && mine != other)
            return Finding{Property::called("protocol:coherence"), "two caches differ", kNoNode, {}};
        }
    return std::nullopt;
  }
  std::optional<Finding> broken() { return std::nullopt; }
  bool ended() const { return false; }
  std::string who_waits() const { return "nobody"; }
  std::uint32_t actor_of(std::size_t choice) const { return choices_[choice].processor; }
  std::uint64_t unfinished() const { return 0; }

 private:
  enum class Kind : std::uint8_t { request, respond, read_miss, read, write, evict, memory };
  struct Choice {
    Kind kind{};
    std::uint8_t processor = 0;
    MemoryWord word{};
  };

  void list_of(std::uint8_t p) {
    const MemoryWord& request = s_.buffer[p];
    const std::uint8_t control = s_.control[p];
    if (control == kReady)
      for (std::uint8_t a = 0; a < Addresses; ++a) {
        choices_.push_back({Kind::request, p, {MemoryWord::kRead, a, 0}});
        for (std::uint8_t v = 0; v < Values; ++v) choices_.push_back({Kind::request, p, {MemoryWord::kWrite, a, v}});
      }
    if (control == kDone) choices_.push_back({Kind::respond, p, {}});
    const bool reads = (control == kBusy || control == kWaiting) && request.is == MemoryWord::kRead;
    const bool has = reads && s_.cache[p][request.address] != kNoValue;
    if (reads && !has && control == kBusy && s_.queued < QueueLength) choices_.push_back({Kind::read_miss, p, {}});
    if (has) choices_.push_back({Kind::read, p, {}});
    if (control == kBusy && request.is == MemoryWord::kWrite && s_.queued < QueueLength)
      choices_.push_back({Kind::write, p, {}});
    for (std::uint8_t a = 0; a < Addresses; ++a)
      if (s_.cache[p][a] != kNoValue && (control != kWaiting || request.address != a))
        choices_.push_back({Kind::evict, p, {MemoryWord::kNothing, a, 0}});
  }
  /// The memory's value once all writes that are queued have reached it.
  std::uint8_t value_to_be(std::uint8_t address) const {
    std::uint8_t value = s_.memory[address];
    for (std::uint8_t i = 0; i < s_.queued; ++i)
      if (s_.queue[i].request.is == MemoryWord::kWrite && s_.queue[i].request.address == address)
        value = s_.queue[i].request.value;
    return value;
  }
  void serve_queue() {
    const Queued first = s_.queue[0];
    const MemoryWord& request = first.request;
    if (request.is == MemoryWord::kWrite)
      s_.memory[request.address] = request.value;
    else
      s_.cache[first.processor][request.address] = value_to_be(request.address);
    std::copy(s_.queue.begin() + 1, s_.queue.end(), s_.queue.begin());
    s_.queue.back() = {};
    --s_.queued;
  }
  void say(std::uint8_t processor, MemoryWord word) {
    s_.said_by = processor;
    s_.said = word;
  }

  State s_{};
  std::vector<Choice> choices_;
};

}  // namespace pagetoken
