#include "sim/check/cluster/packed_cluster.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "sim/explore/explorer.hpp"

namespace pagetoken {

PackedCluster::PackedCluster(ClusterModel& model) : model_(model), pieces_(std::make_shared<PieceTable>()) {
  while (nodes_ < model.cluster_.node_count() && model.cluster_.speaks(NodeId{nodes_})) ++nodes_;
  assert(nodes_ < kShared && model.options_.scripts.size() <= 64);
  assert(model.options_.menu.empty() && !model.options_.watch);
  now_.resize(2 + nodes_);
  decoded_.assign(2 + nodes_, kNoPiece);
}

void PackedCluster::initial(std::size_t i) {
  model_.initial(i);
  pack_live();
}

void PackedCluster::encode(Encoder& out) const { live().encode(out); }

void PackedCluster::decode(const std::uint8_t* bytes) {
  model_.decode(bytes);
  pack_live();
}

// Packing.

std::uint64_t PackedCluster::packed_hash() const {
  std::uint64_t hash = kHashA ^ now_[0];
  for (std::size_t at = 1; at < now_.size(); ++at) hash = mix_hash(hash ^ (*pieces_)[now_[at]].hash, kHashB);
  return mix_hash(hash ^ kHashA, kHashB);
}

void PackedCluster::unpack(const std::uint8_t* bytes) {
  std::uint32_t counts;
  std::memcpy(&counts, bytes, sizeof counts);
  now_.resize(2 + nodes_ + (counts & 0xff) + (counts >> 8 & 0xff) + (counts >> 16 & 0xff));
  std::memcpy(now_.data(), bytes, now_.size() * sizeof(PieceId));
}

PieceId PackedCluster::pack_node(std::uint32_t n) {
  encoder_.clear();
  model_.encode_node(n, encoder_);
  return pieces_->add(static_cast<std::uint8_t>(n), encoder_, scratch_);
}

PieceId PackedCluster::pack_shared() {
  encoder_.clear();
  model_.encode_shared(encoder_);
  return pieces_->add(kShared, encoder_, scratch_);
}

template <class T>
PieceId PackedCluster::pack_item(std::uint8_t sort, const T& item) {
  encoder_.clear();
  encoder_.put(item);
  return pieces_->add(sort, encoder_, scratch_);
}

void PackedCluster::pack_live() {
  now_.resize(2 + nodes_);
  assert(model_.flying_.size() < 256 && model_.requests_.size() < 256 && model_.timers_.size() < 256);
  now_[0] =
      static_cast<std::uint32_t>(model_.flying_.size() | model_.requests_.size() << 8 | model_.timers_.size() << 16);
  for (std::uint32_t n = 0; n < nodes_; ++n) node(n) = pack_node(n);
  shared() = pack_shared();
  for (const auto& e : model_.flying_) now_.push_back(pack_item(kSortOf[kMessages], e));
  for (const auto& r : model_.requests_) now_.push_back(pack_item(kSortOf[kRequests], r));
  for (const auto& t : model_.timers_) now_.push_back(pack_item(kSortOf[kTimers], t));
  decoded_ = now_;
  rank();
}

/// Dense ranks for the Fresh values of the whole state: a step may have dropped the last use of one.
void PackedCluster::rank() {
  FreshValues all{};
  for (std::size_t at = 1; at < now_.size(); ++at) {
    const FreshValues& values = (*pieces_)[now_[at]].values;
    for (std::size_t k = 0; k < kFreshKinds; ++k) all[k] |= values[k];
  }
  FreshValues moved;  // values above a gap
  std::uint64_t any = 0;
  for (std::size_t k = 0; k < kFreshKinds; ++k) {
    const std::uint64_t gap = ~all[k] & (all[k] + 2);  // the lowest value missing, from 1 on
    moved[k] = all[k] & ~(gap - 1);
    any |= moved[k];
  }
  if (any == 0) return;
  for (std::size_t at = 1; at < now_.size(); ++at) {
    const FreshValues& values = (*pieces_)[now_[at]].values;
    std::uint64_t concerned = 0;
    for (std::size_t k = 0; k < kFreshKinds; ++k) concerned |= values[k] & moved[k];
    if (concerned != 0) now_[at] = pieces_->ranked(now_[at], all, scratch_);
  }
}

// The live model.

template <class T>
void PackedCluster::unpack_items(std::vector<T>& items, std::uint32_t list) const {
  items.resize(count(list));
  const std::size_t begin = begin_of(list);
  for (std::size_t i = 0; i < items.size(); ++i) {
    Decoder in((*pieces_)[now_[begin + i]].bytes.data() + 1);
    in.get(items[i]);
  }
}

ClusterModel& PackedCluster::live() const {
  for (std::uint32_t n = 0; n <= nodes_; ++n) {
    if (decoded_[1 + n] == now_[1 + n]) continue;
    Decoder in((*pieces_)[now_[1 + n]].bytes.data() + 1);
    if (n < nodes_)
      model_.decode_node(n, in);
    else
      model_.decode_shared(in);
  }
  unpack_items(model_.flying_, kMessages);
  unpack_items(model_.requests_, kRequests);
  unpack_items(model_.timers_, kTimers);
  decoded_.assign(now_.begin(), now_.begin() + 2 + nodes_);
  return model_;
}

// Steps.

std::size_t PackedCluster::choices() {
  if (model_.fails()) {  // which nodes are down is no fact of a piece
    live().choices();
    choices_ = model_.choices_;
    return choices_.size();
  }
  choices_.clear();
  std::uint64_t starts = 0;
  const std::uint32_t clients = model_.options_.shape.clients;
  for (std::uint32_t n = 0; n < clients; ++n) starts |= facts_of_node(n).starts;
  for (; starts != 0; starts &= starts - 1)
    choices_.push_back({Choice::Kind::start, static_cast<std::uint32_t>(std::countr_zero(starts)), 0});
  for (std::uint32_t n = 0; n < clients; ++n)
    for (std::uint64_t tasks = facts_of_node(n).runnable; tasks != 0; tasks &= tasks - 1)
      choices_.push_back({Choice::Kind::step, n, static_cast<TaskIndex>(std::countr_zero(tasks))});
  for (std::uint32_t i = 0; i < count(kMessages); ++i) {
    const Facts facts = facts_of_item(kMessages, i);
    bool first = true;  // on its link
    for (std::uint32_t j = 0; j < i && first && model_.options_.fifo; ++j) {
      const Facts& other = facts_of_item(kMessages, j);
      first = other.from != facts.from || other.to != facts.to;
    }
    if (first) choices_.push_back({Choice::Kind::deliver, i, 0});
  }
  for (std::uint32_t i = 0; i < count(kRequests); ++i) choices_.push_back({Choice::Kind::storage, i, 0});
  for (std::uint32_t i = 0; i < count(kTimers); ++i) choices_.push_back({Choice::Kind::timer, i, 0});
  return choices_.size();
}

std::uint32_t PackedCluster::acting_node(const Choice& c) const {
  switch (c.kind) {
    case Choice::Kind::start: return model_.options_.client_of[c.index];
    case Choice::Kind::step: return c.index;
    case Choice::Kind::deliver: return facts_of_item(kMessages, c.index).to;
    case Choice::Kind::storage: return facts_of_item(kRequests, c.index).from;
    case Choice::Kind::timer: return facts_of_item(kTimers, c.index).from;
    case Choice::Kind::lose:
    case Choice::Kind::crash:
    case Choice::Kind::restart:
    case Choice::Kind::tell: break;  // not remembered
  }
  return 0;
}

StepMemo::Key PackedCluster::key_of(const Choice& c) const {
  StepMemo::Key key{node(acting_node(c)), now_[1 + nodes_], 0, static_cast<std::uint32_t>(c.kind)};
  switch (c.kind) {
    case Choice::Kind::start: key.what = c.index; break;
    case Choice::Kind::step: key.what = c.task; break;
    case Choice::Kind::deliver: key.what = now_[begin_of(kMessages) + c.index]; break;
    case Choice::Kind::storage: key.what = now_[begin_of(kRequests) + c.index]; break;
    case Choice::Kind::timer:
    case Choice::Kind::lose:
    case Choice::Kind::crash:
    case Choice::Kind::restart:
    case Choice::Kind::tell: key.kind = kNotRemembered; break;
  }
  return key;
}

void PackedCluster::take(std::size_t choice) {
  const Choice c = choices_[choice];
  const StepMemo::Key key = key_of(c);
  if (const StepMemo::Outcome* known = memo_.find(key))
    apply(c, *known);
  else
    take_live(c, key);
  sort_items();
}

void PackedCluster::take_live(const Choice& c, const StepMemo::Key& key) {
  live();
  const std::size_t messages_left = model_.flying_.size() - (c.kind == Choice::Kind::deliver);
  const std::size_t requests_left = model_.requests_.size() - (c.kind == Choice::Kind::storage);
  model_.cluster_.take_looked_elsewhere();
  model_.timers_touched_ = false;
  try {
    model_.take(c);
  } catch (...) {
    forget_live();
    throw;
  }
  const bool remembered = key.kind != kNotRemembered && !model_.cluster_.take_looked_elsewhere() &&
                          !model_.timers_touched_ && !model_.broken_;
  if (!remembered) return pack_live();
  const std::uint32_t n = acting_node(c);
  std::vector<PieceId> added;
  for (std::size_t i = messages_left; i < model_.flying_.size(); ++i)
    added.push_back(pack_item(kSortOf[kMessages], model_.flying_[i]));
  const std::size_t messages = added.size();
  for (std::size_t i = requests_left; i < model_.requests_.size(); ++i)
    added.push_back(pack_item(kSortOf[kRequests], model_.requests_[i]));
  const StepMemo::Outcome outcome = memo_.add(key, pack_node(n), pack_shared(), added, messages);
  decoded_[1 + n] = outcome.node;
  decoded_[1 + nodes_] = outcome.shared;
  apply(c, outcome);
}

void PackedCluster::apply(const Choice& c, const StepMemo::Outcome& outcome) {
  const std::uint32_t messages = count(kMessages) + outcome.messages - (c.kind == Choice::Kind::deliver);
  const std::uint32_t requests = count(kRequests) + outcome.requests - (c.kind == Choice::Kind::storage);
  assert(messages < 256 && requests < 256);
  const PieceId* const added = memo_.added(outcome);
  const auto begin = now_.begin();
  next_.assign(begin, begin + 2 + static_cast<std::ptrdiff_t>(nodes_));
  next_[0] = messages | requests << 8 | count(kTimers) << 16;
  next_[1 + acting_node(c)] = outcome.node;
  next_[1 + nodes_] = outcome.shared;
  const auto copy = [&](std::uint32_t list, bool served) {
    const std::size_t from = begin_of(list);
    for (std::uint32_t i = 0; i < count(list); ++i)
      if (!served || i != c.index) next_.push_back(now_[from + i]);
  };
  copy(kMessages, c.kind == Choice::Kind::deliver);
  next_.insert(next_.end(), added, added + outcome.messages);
  copy(kRequests, c.kind == Choice::Kind::storage);
  next_.insert(next_.end(), added + outcome.messages, added + outcome.messages + outcome.requests);
  copy(kTimers, false);
  now_.swap(next_);
  rank();
}

Exploration explore_cluster(std::span<ClusterModel* const> models, const ExploreOptions& options) {
  std::vector<std::unique_ptr<PackedCluster>> packed;
  std::vector<PackedCluster*> pointers;
  for (ClusterModel* model : models) {
    packed.push_back(std::make_unique<PackedCluster>(*model));
    pointers.push_back(packed.back().get());
  }
  if (!options.symmetry) return explore<PackedCluster>(pointers, options);
  const ClusterSymmetry symmetry = find_symmetry(*packed.front());
  for (const auto& p : packed) p->set_renamings(symmetry.group);
  Exploration found = explore<PackedCluster>(pointers, options);
  found.symmetry_text = symmetry.text;
  found.images = static_cast<std::uint32_t>(symmetry.group.size());
  return found;
}

Exploration explore_cluster(ClusterModel& model, const ExploreOptions& options) {
  ClusterModel* const one[] = {&model};
  return explore_cluster(one, options);
}

}  // namespace pagetoken
