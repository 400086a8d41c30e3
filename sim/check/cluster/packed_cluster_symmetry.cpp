// Images of states under renamings of nodes.

#include <algorithm>

#include "sim/check/cluster/packed_cluster.hpp"

namespace pagetoken {

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
  return std::ranges::equal(of(a), of(b),
                            [&](const auto* x, const auto* y) { return std::ranges::equal(*x, *y, same); });
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

namespace {

/// Stable, and at once done with what is in order already: most steps add a message at the end of a short list.
template <class Iterator, class Before>
void insertion_sort(Iterator begin, Iterator end, Before&& before) {
  for (Iterator next = begin; next != end; ++next)
    for (Iterator at = next; at != begin && before(*at, *(at - 1)); --at) std::iter_swap(at, at - 1);
}

}  // namespace

void PackedCluster::sort_items() {
  const auto begin = [&](std::uint32_t list) { return now_.begin() + static_cast<std::ptrdiff_t>(begin_of(list)); };
  const auto by_content = [&](PieceId a, PieceId b) {
    return a != b && std::ranges::lexicographical_compare((*pieces_)[a].bytes, (*pieces_)[b].bytes);
  };
  if (model_.options_.fifo) {
    for (std::uint32_t i = 0; i < count(kMessages); ++i) facts_of_item(kMessages, i);  // all are known from here on
    insertion_sort(begin(kMessages), begin(kRequests), [&](PieceId a, PieceId b) {
      const Facts &x = facts_[a], &y = facts_[b];
      return x.from != y.from ? x.from < y.from : x.to < y.to;
    });
  } else {
    insertion_sort(begin(kMessages), begin(kRequests), by_content);
  }
  insertion_sort(begin(kRequests), begin(kTimers), by_content);
  insertion_sort(begin(kTimers), now_.end(), by_content);
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

}  // namespace pagetoken
