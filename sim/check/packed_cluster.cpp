#include "sim/check/packed_cluster.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "sim/check/explorer.hpp"

namespace pagetoken {

namespace {
constexpr std::uint32_t kMessages = 0, kRequests = 1, kTimers = 2, kLists = 3;
// Sorts of pieces: nodes by their number, and these.
constexpr std::uint8_t kShared = 252;
constexpr std::uint8_t kSortOf[] = {253, 254, 255};
constexpr std::uint32_t kNotRemembered = ~0u - 1;  // kind of a key
}  // namespace

PackedCluster::PackedCluster(ClusterModel& model) : model_(model), pieces_(std::make_shared<PieceTable>()) {
  while (nodes_ < model.cluster_.node_count() && model.cluster_.speaks(NodeId{nodes_})) ++nodes_;
  assert(nodes_ < kShared && model.options_.scripts.size() <= 64);
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
  now_[0] = static_cast<std::uint32_t>(model_.flying_.size() | model_.requests_.size() << 8 | model_.timers_.size() << 16);
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
    if (n < nodes_) model_.decode_node(n, in);
    else model_.decode_shared(in);
  }
  unpack_items(model_.flying_, kMessages);
  unpack_items(model_.requests_, kRequests);
  unpack_items(model_.timers_, kTimers);
  decoded_.assign(now_.begin(), now_.begin() + 2 + nodes_);
  return model_;
}

// Steps.

std::size_t PackedCluster::choices() {
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
    case Choice::Kind::timer: key.kind = kNotRemembered; break;
  }
  return key;
}

void PackedCluster::take(std::size_t choice) {
  const Choice c = choices_[choice];
  const StepMemo::Key key = key_of(c);
  if (const StepMemo::Outcome* known = memo_.find(key)) apply(c, *known);
  else take_live(c, key);
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

// Symmetry.

void PackedCluster::set_renamings(std::vector<Renaming> renamings) {
  renamings_ = std::move(renamings);
  images_.assign(renamings_.size(), {});
}

bool PackedCluster::same_programs(std::uint32_t a, std::uint32_t b) const {
  const auto of = [&](std::uint32_t client) {
    std::vector<const std::vector<Operation>*> scripts;
    for (std::uint32_t s = 0; s < model_.options_.scripts.size(); ++s)
      if (model_.options_.client_of[s] == client) scripts.push_back(&model_.options_.scripts[s]);
    return scripts;
  };
  const auto same = [](const Operation& x, const Operation& y) {
    return x.kind == y.kind && x.is_write == y.is_write && x.file == y.file && x.range == y.range && x.sync == y.sync &&
           x.cells == y.cells;
  };
  return std::ranges::equal(of(a), of(b), [&](const auto* x, const auto* y) { return std::ranges::equal(*x, *y, same); });
}

/// The piece with its nodes renamed; a node's piece becomes one of the node whose name it gets.
PieceId PackedCluster::renamed(PieceId id, std::size_t renaming) {
  std::vector<PieceId>& images = images_[renaming];
  if (id >= images.size()) images.resize(std::max<std::size_t>(pieces_->size(), id + 1), kNoPiece);
  if (images[id] != kNoPiece) return images[id];
  const Renaming& to = renamings_[renaming];
  Decoder in((*pieces_)[id].bytes.data() + 1);
  std::uint8_t sort = (*pieces_)[id].bytes[0];
  encoder_.clear();
  encoder_.rename_nodes(to);
  const auto pass = [&]<class T>(T item) {
    in.get(item);
    encoder_.put(item);
  };
  if (sort < nodes_) {
    model_.decode_node(sort, in);
    model_.encode_node(sort, encoder_);
    decoded_[1 + sort] = id;
    sort = static_cast<std::uint8_t>(to[sort]);
  } else if (sort == kShared) {
    model_.decode_shared(in);
    model_.encode_shared(encoder_);
    decoded_[1 + nodes_] = id;
  } else if (sort == kSortOf[kMessages]) {
    pass(Envelope{});
  } else if (sort == kSortOf[kRequests]) {
    pass(ClusterModel::Request{});
  } else {
    pass(ClusterModel::Timer{});
  }
  encoder_.rename_nodes({});
  return images[id] = pieces_->add(sort, encoder_, scratch_);
}

void PackedCluster::rename(std::size_t renaming) {
  if (renaming != 0) {
    const Renaming& to = renamings_[renaming];
    next_ = now_;
    for (std::uint32_t n = 0; n < nodes_; ++n) next_[1 + to[n]] = renamed(node(n), renaming);
    for (std::size_t at = 1 + nodes_; at < now_.size(); ++at) next_[at] = renamed(now_[at], renaming);
    now_.swap(next_);
  }
  sort_items();
}

/// By what they are, so that it is the same in every run.
bool PackedCluster::before(PieceId a, PieceId b) const {
  if (a == b) return false;
  const Piece &x = (*pieces_)[a], &y = (*pieces_)[b];
  return x.hash != y.hash ? x.hash < y.hash : std::ranges::lexicographical_compare(x.bytes, y.bytes);
}

void PackedCluster::sort_items() {
  const auto begin = [&](std::uint32_t list) { return now_.begin() + static_cast<std::ptrdiff_t>(begin_of(list)); };
  const auto by_piece = [&](PieceId a, PieceId b) { return before(a, b); };
  if (model_.options_.fifo) {
    for (std::uint32_t i = 0; i < count(kMessages); ++i) facts_of_item(kMessages, i);  // all are known from here on
    std::stable_sort(begin(kMessages), begin(kRequests), [&](PieceId a, PieceId b) {
      const Facts &x = facts_[a], &y = facts_[b];
      return x.from != y.from ? x.from < y.from : x.to < y.to;
    });
  } else {
    std::sort(begin(kMessages), begin(kRequests), by_piece);
  }
  std::sort(begin(kRequests), begin(kTimers), by_piece);
  std::sort(begin(kTimers), now_.end(), by_piece);
}

std::strong_ordering PackedCluster::compare(std::span<const PieceId> a, std::span<const PieceId> b) const {
  for (std::size_t at = 1; at < a.size(); ++at)  // the images of a state have the same counts
    if (a[at] != b[at]) return before(a[at], b[at]) ? std::strong_ordering::less : std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

std::uint16_t PackedCluster::pack_least_image() {
  original_ = now_;
  std::size_t fixed = 0;  // renamings that lead to the least one
  for (std::size_t r = 0; r < renamings_.size(); ++r) {
    now_ = original_;
    rename(r);
    const std::strong_ordering order = r == 0 ? std::strong_ordering::less : compare(now_, least_);
    if (order < 0) {
      least_ = now_;
      fixed = 0;
    }
    if (order <= 0) ++fixed;
  }
  now_ = least_;
  return static_cast<std::uint16_t>(renamings_.size() / fixed);
}

// What is asked of a state.

const PackedCluster::Facts& PackedCluster::facts_of_node(std::uint32_t n) const {
  const PieceId id = node(n);
  if (id >= facts_.size()) facts_.resize(std::max<std::size_t>(pieces_->size(), id + 1));
  Facts& facts = facts_[id];
  if (facts.known) return facts;
  if (decoded_[1 + n] != id) {
    Decoder in((*pieces_)[id].bytes.data() + 1);
    model_.decode_node(n, in);
    decoded_[1 + n] = id;
  }
  facts.known = true;
  const Vm& vm = model_.cluster_.vm(NodeId{n});
  for (std::uint32_t s = 0; s < model_.options_.scripts.size(); ++s)
    if (model_.options_.client_of[s] == n && model_.can_start(s)) facts.starts |= std::uint64_t{1} << s;
  assert(vm.task_slots() <= 64);
  for (TaskIndex t = 0; t < vm.task_slots(); ++t)
    if (vm.runnable(t)) facts.runnable |= std::uint64_t{1} << t;
  facts.finished = model_.finished_all(n);
  facts.tokens_fit = !model_.check_tokens(n);
  facts.tokens = number_of(vm.tokens);
  return facts;
}

std::uint32_t PackedCluster::number_of(const TokenTable& table) const {
  Encoder encoder;
  encoder.put(table);
  const auto [at, is_new] = table_numbers_.try_emplace(encoder.bytes(), static_cast<std::uint32_t>(tables_.size()));
  if (is_new) {
    tables_.push_back(table);
    for (auto& row : fit_) row.push_back(Fit::unknown);
    fit_.emplace_back(tables_.size(), Fit::unknown);
  }
  return at->second;
}

const PackedCluster::Facts& PackedCluster::facts_of_item(std::uint32_t list, std::uint32_t i) const {
  const PieceId id = now_[begin_of(list) + i];
  if (id >= facts_.size()) facts_.resize(std::max<std::size_t>(pieces_->size(), id + 1));
  Facts& facts = facts_[id];
  if (facts.known) return facts;
  facts.known = true;
  Decoder in((*pieces_)[id].bytes.data() + 1);
  if (list == kMessages) {
    Envelope envelope;
    in.get(envelope);
    facts.from = index_of(envelope.from);
    facts.to = index_of(envelope.to);
  } else if (list == kRequests) {
    ClusterModel::Request request;
    in.get(request);
    facts.from = facts.to = index_of(request.node);
  } else {
    ClusterModel::Timer timer;
    in.get(timer);
    facts.from = facts.to = index_of(timer.node);
  }
  return facts;
}

/// No client maps or caches more than its tokens allow, and no two hold incompatible ones.
bool PackedCluster::tokens_fit() const {
  const std::uint32_t clients = model_.options_.shape.clients;
  for (std::uint32_t a = 0; a < clients; ++a) {
    const Facts facts = facts_of_node(a);
    if (!facts.tokens_fit) return false;
    for (std::uint32_t b = a + 1; b < clients; ++b) {
      const std::uint32_t other = facts_of_node(b).tokens;
      Fit& fit = fit_[facts.tokens][other];
      if (fit == Fit::unknown) {
        const auto conflict = model_.check_exclusion(NodeId{a}, tables_[facts.tokens], NodeId{b}, tables_[other]);
        fit = conflict ? Fit::no : Fit::yes;
      }
      if (fit == Fit::no) return false;
    }
  }
  return true;
}

std::optional<Broken> PackedCluster::check() {
  if (!choices_.empty() && (!model_.linearizable() || tokens_fit())) return std::nullopt;
  ClusterModel& model = live();
  model.choices();
  return model.check();
}

std::string PackedCluster::describe_choice(std::size_t choice) {
  ClusterModel& model = live();
  model.choices();
  return model.describe_choice(choice);
}

std::string PackedCluster::who_waits() const { return live().who_waits(); }

std::uint32_t PackedCluster::actor_of(std::size_t choice) const {
  const Choice& c = choices_[choice];
  NodeId from{}, to{};
  if (c.kind == Choice::Kind::deliver || c.kind == Choice::Kind::storage || c.kind == Choice::Kind::timer) {
    const std::uint32_t list = c.kind == Choice::Kind::deliver ? kMessages : c.kind == Choice::Kind::storage ? kRequests : kTimers;
    const Facts& facts = facts_of_item(list, c.index);
    from = NodeId{facts.from};
    to = NodeId{facts.to};
  }
  return model_.actor_of(c, from, to);
}

std::uint64_t PackedCluster::unfinished() const {
  std::uint64_t set = 0;
  for (std::uint32_t c = 0; c < model_.options_.shape.clients; ++c)
    if (!facts_of_node(c).finished) set |= std::uint64_t{1} << c;
  return set;
}

std::uint64_t PackedCluster::memory() const {
  return memo_.memory() + facts_.capacity() * sizeof(Facts) + (owns_pieces_ ? pieces_->memory() : 0);
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
  return found;
}

Exploration explore_cluster(ClusterModel& model, const ExploreOptions& options) {
  ClusterModel* const one[] = {&model};
  return explore_cluster(one, options);
}

}  // namespace pagetoken
