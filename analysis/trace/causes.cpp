// What to look at first: each cause with its share of the sum of all latencies. Causes overlap: false sharing is why
// messages are sent at all, a slow link is why they take long.

#include <algorithm>

#include <fmt/format.h>

#include "analysis/trace/analysis.hpp"

namespace pagetoken {

class CauseFinder {
 public:
  explicit CauseFinder(TraceAnalysis& analysis) : a_(analysis), total_(static_cast<double>(analysis.all_.latency_ns)) {
    for (const NodeLoad& load : a_.nodes_) behind_ += static_cast<double>(load.path_behind_ns);
  }

  void run() {
    if (total_ <= 0) return;
    nodes();
    wire();
    locks();
    sharing();
    fault("retry", "the guard sent faults back", at(a_.all_.parts, Part::retry),
          "of the time of all operations lies before a fault's last restart");
    part("local", "steps of the VM", Part::local, "is the operations' own steps and wake-ups");
    add("contention", "operations on the same page", behind_ - behind_fault_,
        behind_fault_ > 0 ? "is waiting behind other operations that the page's home or owner serves first, for other "
                            "reasons than these"
                          : "is waiting behind other operations that the page's home or owner serves first");
    std::stable_sort(a_.causes_.begin(), a_.causes_.end(),
                     [](const TraceCause& x, const TraceCause& y) { return x.share > y.share; });
  }

 private:
  void add(std::string kind, std::string name, double ns, std::string text) {
    const double share = ns / total_;
    if (share < 0.001) return;
    a_.causes_.push_back({std::move(kind), std::move(name), share, fmt::format("{:.1f} % {}", 100 * share, text)});
  }
  void part(std::string kind, std::string name, Part part, const std::string& text) {
    add(std::move(kind), std::move(name), static_cast<double>(at(a_.all_.parts, part)), text);
  }
  /// Something that is not as it should be. It slows the operations that others wait behind as much as all others: its
  /// share of the time that is not waiting behind others is its share of that time too.
  void fault(std::string kind, std::string name, std::int64_t path_ns, std::string text) {
    const auto ns = static_cast<double>(path_ns);
    const double behind = behind_ < total_ ? std::min(ns * behind_ / (total_ - behind_), behind_ - behind_fault_) : 0;
    behind_fault_ += behind;
    if (behind >= 0.001 * total_)
      text += fmt::format("; {:.1f} % of it is waiting behind operations that it delays", 100 * behind / (ns + behind));
    add(std::move(kind), std::move(name), ns + behind, std::move(text));
  }

  /// A manager, and any client that is one beside (or the busiest), by name; the others' handlers together.
  void nodes() {
    std::int64_t handlers = 0;
    std::int64_t revokes = 0;
    std::uint32_t busiest = kNobody;
    for (std::uint32_t n = 0; n < a_.nodes_.size(); ++n) {
      const NodeLoad& load = a_.nodes_[n];
      const std::int64_t ns = load.path_handler_ns + load.path_queue_ns;
      handlers += ns;
      revokes += load.path_remote_ns;
      if (ns > 0 && (busiest == kNobody || ns > a_.nodes_[busiest].path_handler_ns + a_.nodes_[busiest].path_queue_ns))
        busiest = n;
      if (load.path_storage_ns > 0)
        add("storage", a_.node_name(n), static_cast<double>(load.path_storage_ns), "is waiting for " + a_.node_name(n));
    }
    for (std::uint32_t n = 0; n < a_.nodes_.size(); ++n) {
      const NodeLoad& load = a_.nodes_[n];
      const std::int64_t ns = load.path_handler_ns + load.path_queue_ns;
      if (!a_.head_.roles.is_manager(n) && (n != busiest || a_.head_.roles.managers > 0)) continue;
      handlers -= ns;
      std::string text =
          fmt::format("is spent in the queue of {}'s handler ({:.0f} % of it) and in the handler", a_.node_name(n),
                      ns > 0 ? 100.0 * static_cast<double>(load.path_queue_ns) / static_cast<double>(ns) : 0.0);
      const bool is_overloaded = 2 * load.busy_ns > a_.end_ns_;
      if (is_overloaded)
        fault("manager", a_.node_name(n), ns, std::move(text));
      else
        add("manager", a_.node_name(n), static_cast<double>(ns), std::move(text));
    }
    add("handler", "handlers of the other nodes", static_cast<double>(handlers),
        "is spent in the queues and handlers of the other nodes");
    add("revoke", "revokes at other nodes", static_cast<double>(revokes),
        "is waiting while other nodes give tokens up");
  }

  /// All links together, unless some of them are what makes the wire slow.
  void wire() {
    std::int64_t all = 0;
    for (const auto& [key, link] : a_.links_) all += link.path_ns;
    const SlowLinks slow = find_slow_links(a_.links_, [this](std::uint32_t node) { return a_.node_name(node); });
    if (slow.name.empty()) return add("network", "all links", static_cast<double>(all), "is spent on the wire");
    fault("link", slow.name, slow.path_ns,
          slow.is_one ? "is spent on this link, which is slower than others"
                      : "is spent on these links, which are slower than others");
    add("network", "all other links", static_cast<double>(all - slow.path_ns), "is spent on the wire elsewhere");
  }

  void locks() {
    for (const auto& [name, load] : a_.locks_)
      add("lock", a_.names_.word(name), static_cast<double>(load.path_ns), "is waiting for " + a_.names_.word(name));
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
        static_cast<double>(falsely),
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
  double behind_ = 0;        ///< of that, waiting behind other operations
  double behind_fault_ = 0;  ///< of that, as those are delayed by what a fault() is about
};

void TraceAnalysis::find_causes() { CauseFinder(*this).run(); }

}  // namespace pagetoken
