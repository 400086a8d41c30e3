#include "analysis/trace/slow_links.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace pagetoken {

namespace {
constexpr double kSlow = 2.5;           ///< times what is usual
constexpr double kShareOfWire = 0.2;    ///< that slow links must explain
constexpr double kShareOfExcess = 0.8;  ///< that what is named must explain

std::uint32_t from_of(std::uint64_t key) { return static_cast<std::uint32_t>(key >> 32); }
std::uint32_t to_of(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

class Finder {
 public:
  Finder(const LinkTable& links, const std::function<std::string(std::uint32_t)>& node_name)
      : links_(links), node_name_(node_name) {}

  SlowLinks run() {
    measure();
    if (excess_ <= 0 || excess_ < kShareOfWire * wire_) return {};
    const auto larger = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto [link, of_link] = *std::max_element(of_link_.begin(), of_link_.end(), larger);
    if (of_link >= kShareOfExcess * excess_) {
      const std::uint64_t both = link;
      return named(node_name_(from_of(both)) + " - " + node_name_(to_of(both)), true,
                   [both](std::uint32_t a, std::uint32_t b) { return undirected(a, b) == both; });
    }
    const auto [node, of_node] = *std::max_element(of_node_.begin(), of_node_.end(), larger);
    if (of_node >= kShareOfExcess * excess_) {
      const std::uint32_t at = node;
      return named("the link of " + node_name_(at), true,
                   [at](std::uint32_t a, std::uint32_t b) { return a == at || b == at; });
    }
    return between_groups();
  }

 private:
  static std::uint64_t undirected(std::uint32_t a, std::uint32_t b) {
    return std::uint64_t{std::min(a, b)} << 32 | std::max(a, b);
  }

  void measure() {
    // What a link that is not slow takes: the lower quartile, as the links of one slow node may be half of all.
    for (std::size_t c = 0; c < usual_.size(); ++c) {
      std::vector<double> means;
      for (const auto& [key, link] : links_)
        if (link.classes[c].count > 0) means.push_back(link.classes[c].mean());
      if (means.empty()) continue;
      const auto quartile = means.begin() + static_cast<std::ptrdiff_t>(means.size() / 4);
      std::nth_element(means.begin(), quartile, means.end());
      usual_[c] = *quartile;
    }
    for (const auto& [key, link] : links_) {
      wire_ += static_cast<double>(link.path_ns);
      for (std::size_t c = 0; c < usual_.size(); ++c) {
        const LinkLoad::Times& times = link.classes[c];
        if (times.count == 0 || times.mean() < kSlow * *usual_[c]) continue;
        const double over = static_cast<double>(times.ns) - *usual_[c] * static_cast<double>(times.count);
        excess_ += over;
        of_class_[c] += over;
        of_link_[undirected(from_of(key), to_of(key))] += over;
        of_node_[from_of(key)] += over;
        of_node_[to_of(key)] += over;
      }
    }
  }

  template <class Condition>
  SlowLinks named(std::string name, bool is_one, Condition condition) const {
    SlowLinks found{.name = std::move(name), .is_one = is_one};
    for (const auto& [key, link] : links_)
      if (condition(from_of(key), to_of(key))) found.path_ns += link.path_ns;
    return found;
  }

  // ---- Nodes between which no link is slow, by the class of messages that loses most, are a group: what hangs off one
  // ---- switch, for instance.

  std::uint32_t group_of(std::uint32_t node) {
    auto found = parent_.try_emplace(node, node).first;
    while (found->second != found->first) found = parent_.find(found->second);
    return found->first;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = group_of(a);
    b = group_of(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

  SlowLinks between_groups() {
    const auto worst =
        static_cast<std::size_t>(std::max_element(of_class_.begin(), of_class_.end()) - of_class_.begin());
    for (const auto& [key, link] : links_) {
      const LinkLoad::Times& times = link.classes[worst];
      if (times.count > 0 && times.mean() < kSlow * *usual_[worst]) join(from_of(key), to_of(key));
    }
    std::map<std::uint32_t, std::vector<std::uint32_t>> groups;
    for (const auto& [node, unused] : of_node_) group_of(node);
    for (const auto& [node, unused] : std::map(parent_)) groups[group_of(node)].push_back(node);
    std::map<std::uint32_t, double> of_group;  // over its boundary
    double between = 0;
    for (const auto& [link, over] : of_link_) {
      const std::uint32_t a = group_of(from_of(link));
      const std::uint32_t b = group_of(to_of(link));
      if (a == b) continue;
      between += over;
      of_group[a] += over;
      of_group[b] += over;
    }
    if (between < kShareOfExcess * excess_ || groups.size() > parent_.size() / 2) return {};
    const auto crosses = [this](std::uint32_t a, std::uint32_t b) { return group_of(a) != group_of(b); };
    // One group whose way to the others is slow, the smaller of two; or all of them.
    std::uint32_t apart = 0;
    std::size_t smallest = SIZE_MAX;
    for (const auto& [group, over] : of_group) {
      if (over < kShareOfExcess * excess_ || groups[group].size() >= smallest) continue;
      smallest = groups[group].size();
      apart = group;
    }
    if (smallest == SIZE_MAX) return named(fmt::format("between {} groups of nodes", groups.size()), false, crosses);
    return named("the way to " + list_of(groups[apart]), false,
                 [&](std::uint32_t a, std::uint32_t b) { return (group_of(a) == apart) != (group_of(b) == apart); });
  }
  std::string list_of(const std::vector<std::uint32_t>& nodes) const {
    constexpr std::size_t kNamed = 4;
    std::string list;
    for (std::size_t i = 0; i < std::min(nodes.size(), kNamed); ++i)
      list += (i == 0 ? "" : ", ") + node_name_(nodes[i]);
    if (nodes.size() > kNamed) list += fmt::format(" and {} more", nodes.size() - kNamed);
    return list;
  }

  const LinkTable& links_;
  const std::function<std::string(std::uint32_t)>& node_name_;
  std::array<std::optional<double>, LinkLoad::kClasses> usual_;  ///< time of a message
  std::array<double, LinkLoad::kClasses> of_class_{};
  double wire_ = 0;
  double excess_ = 0;  ///< beyond what is usual
  std::map<std::uint64_t, double> of_link_;
  std::map<std::uint32_t, double> of_node_;
  std::map<std::uint32_t, std::uint32_t> parent_;
};
}  // namespace

SlowLinks find_slow_links(const LinkTable& links, const std::function<std::string(std::uint32_t)>& node_name) {
  return Finder(links, node_name).run();
}

}  // namespace pagetoken
