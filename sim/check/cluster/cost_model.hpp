#pragma once
// The cluster as a model in which one operation at a time is watched: the messages charged to it are a weight of the
// choices, until nothing is under way any more.

#include <memory>
#include <optional>

#include "sim/check/cluster/cluster_model.hpp"
#include "sim/cluster/event_kind.hpp"

namespace pagetoken {

/// What a watched operation came to be (docs/protocols.md, "Elementary events"); `none`: a hit, so far.
struct WatchedEvent {
  ElementaryEvent kind{};
  /// wmiss_shared, upgrade: other nodes that hold the page; truncate: that hold the size, or what is cut off
  std::uint8_t others = 0;
  friend auto operator<=>(const WatchedEvent&, const WatchedEvent&) = default;
};
std::string text_of(const WatchedEvent& event);  ///< "WMISS_SHARED(2)", as the summary of a run has the names

class CostModel final : public ClusterWatch {
 public:
  /// `options` with a menu; its watch is this model's. If operations are `alone`, each of them is watched, one after
  /// another; else one of a path, any one.
  CostModel(ClusterModel::Options options, const Machine& machine, const Paths& paths);

  // Model (sim/explore/model.hpp).
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t);
  void encode(Encoder& out) const;
  void decode(const std::uint8_t* bytes);
  std::size_t choices();
  void take(std::size_t choice);
  std::string describe_choice(std::size_t choice);
  std::optional<Finding> check() { return std::nullopt; }  // asked elsewhere, of the same protocol
  std::optional<Finding> broken() { return model_->broken(); }
  bool ended() const { return is_over() || model_->ended(); }
  std::string who_waits() const { return model_->who_waits(); }
  std::uint32_t actor_of(std::size_t choice) const { return is_settled_ ? ~0u : model_->actor_of(inner(choice)); }
  /// Costs are counted from there.
  bool is_reset(std::size_t) const { return is_settled_; }
  /// No question of progress is asked of this model. Of a state in which nothing is under way any more: its Outcome.
  std::uint64_t label() const;
  std::uint8_t weight() const { return weight_; }

  struct Outcome {
    WatchedEvent event{};
    std::uint8_t hops = 0;  ///< on the longest chain of messages that it has waited for; Cause::kMostHops: or more
  };
  static std::optional<Outcome> outcome(std::uint64_t label);

  // ClusterWatch.
  std::uint64_t begins(NodeId node, const Operation& operation) override;
  void needs(NodeId node, const Task& task, const Resource& resource, const Need& need) override;
  void sends(const Envelope& envelope) override;
  void ends(const Task& task) override;

 private:
  static constexpr std::uint64_t kWatched = 1, kOther = 2;
  enum class Phase : std::uint8_t { before, during, ended };
  struct Watch {
    Phase phase{};
    ElementaryEvent kind{};
    std::uint8_t others = 0;
    std::uint8_t hops = 0;  // once it has ended
    static constexpr auto fields() {
      using W = Watch;
      return std::tuple{field("phase", &W::phase), field("kind", &W::kind), field("others", &W::others),
                        field("hops", &W::hops)};
    }
  };

  bool is_settled() const { return watch_.phase == Phase::ended && model_->quiet(); }
  /// Nothing that follows counts.
  bool is_over() const {
    return alone_ ? watch_.phase == Phase::before && !model_->has_budget()
                  : is_settled() || (watch_.phase == Phase::before && !model_->has_budget());
  }
  std::size_t inner(std::size_t choice) const { return kept_[choice].choice; }
  /// Other clients that satisfy `holds(vm)`.
  template <class Holds>
  std::uint8_t others(NodeId except, Holds&& holds) const;

  struct Kept {  // a choice of the inner model
    std::size_t choice;
    bool is_watched;
  };

  std::unique_ptr<ClusterModel> model_;
  std::uint32_t clients_;
  bool alone_;
  Watch watch_;
  std::vector<Kept> kept_;
  bool is_settled_ = false;  // the one choice is to go on from here
  bool watch_next_ = false;
  std::uint8_t weight_ = 0;
};

}  // namespace pagetoken
