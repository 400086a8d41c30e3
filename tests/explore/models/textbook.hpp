#pragma once
// Small models with known answers, each beside its broken brother.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/explore/model.hpp"

namespace pagetoken {

/// Peterson's mutual exclusion of two (1981), entered again and again; broken: it looks before it raises its flag.
class Peterson {
 public:
  struct Process {
    std::uint8_t at;  // 0 idle, 1 raises its flag, 2 gives way, 3 waits, 4 inside
    std::uint8_t flag;
  };
  struct State {
    std::array<Process, 2> process;
    std::uint8_t turn;
  };
  explicit Peterson(bool broken = false) : broken_(broken) {}

  State& state() { return s_; }
  const State& state() const { return s_; }
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t) { s_ = {}; }
  std::size_t choices() {
    choices_.clear();
    for (std::uint8_t p = 0; p < 2; ++p)
      if (s_.process[p].at != 3 || free(p)) choices_.push_back(p);
    return choices_.size();
  }
  void take(std::size_t choice) {
    const std::uint8_t p = choices_[choice];
    Process& me = s_.process[p];
    switch (me.at) {
      case 0: me.at = broken_ ? 3 : 1; break;
      case 1:
        me.flag = 1;
        me.at = broken_ ? 4 : 2;
        break;
      case 2:
        s_.turn = static_cast<std::uint8_t>(1 - p);
        me.at = 3;
        break;
      case 3: me.at = broken_ ? 1 : 4; break;
      case 4:
        me.flag = 0;
        me.at = 0;
        break;
    }
  }
  std::string describe_choice(std::size_t choice) { return "process " + std::to_string(choices_[choice]); }
  std::optional<Finding> check() {
    if (s_.process[0].at == 4 && s_.process[1].at == 4)
      return Finding{Property::called("protocol:exclusion"), "both are inside", kNoNode, {}};
    return std::nullopt;
  }
  std::optional<Finding> broken() { return std::nullopt; }
  bool ended() const { return unfinished() == 0; }
  std::string who_waits() const { return {}; }
  std::uint32_t actor_of(std::size_t choice) const { return choices_[choice]; }
  std::uint64_t unfinished() const { return (s_.process[0].at != 0 ? 1u : 0u) | (s_.process[1].at != 0 ? 2u : 0u); }

 private:
  bool free(std::uint8_t p) const { return !s_.process[1 - p].flag || (s_.turn == p && !broken_); }
  bool broken_;
  State s_{};
  std::vector<std::uint8_t> choices_;
};

/// Dijkstra's philosophers, who eat once; the last one may take the forks the other way round, and then nobody starves.
template <std::uint8_t N>
class Philosophers {
 public:
  struct State {
    std::array<std::uint8_t, N> at;     // 0 thinks, 1 has one fork, 2 has both, 3 has eaten
    std::array<std::uint8_t, N> taken;  // forks
  };
  explicit Philosophers(bool last_is_left_handed) : left_handed_(last_is_left_handed) {}

  State& state() { return s_; }
  const State& state() const { return s_; }
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t) { s_ = {}; }
  std::size_t choices() {
    choices_.clear();
    for (std::uint8_t p = 0; p < N; ++p)
      if (s_.at[p] == 2 || (s_.at[p] < 2 && !s_.taken[fork(p, s_.at[p])])) choices_.push_back(p);
    return choices_.size();
  }
  void take(std::size_t choice) {
    const std::uint8_t p = choices_[choice];
    if (s_.at[p] == 2)
      s_.taken[fork(p, 0)] = s_.taken[fork(p, 1)] = 0;
    else
      s_.taken[fork(p, s_.at[p])] = 1;
    ++s_.at[p];
  }
  std::string describe_choice(std::size_t choice) { return "philosopher " + std::to_string(choices_[choice]); }
  std::optional<Finding> check() { return std::nullopt; }
  std::optional<Finding> broken() { return std::nullopt; }
  bool ended() const { return unfinished() == 0; }
  std::string who_waits() const { return "each waits for the fork of the next"; }
  std::uint32_t actor_of(std::size_t choice) const { return choices_[choice]; }
  std::uint64_t unfinished() const {
    std::uint64_t set = 0;
    for (std::uint8_t p = 0; p < N; ++p) set |= std::uint64_t{s_.at[p] != 3} << p;
    return set;
  }

 private:
  std::uint8_t fork(std::uint8_t p, std::uint8_t which) const {
    const bool left = left_handed_ && p == N - 1;
    return static_cast<std::uint8_t>((p + (left ? 1 - which : which)) % N);
  }
  bool left_handed_;
  State s_{};
  std::vector<std::uint8_t> choices_;
};

/// Somebody who tries until a lock is free, and somebody who holds it for `steps` steps.
///   waits: the holder releases in the end, so every fair run ends; the cycle of tries is unfair.
///   keeps: the holder moves for ever between two states, and never releases: a fair cycle.
///   parts: as waits, but each try of the other sends the holder back to its start: both move, nobody ends.
class Spinner {
 public:
  enum class Holder : std::uint8_t { waits, keeps, parts };
  struct State {
    std::uint8_t holder;  // steps done
    std::uint8_t tried;   // the spinner is between two tries
    std::uint8_t done;    // the spinner has ended
  };
  Spinner(Holder holder, std::uint8_t steps) : holder_(holder), steps_(steps) {}

  State& state() { return s_; }
  const State& state() const { return s_; }
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t) { s_ = {}; }
  std::size_t choices() {
    choices_.clear();
    if (!s_.done) choices_.push_back(0);
    if (s_.holder < steps_) choices_.push_back(1);
    return choices_.size();
  }
  void take(std::size_t choice) {
    if (choices_[choice] == 1) {
      s_.holder = holder_ == Holder::keeps && s_.holder + 1 == steps_ ? 0 : static_cast<std::uint8_t>(s_.holder + 1);
    } else if (s_.tried) {
      s_.tried = 0;
      if (holder_ == Holder::parts && s_.holder < steps_) s_.holder = 0;
    } else if (s_.holder == steps_) {
      s_.done = 1;
    } else {
      s_.tried = 1;
    }
  }
  std::string describe_choice(std::size_t choice) {
    return choices_[choice] == 1 ? "holder" : s_.tried ? "again" : "tries";
  }
  std::optional<Finding> check() { return std::nullopt; }
  std::optional<Finding> broken() { return std::nullopt; }
  bool ended() const { return unfinished() == 0; }
  std::string who_waits() const { return "the spinner spins"; }
  std::uint32_t actor_of(std::size_t choice) const { return choices_[choice]; }
  std::uint64_t unfinished() const { return (s_.done ? 0u : 1u) | (s_.holder < steps_ ? 2u : 0u); }
  bool is_retry(std::size_t choice) const { return choices_[choice] == 0 && s_.tried; }
  bool is_interference(std::size_t choice) const { return choices_[choice] == 1 && s_.holder == 0; }

 private:
  Holder holder_;
  std::uint8_t steps_;
  State s_{};
  std::vector<std::uint8_t> choices_;
};

/// A reader of a sequence count: each of `rounds` writes (two steps: odd, even) sends it back once; it must not return
/// while the count is odd. Broken: it returns whatever it reads.
class SequenceReader {
 public:
  struct State {
    std::uint8_t count;
    std::uint8_t sampled;
    std::uint8_t at;  // 0 samples, 1 compares, 2 has ended
    std::uint8_t torn;
  };
  SequenceReader(std::uint8_t rounds, bool broken) : rounds_(rounds), broken_(broken) {}

  State& state() { return s_; }
  const State& state() const { return s_; }
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t) { s_ = {}; }
  std::size_t choices() {
    choices_.clear();
    if (s_.at == 1 || (s_.at == 0 && s_.count % 2 == 0)) choices_.push_back(0);
    if (s_.count < 2 * rounds_) choices_.push_back(1);
    return choices_.size();
  }
  void take(std::size_t choice) {
    if (choices_[choice] == 1) {
      ++s_.count;
    } else if (s_.at == 0) {
      s_.sampled = s_.count;
      s_.at = 1;
    } else {
      const bool same = s_.sampled == s_.count;
      s_.torn = !same && broken_;
      s_.at = same || broken_ ? 2 : 0;
    }
  }
  std::string describe_choice(std::size_t choice) {
    return choices_[choice] == 1 ? "write" : s_.at == 0 ? "sample" : "compare";
  }
  std::optional<Finding> check() {
    if (s_.torn && choices_.empty())
      return Finding{
          Property::called("protocol:torn"), "the reader has returned what it read in two halves", kNoNode, {}};
    return std::nullopt;
  }
  std::optional<Finding> broken() { return std::nullopt; }
  bool ended() const { return s_.at == 2 && s_.count == 2 * rounds_; }
  std::string who_waits() const { return "the reader waits for an even count"; }
  std::uint32_t actor_of(std::size_t choice) const { return choices_[choice]; }
  std::uint64_t unfinished() const { return s_.at == 2 ? 0 : 1; }
  bool is_retry(std::size_t choice) const { return choices_[choice] == 0 && s_.at == 1 && s_.sampled != s_.count; }
  bool is_interference(std::size_t choice) const { return choices_[choice] == 1 && s_.count % 2 == 0; }

 private:
  std::uint8_t rounds_;
  bool broken_;
  State s_{};
  std::vector<std::uint8_t> choices_;
};

/// A request over a link that may lose `losses` of its messages; sent again, or not.
class LossyRequest {
 public:
  struct State {
    std::uint8_t asked;
    std::uint8_t flying;
    std::uint8_t lost;
    std::uint8_t done;
  };
  LossyRequest(std::uint8_t losses, bool sends_again) : losses_(losses), sends_again_(sends_again) {}

  State& state() { return s_; }
  const State& state() const { return s_; }
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t) { s_ = {}; }
  std::size_t choices() {
    choices_.clear();
    if (!s_.asked) choices_.push_back('s');
    if (s_.flying) choices_.push_back('d');
    if (s_.flying && s_.lost < losses_) choices_.push_back('l');
    if (s_.asked && !s_.flying && !s_.done && sends_again_) choices_.push_back('s');
    if (s_.asked && !s_.flying && !s_.done) choices_.push_back('w');  // looks at its watch
    return choices_.size();
  }
  void take(std::size_t choice) {
    switch (choices_[choice]) {
      case 's': s_.asked = s_.flying = 1; break;
      case 'd':
        s_.flying = 0;
        s_.done = 1;
        break;
      case 'l':
        s_.flying = 0;
        ++s_.lost;
        break;
    }
  }
  std::string describe_choice(std::size_t choice) { return std::string(1, static_cast<char>(choices_[choice])); }
  std::optional<Finding> check() { return std::nullopt; }
  std::optional<Finding> broken() { return std::nullopt; }
  bool ended() const { return s_.done; }
  std::string who_waits() const { return "the client waits for a reply"; }
  std::uint32_t actor_of(std::size_t choice) const {
    return choices_[choice] == 'd' ? 1 : choices_[choice] == 'w' ? 2 : 0;
  }
  std::uint64_t unfinished() const { return s_.done ? 0 : 1; }
  bool is_failure(std::size_t choice) const { return choices_[choice] == 'l'; }

 private:
  std::uint8_t losses_;
  bool sends_again_;
  State s_{};
  std::vector<std::uint8_t> choices_;
};

/// A crowd of actors, all of whom can always move. The first goes round for ever; so do the others, or the first of
/// them to move ends it for all.
class Crowd {
 public:
  struct State {
    std::uint8_t at;  // 0 and 1: round and round; 2: over
  };
  /// The last actor goes by the number `last`.
  Crowd(std::uint32_t actors, std::uint32_t last, bool others_go_round)
      : actors_(actors), last_(last), others_go_round_(others_go_round) {}

  State& state() { return s_; }
  const State& state() const { return s_; }
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t) { s_ = {}; }
  std::size_t choices() { return s_.at == 2 ? 0 : actors_; }
  void take(std::size_t choice) {
    s_.at = choice == 0 || others_go_round_ ? static_cast<std::uint8_t>(1 - s_.at) : std::uint8_t{2};
  }
  std::string describe_choice(std::size_t choice) { return "actor " + std::to_string(actor_of(choice)); }
  std::optional<Finding> check() { return std::nullopt; }
  std::optional<Finding> broken() { return std::nullopt; }
  bool ended() const { return s_.at == 2; }
  std::string who_waits() const { return {}; }
  std::uint32_t actor_of(std::size_t choice) const {
    return choice + 1 == actors_ ? last_ : static_cast<std::uint32_t>(choice);
  }
  std::uint64_t unfinished() const { return s_.at == 2 ? 0 : 1; }

 private:
  std::uint32_t actors_, last_;
  bool others_go_round_;
  State s_{};
};

}  // namespace pagetoken
