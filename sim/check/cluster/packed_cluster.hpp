#pragma once
// The cluster as a model, explored many times faster: a state is the numbers of its pieces, and a step that was taken
// before is looked up. Everything that happens is what ClusterModel does; it is asked whenever something is new.
//
// A step is remembered by what it can depend on: the acting node, what all nodes share, and the message or storage
// request that is served. One that looks further (a truncate asks which pages anyone holds), touches a timer, violates
// something or is a failure is not remembered.

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/check/cluster/cluster_model.hpp"
#include "sim/check/cluster/cluster_symmetry.hpp"
#include "sim/check/cluster/piece_table.hpp"
#include "sim/check/cluster/step_memo.hpp"
#include "sim/explore/exploration.hpp"

namespace pagetoken {

class PackedCluster {
 public:
  /// The model must outlive it; its present state is no longer its own.
  explicit PackedCluster(ClusterModel& model);

  // Model (sim/explore/model.hpp).
  std::size_t initial_states() const { return 1; }
  void initial(std::size_t i);
  void encode(Encoder& out) const;
  void decode(const std::uint8_t* bytes);
  /// States are told apart by the pieces of `other` too, so that each can unpack what the other has packed.
  void share(const PackedCluster& other) {
    pieces_ = other.pieces_;
    owns_pieces_ = false;
  }
  std::span<const std::uint8_t> packed() const {
    return {reinterpret_cast<const std::uint8_t*>(now_.data()), now_.size() * sizeof(PieceId)};
  }
  std::uint64_t packed_hash() const;
  void unpack(const std::uint8_t* bytes);
  std::size_t choices();
  void take(std::size_t choice);
  std::string describe_choice(std::size_t choice);
  std::optional<Finding> check();
  std::optional<Finding> broken() { return model_.broken(); }
  bool ended() const { return unfinished() == 0; }
  std::string who_waits() const;
  std::uint32_t actor_of(std::size_t choice) const;
  bool is_failure(std::size_t choice) const { return ClusterModel::is_failure(choices_[choice].kind); }
  std::uint64_t unfinished() const;
  // Symmetry (sim/check/cluster/cluster_symmetry.hpp): the renamings of nodes that change nothing, the identity first.
  void set_renamings(std::vector<Renaming> renamings);
  const std::vector<Renaming>& renamings() const { return renamings_; }
  /// Renames the nodes of the present state. What is under way comes in the order of the new names.
  void rename(std::size_t renaming);
  /// Replaces the present state by the least of its images. Returns how many different ones there are.
  std::uint16_t pack_least_image();
  std::uint32_t nodes() const { return nodes_; }
  std::uint32_t clients() const { return model_.options_.shape.clients; }
  bool same_programs(std::uint32_t a, std::uint32_t b) const;

  /// Pieces, memo and facts; pieces that are shared count where they were made.
  std::uint64_t memory() const;

 private:
  using Choice = ClusterModel::Choice;
  static constexpr std::uint32_t kMessages = 0, kRequests = 1, kTimers = 2;  // lists
  // Sorts of pieces: nodes by their number, and these.
  static constexpr std::uint8_t kShared = 252;
  static constexpr std::uint8_t kSortOf[] = {253, 254, 255};
  static constexpr std::uint32_t kNotRemembered = ~0u - 1;  // kind of a key

  /// What is asked of a piece again and again.
  struct Facts {
    bool known = false;
    bool finished = false;       // of a client
    bool tokens_fit = false;     // I3
    std::uint32_t tokens = 0;    // number of its token table
    std::uint64_t runnable = 0;  // bit set of tasks
    std::uint64_t starts = 0;    // bit set of scripts
    std::uint32_t from = 0;      // of a message; the node of a request or timer
    std::uint32_t to = 0;
  };

  enum class Fit : std::uint8_t { unknown, yes, no };

  // now_: the counts of messages, requests and timers in a word, the nodes, what they share, and the rest in this
  // order.
  std::uint32_t count(std::uint32_t list) const { return now_[0] >> 8 * list & 0xff; }
  std::size_t begin_of(std::uint32_t list) const {
    std::size_t at = 2 + nodes_;
    for (std::uint32_t l = 0; l < list; ++l) at += count(l);
    return at;
  }
  PieceId& node(std::uint32_t n) { return now_[1 + n]; }
  PieceId node(std::uint32_t n) const { return now_[1 + n]; }
  PieceId& shared() { return now_[1 + nodes_]; }

  ClusterModel& live() const;
  void forget_live() const { decoded_.assign(decoded_.size(), kNoPiece); }
  void pack_live();
  PieceId pack_node(std::uint32_t n);
  PieceId pack_shared();
  template <class T>
  PieceId pack_item(std::uint8_t sort, const T& item);
  template <class T>
  void unpack_items(std::vector<T>& items, std::uint32_t list) const;
  void rank();

  PieceId renamed(PieceId id, std::size_t renaming);
  /// As ClusterModel::sort_under_way: the numbers of choices are the same.
  void sort_items();
  bool before(PieceId a, PieceId b) const;
  std::strong_ordering compare(std::span<const PieceId> a, std::span<const PieceId> b) const;

  std::uint32_t acting_node(const Choice& choice) const;
  StepMemo::Key key_of(const Choice& choice) const;
  void take_live(const Choice& choice, const StepMemo::Key& key);
  void apply(const Choice& choice, const StepMemo::Outcome& outcome);
  const Facts& facts_of_node(std::uint32_t n) const;
  const Facts& facts_of_item(std::uint32_t list, std::uint32_t i) const;
  std::uint32_t number_of(const TokenTable& table) const;
  bool tokens_fit() const;

  ClusterModel& model_;
  std::uint32_t nodes_ = 0;  // that speak
  std::shared_ptr<PieceTable> pieces_;
  bool owns_pieces_ = true;
  std::vector<PieceId> now_;
  std::vector<PieceId> next_;  // in reuse
  std::vector<Choice> choices_;
  StepMemo memo_;
  // What model_ holds, laid out as now_; and what was learnt of pieces.
  mutable std::vector<PieceId> decoded_;
  mutable std::vector<Facts> facts_;
  mutable std::vector<TokenTable> tables_;  // each that was met, once
  mutable std::map<std::vector<std::uint8_t>, std::uint32_t> table_numbers_;
  mutable std::vector<std::vector<Fit>> fit_;  // of two tables
  std::vector<Renaming> renamings_;
  std::vector<std::vector<PieceId>> images_;  // by renaming and piece; kNoPiece: not made yet
  std::vector<PieceId> original_, least_;     // in reuse
  Encoder encoder_;
  std::vector<std::uint8_t> scratch_;
};

/// explore() of sim/explore/explorer.hpp, of the packed cluster: the same verdict, counts and shortest path lengths.
/// One model a thread, of the same configuration.
Exploration explore_cluster(std::span<ClusterModel* const> models, const ExploreOptions& options = {});
Exploration explore_cluster(ClusterModel& model, const ExploreOptions& options = {});

}  // namespace pagetoken
