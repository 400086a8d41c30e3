// What fails in a cluster: messages are lost, nodes lose all they have.

#include <algorithm>
#include <tuple>

#include "sim/check/cluster/cluster_model.hpp"

namespace pagetoken {

/// Failures within the bounds, where anything else could happen too; and what follows from them.
void ClusterModel::add_failures() {
  const std::size_t others = choices_.size();
  const auto speaks = [&](std::uint32_t n) { return n < cluster_.node_count() - options_.shape.storage_nodes; };
  for (std::uint32_t i = 0; i < failures_.news.size(); ++i) {
    const News& news = failures_.news[i];
    bool first = failures_.down[index_of(news.at)] == 0;
    for (std::uint32_t j = 0; j < i && first; ++j)
      first = failures_.news[j].at != news.at || failures_.news[j].peer != news.peer;
    if (first) choices_.push_back({Choice::Kind::tell, i, 0});
  }
  for (std::uint32_t n = 0; speaks(n); ++n) {
    bool heard = failures_.down[n] != 0;  // by all who live
    for (const News& news : failures_.news) heard = heard && index_of(news.peer) != n;
    if (heard) choices_.push_back({Choice::Kind::restart, n, 0});
  }
  if (choices_.empty()) return;
  if (failures_.losses < options_.losses)
    for (std::size_t i = 0; i < others; ++i)
      if (choices_[i].kind == Choice::Kind::deliver && flying_[choices_[i].index].from != flying_[choices_[i].index].to)
        choices_.push_back({Choice::Kind::lose, choices_[i].index, 0});
  if (failures_.crashes >= options_.crashes) return;
  for (std::uint32_t n = 0; speaks(n); ++n)
    if (!failures_.down[n] && (options_.crash_managers || n < options_.shape.clients))
      choices_.push_back({Choice::Kind::crash, n, 0});
}

void ClusterModel::crash(NodeId node) {
  ++failures_.crashes;
  failures_.down[index_of(node)] = true;
  Epoch& epoch = failures_.epochs[index_of(node)];
  epoch = epoch.next();
  std::erase_if(flying_, [&](const Envelope& e) { return e.from == node || e.to == node; });
  std::erase_if(requests_, [&](const Request& r) { return r.node == node && !r.is_write; });
  std::erase_if(timers_, [&](const Timer& t) { return t.node == node; });
  for (std::uint32_t s = 0; s < running_.size(); ++s)
    if (options_.client_of[s] == index_of(node)) running_[s] = kNoTask;
  doubt_unfinished(node);
  cluster_.crash(node);
  forget_unsaved();
  std::erase_if(failures_.news, [&](const News& news) { return news.at == node; });
  tell_of(node, PeerChange::down);
}

/// What a node was about to change may have changed where it was asked to, or not.
void ClusterModel::doubt_unfinished(NodeId node) {
  if (index_of(node) >= options_.shape.clients) return;
  const Vm& vm = cluster_.vm(node);
  for (TaskIndex t = 0; t < vm.task_slots(); ++t) {
    const Task& task = vm.task(t);
    const bool reads = task.kind == TaskKind::read || (task.kind == TaskKind::access && !task.is_write) ||
                       (task.kind == TaskKind::uncached && task.ships == AccessKind::read);
    if (!task.alive || reads) continue;
    const PageIndex end = std::min(task.range.end, options_.sizes[index_of(task.file)] + 1);
    for (PageIndex page = task.range.begin; page < end; ++page)
      for (std::uint32_t cell = 0; cell < options_.shape.cells; ++cell)
        failures_.uncertain[cell_key(page_resource(task.file, page), cell)] = true;
  }
}

/// A node that is down hears nothing: it comes back with nothing that could name the other.
void ClusterModel::tell_of(NodeId peer, PeerChange change) {
  for (std::uint32_t n = 0; n < cluster_.node_count() - options_.shape.storage_nodes; ++n)
    if (NodeId{n} != peer && !failures_.down[n])
      failures_.news.push_back({NodeId{n}, peer, change, failures_.epochs[index_of(peer)]});
  std::stable_sort(failures_.news.begin(), failures_.news.end(),
                   [](const News& a, const News& b) { return std::tie(a.at, a.peer) < std::tie(b.at, b.peer); });
}

/// What was stored is lost, or still to be written, unless storage, a cache or a message has it: of such cells nothing
/// is promised until the next store.
void ClusterModel::forget_unsaved() {
  const std::uint32_t cells = options_.shape.cells;
  const Contents& contents = cluster_.contents();
  latest_.for_each([&](std::uint64_t key, const Version& latest) {
    const Resource page = Resource::from_key(key / cells);
    const auto cell = static_cast<std::uint32_t>(key % cells);
    bool kept = contents.cell(cluster_.storage().content(page.file, page.page), cell) == latest;
    for (std::uint32_t n = 0; n < options_.shape.clients && !kept; ++n) {
      const PageObject* cached = cluster_.vm(NodeId{n}).cached(page.file, page.page);
      kept = cached && contents.cell(cached->version, cell) == latest;
    }
    for (const Envelope& e : flying_)
      kept = kept ||
             (e.resource == page && e.message.data.present && contents.cell(e.message.data.version, cell) == latest);
    if (!kept) failures_.uncertain[key] = true;
  });
}

void ClusterModel::fence(NodeId node, Epoch epoch) {
  if (!fails()) return Driver::fence(node, epoch);
  Epoch& fence = failures_.fences[index_of(node)];
  if (epoch > fence) fence = epoch;
}

}  // namespace pagetoken
