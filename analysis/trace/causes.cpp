// What to look at first: each cause with its share of the sum of all latencies. Causes overlap: false sharing is why
// messages are sent at all, a slow link is why they take long.

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "analysis/trace/analysis.hpp"

namespace pagetoken {

class CauseFinder {
 public:
  explicit CauseFinder(TraceAnalysis& analysis) : a_(analysis), total_(static_cast<double>(analysis.all_.latency_ns)) {}

  void run() {
    if (total_ <= 0) return;
    nodes();
    wire();
    locks();
    sharing();
    part("retry", "the guard sent faults back", Part::retry,
         "of the time of all operations lies before a fault's last restart");
    part("local", "steps of the VM", Part::local, "is the operations' own steps and wake-ups");
    std::stable_sort(a_.causes_.begin(), a_.causes_.end(),
                     [](const TraceCause& x, const TraceCause& y) { return x.share > y.share; });
  }

 private:
  void add(std::string kind, std::string name, std::int64_t ns, std::string text) {
    const double share = static_cast<double>(ns) / total_;
    if (share < 0.001) return;
    a_.causes_.push_back({std::move(kind), std::move(name), share, fmt::format("{:.1f} % {}", 100 * share, text)});
  }
  void part(std::string kind, std::string name, Part part, const std::string& text) {
    add(std::move(kind), std::move(name), at(a_.all_.parts, part), text);
  }

  /// A manager, and any client that is one beside (or the busiest), by name; the others' handlers together.
  void nodes() {
    std::int64_t handlers = 0;
    std::int64_t revokes = 0;
    std::int64_t behind = 0;
    std::uint32_t busiest = kNobody;
    for (std::uint32_t n = 0; n < a_.nodes_.size(); ++n) {
      const NodeLoad& load = a_.nodes_[n];
      const std::int64_t ns = load.path_handler_ns + load.path_queue_ns;
      handlers += ns;
      revokes += load.path_remote_ns;
      behind += load.path_behind_ns;
      if (ns > 0 && (busiest == kNobody || ns > a_.nodes_[busiest].path_handler_ns + a_.nodes_[busiest].path_queue_ns))
        busiest = n;
      if (load.path_storage_ns > 0)
        add("storage", a_.node_name(n), load.path_storage_ns, "is waiting for " + a_.node_name(n));
    }
    for (std::uint32_t n = 0; n < a_.nodes_.size(); ++n) {
      const NodeLoad& load = a_.nodes_[n];
      const std::int64_t ns = load.path_handler_ns + load.path_queue_ns;
      const bool is_manager = n >= a_.head_.clients && n < a_.head_.clients + a_.head_.managers;
      if (!is_manager && (n != busiest || a_.head_.managers > 0)) continue;
      handlers -= ns;
      add("manager", a_.node_name(n), ns,
          fmt::format("is spent in the queue of {}'s handler ({:.0f} % of it) and in the handler", a_.node_name(n),
                      ns > 0 ? 100.0 * static_cast<double>(load.path_queue_ns) / static_cast<double>(ns) : 0.0));
    }
    add("handler", "handlers of the other nodes", handlers, "is spent in the queues and handlers of the other nodes");
    add("contention", "operations on the same page", behind,
        "is waiting behind other operations that the page's home or owner serves first");
    add("revoke", "revokes at other nodes", revokes, "is waiting while other nodes give tokens up");
  }

  /// All links together, unless one of them, or all those of one node, is what makes the wire slow.
  void wire() {
    std::int64_t all = 0;
    std::vector<double> means;
    for (const auto& [key, link] : a_.links_) {
      all += link.path_ns;
      if (link.small > 0) means.push_back(static_cast<double>(link.small_ns) / static_cast<double>(link.small));
    }
    if (means.empty()) return add("network", "all links", all, "is spent on the wire");
    // What a link that is not slow takes: the lower quartile, as the links of one slow node may be half of all.
    std::nth_element(means.begin(), means.begin() + static_cast<std::ptrdiff_t>(means.size() / 4), means.end());
    const double usual = means[means.size() / 4];
    double excess = 0;
    std::map<std::uint64_t, double> of_link;
    std::map<std::uint32_t, double> of_node;
    for (const auto& [key, link] : a_.links_) {
      if (link.small == 0) continue;
      const double mean = static_cast<double>(link.small_ns) / static_cast<double>(link.small);
      if (mean < 2 * usual) continue;
      const double over = static_cast<double>(link.path_ns) * (1 - usual / mean);
      excess += over;
      const auto from = static_cast<std::uint32_t>(key >> 32);
      const auto to = static_cast<std::uint32_t>(key);
      of_link[std::uint64_t{std::min(from, to)} << 32 | std::max(from, to)] += over;
      of_node[from] += over;
      of_node[to] += over;
    }
    if (excess < 0.3 * static_cast<double>(all)) return add("network", "all links", all, "is spent on the wire");
    const auto larger = [](const auto& x, const auto& y) { return x.second < y.second; };
    const auto link = std::max_element(of_link.begin(), of_link.end(), larger);
    const auto node = std::max_element(of_node.begin(), of_node.end(), larger);
    const auto low = static_cast<std::uint32_t>(link->first >> 32);
    const auto high = static_cast<std::uint32_t>(link->first);
    const bool one_link = link->second >= 0.8 * excess;
    const bool one_node = node->second >= 0.8 * excess;
    std::int64_t slow = 0;
    for (const auto& [key, load] : a_.links_) {
      const auto from = static_cast<std::uint32_t>(key >> 32);
      const auto to = static_cast<std::uint32_t>(key);
      if (one_link ? std::min(from, to) == low && std::max(from, to) == high
                   : one_node && (from == node->first || to == node->first))
        slow += load.path_ns;
    }
    if (one_link)
      add("link", a_.node_name(low) + " - " + a_.node_name(high), slow,
          "is spent on this link, which is slower than others");
    else if (one_node)
      add("link", "the link of " + a_.node_name(node->first), slow,
          "is spent on this link, which is slower than others");
    add("network", "all other links", all - slow, "is spent on the wire elsewhere");
  }

  void locks() {
    for (const auto& [name, load] : a_.locks_)
      add("lock", a_.names_.word(name), load.path_ns, "is waiting for " + a_.names_.word(name));
  }

  void sharing() {
    std::int64_t falsely = 0;
    std::uint64_t pages = 0;
    std::uint64_t granularity = UINT64_MAX;
    std::uint64_t of_files = 0;
    for (const PageRecord& record : a_.sharing_.pages()) {
      if (record.handoffs == 0) continue;
      const SharingVerdict v = a_.sharing_.verdict(record);
      if (v.sharing != Sharing::false_sharing) continue;
      falsely += record.is_file ? file_waits(record.file) : record.waited_ns;
      ++pages;
      of_files += record.is_file ? 1 : 0;
      granularity = std::min(granularity, v.granularity_bytes);
    }
    if (pages == 0) return;
    add("false-sharing",
        fmt::format("{} {}", pages,
                    of_files == pages ? (pages == 1 ? "file" : "files") : (pages == 1 ? "page" : "pages")),
        falsely,
        fmt::format(
            "is spent on operations where nodes take tokens from each other for bytes that only one of them uses; "
            "tokens of {} bytes would end it",
            granularity));
  }
  std::int64_t file_waits(std::uint32_t file) const {
    std::int64_t ns = 0;
    for (const PageRecord& record : a_.sharing_.pages())
      if (record.file == file) ns += record.waited_ns;
    return ns;
  }

  TraceAnalysis& a_;
  double total_;
};

void TraceAnalysis::find_causes() { CauseFinder(*this).run(); }

}  // namespace pagetoken
