#pragma once
// German's directory-based cache protocol as a model: the benchmark of parameterized verification. Home and N clients,
// three channels a client, one request served at a time, data of two values.
//
// Source: S. M. German's protocol as given by C.-T. Chou, P. K. Mannava, S. Park, "A Simple Method for Parameterized
// Verification of Cache Coherence Protocols", FMCAD 2004, with data. A data field that is not in use holds kUndefined,
// here and there; the memory and the auxiliary copy of the last store begin as 0 or as 1 alike.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/explore/model.hpp"

namespace pagetoken {

/// Rules left out or broken, each of which some check must catch.
enum class GermanBug : std::uint8_t {
  none,
  shared_grant_ignores_exclusive,   ///< a shared grant without the check that nobody was granted exclusive
  exclusive_grant_ignores_sharers,  ///< an exclusive grant without the check that nobody shares
  ack_without_data                  ///< the client's invalidate-ack leaves the data undefined, and the home copies it
};

template <std::uint8_t N>
class German {
 public:
  enum : std::uint8_t { kInvalid, kShared, kExclusive };
  enum : std::uint8_t {
    kEmpty,
    kRequestShared,
    kRequestExclusive,
    kInvalidate,
    kInvalidateAck,
    kGrantShared,
    kGrantExclusive
  };
  static constexpr std::uint8_t kUndefined = 9;
  static constexpr std::uint8_t kNobody = 9;

  struct State {
    std::array<std::uint8_t, N> cache_state;  // I, S, E
    std::array<std::uint8_t, N> cache_data;
    std::array<std::uint8_t, N> channel1;  // requests
    std::array<std::uint8_t, N> channel2;  // invalidations and grants
    std::array<std::uint8_t, N> channel2_data;
    std::array<std::uint8_t, N> channel3;  // acknowledgements
    std::array<std::uint8_t, N> channel3_data;
    std::uint8_t to_invalidate;  // sets of clients, as bits
    std::uint8_t sharers;
    std::uint8_t exclusive_granted;
    std::uint8_t command;  // being served
    std::uint8_t client;   // for whom
    std::uint8_t memory;
    std::uint8_t latest;  // auxiliary: the last store
  };

  explicit German(GermanBug bug = GermanBug::none) : bug_(bug) {
    std::array<std::uint8_t, N> order;
    for (std::uint8_t i = 0; i < N; ++i) order[i] = i;
    do permutations_.push_back(order);
    while (std::next_permutation(order.begin(), order.end()));
  }

  State& state() { return s_; }
  const State& state() const { return s_; }
  std::size_t initial_states() const { return 2; }
  void initial(std::size_t i) {
    s_ = {};
    s_.cache_data.fill(kUndefined);
    s_.channel2_data.fill(kUndefined);
    s_.channel3_data.fill(kUndefined);
    s_.client = kNobody;
    s_.memory = s_.latest = static_cast<std::uint8_t>(i);
  }

  std::size_t choices() {
    count_ = 0;
    for (std::uint8_t i = 0; i < N; ++i) list_choices(i);
    return count_;
  }

  void take(std::size_t choice) {
    const std::uint8_t i = choices_[choice].client;
    switch (choices_[choice].rule) {
      case Rule::store_0:
      case Rule::store_1: s_.cache_data[i] = s_.latest = choices_[choice].rule == Rule::store_1; break;
      case Rule::request_shared: s_.channel1[i] = kRequestShared; break;
      case Rule::request_exclusive: s_.channel1[i] = kRequestExclusive; break;
      case Rule::accept_request:
        s_.command = s_.channel1[i];
        s_.client = i;
        s_.channel1[i] = kEmpty;
        s_.to_invalidate = s_.sharers;
        break;
      case Rule::send_invalidate:
        s_.channel2[i] = kInvalidate;
        s_.to_invalidate &= static_cast<std::uint8_t>(~(1u << i));
        break;
      case Rule::acknowledge:
        s_.channel2[i] = kEmpty;
        s_.channel3[i] = kInvalidateAck;
        if (s_.cache_state[i] == kExclusive && bug_ != GermanBug::ack_without_data)
          s_.channel3_data[i] = s_.cache_data[i];
        s_.cache_state[i] = kInvalid;
        s_.cache_data[i] = kUndefined;
        break;
      case Rule::receive_ack:
        s_.channel3[i] = kEmpty;
        s_.sharers &= static_cast<std::uint8_t>(~(1u << i));
        if (s_.exclusive_granted) {
          s_.exclusive_granted = 0;
          s_.memory = s_.channel3_data[i];
          s_.channel3_data[i] = kUndefined;
        }
        break;
      case Rule::grant_shared: grant(i, kGrantShared); break;
      case Rule::grant_exclusive: grant(i, kGrantExclusive); break;
      case Rule::receive_grant:
        s_.cache_state[i] = s_.channel2[i] == kGrantShared ? kShared : kExclusive;
        s_.cache_data[i] = s_.channel2_data[i];
        s_.channel2[i] = kEmpty;
        s_.channel2_data[i] = kUndefined;
        break;
    }
  }

  std::string describe_choice(std::size_t choice) {
    static constexpr const char* names[] = {
        "store 0",        "store 1",         "request shared",         "request exclusive",
        "accept request", "send invalidate", "acknowledge invalidate", "receive acknowledgement",
        "grant shared",   "grant exclusive", "receive grant"};
    return std::string(names[static_cast<std::size_t>(choices_[choice].rule)]) + " of client " +
           std::to_string(choices_[choice].client);
  }

  std::optional<Finding> check() {
    for (std::uint8_t i = 0; i < N; ++i) {
      if (s_.cache_state[i] == kExclusive)
        for (std::uint8_t j = 0; j < N; ++j)
          if (j != i && s_.cache_state[j] != kInvalid)
            return Finding{Property::called("protocol:control"), "two clients, one exclusive", kNoNode, {}};
      if (s_.cache_state[i] != kInvalid && s_.cache_data[i] != s_.latest)
        return Finding{Property::called("protocol:data"), "a copy is not the last store", kNoNode, {}};
    }
    if (!s_.exclusive_granted && s_.memory != s_.latest)
      return Finding{
          Property::called("protocol:data"), "nobody is exclusive, and the memory is not the last store", kNoNode, {}};
    return std::nullopt;
  }
  std::optional<Finding> broken() { return std::nullopt; }

  bool ended() const { return true; }  // clients may ask for nothing for ever
  std::string who_waits() const { return "nobody"; }
  std::uint32_t actor_of(std::size_t choice) const { return choices_[choice].client; }
  std::uint64_t unfinished() const { return 0; }

  /// Every permutation of the clients, and each again with the two values of data exchanged.
  std::size_t images() const { return permutations_.size() * 2; }
  State image(std::size_t n) const {
    const auto& to = permutations_[n / 2];
    const bool exchange = n % 2 != 0;
    const auto value = [&](std::uint8_t data) {
      return static_cast<std::uint8_t>(exchange && data < 2 ? 1 - data : data);
    };
    State p = s_;
    p.memory = value(s_.memory);
    p.latest = value(s_.latest);
    p.to_invalidate = p.sharers = 0;
    for (std::uint8_t i = 0; i < N; ++i) {
      p.cache_state[to[i]] = s_.cache_state[i];
      p.cache_data[to[i]] = value(s_.cache_data[i]);
      p.channel1[to[i]] = s_.channel1[i];
      p.channel2[to[i]] = s_.channel2[i];
      p.channel2_data[to[i]] = value(s_.channel2_data[i]);
      p.channel3[to[i]] = s_.channel3[i];
      p.channel3_data[to[i]] = value(s_.channel3_data[i]);
      p.to_invalidate |= static_cast<std::uint8_t>((s_.to_invalidate >> i & 1u) << to[i]);
      p.sharers |= static_cast<std::uint8_t>((s_.sharers >> i & 1u) << to[i]);
    }
    if (s_.client != kNobody) p.client = to[s_.client];
    return p;
  }

 private:
  enum class Rule : std::uint8_t {
    store_0,
    store_1,
    request_shared,
    request_exclusive,
    accept_request,
    send_invalidate,
    acknowledge,
    receive_ack,
    grant_shared,
    grant_exclusive,
    receive_grant
  };
  struct Choice {
    Rule rule;
    std::uint8_t client;
  };

  void list_choices(std::uint8_t i) {
    const auto add = [&](bool enabled, Rule rule) {
      if (enabled) choices_[count_++] = {rule, i};
    };
    const bool serves_i = s_.client == i && s_.channel2[i] == kEmpty;
    add(s_.cache_state[i] == kExclusive, Rule::store_0);
    add(s_.cache_state[i] == kExclusive, Rule::store_1);
    add(s_.channel1[i] == kEmpty && s_.cache_state[i] == kInvalid, Rule::request_shared);
    add(s_.channel1[i] == kEmpty && s_.cache_state[i] != kExclusive, Rule::request_exclusive);
    add(s_.command == kEmpty && s_.channel1[i] != kEmpty, Rule::accept_request);
    add(s_.channel2[i] == kEmpty && (s_.to_invalidate >> i & 1u) != 0 &&
            (s_.command == kRequestExclusive || (s_.command == kRequestShared && s_.exclusive_granted)),
        Rule::send_invalidate);
    add(s_.channel2[i] == kInvalidate && s_.channel3[i] == kEmpty, Rule::acknowledge);
    add(s_.channel3[i] == kInvalidateAck && s_.command != kEmpty, Rule::receive_ack);
    add(s_.command == kRequestShared && serves_i &&
            (!s_.exclusive_granted || bug_ == GermanBug::shared_grant_ignores_exclusive),
        Rule::grant_shared);
    add(s_.command == kRequestExclusive && serves_i && !s_.exclusive_granted &&
            (s_.sharers == 0 || bug_ == GermanBug::exclusive_grant_ignores_sharers),
        Rule::grant_exclusive);
    add(s_.channel2[i] == kGrantShared || s_.channel2[i] == kGrantExclusive, Rule::receive_grant);
  }

  void grant(std::uint8_t i, std::uint8_t what) {
    s_.channel2[i] = what;
    s_.channel2_data[i] = s_.memory;
    s_.sharers |= static_cast<std::uint8_t>(1u << i);
    if (what == kGrantExclusive) s_.exclusive_granted = 1;
    s_.command = kEmpty;
    s_.client = kNobody;
  }

  GermanBug bug_;
  State s_{};
  std::vector<std::array<std::uint8_t, N>> permutations_;
  std::array<Choice, 11 * N> choices_{};
  std::size_t count_ = 0;
};

}  // namespace pagetoken
