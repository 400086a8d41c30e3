#include "sim/check/cluster/programs.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kTried = 16;  // programs for each two names
constexpr int kDraws = 200;         // of which some are their own images

}  // namespace

Programs::Programs(const ProgramBounds& bounds)
    : bounds_(bounds), chosen_(bounds.nodes), node_names_{identity(bounds.nodes)}, page_names_{identity(bounds.pages)} {
  for (std::uint32_t page = 0; page < bounds.pages; ++page) {
    for (const bool is_write : {false, true}) menu_.push_back({TaskKind::access, is_write, FileId{0}, one_page(page)});
    menu_.push_back({TaskKind::evict, false, FileId{0}, one_page(page)});
  }
  menu_.push_back({TaskKind::truncate, true, FileId{0}, {0, kToInfinity}});
  add_scripts();
}

/// Those without evictions as an odometer has them, the first operation fastest, and then from each of these the
/// others.
void Programs::add_scripts() {
  std::vector<std::uint8_t> counted;
  for (std::uint8_t place = 0; place < menu_.size(); ++place)
    if (menu_[place].kind != TaskKind::evict) counted.push_back(place);
  std::vector<std::size_t> digits(bounds_.operations);
  for (bool more = true; more;) {
    Script script;
    for (const std::size_t digit : digits) script.push_back(counted[digit]);
    scripts_.push_back(std::move(script));
    more = false;
    for (std::size_t& digit : digits) {
      more = ++digit < counted.size();
      if (more) break;
      digit = 0;
    }
  }
  const std::size_t plain = scripts_.size();
  for (std::size_t s = 0; s < plain; ++s) add_with_evictions(Script(scripts_[s]));
  for (std::uint32_t s = 0; s < scripts_.size(); ++s) places_.emplace(scripts_[s], s);
}

/// A page that its node has not touched is not cached there, and one that is evicted again is not any more.
void Programs::add_with_evictions(const Script& script) {
  for (std::uint32_t after = 1; after < 1u << script.size(); ++after) {
    Script longer;
    bool fits = true;
    for (std::size_t i = 0; i < script.size(); ++i) {
      longer.push_back(script[i]);
      if ((after >> i & 1) == 0) continue;
      fits = fits && menu_[script[i]].kind == TaskKind::access;
      longer.push_back(static_cast<std::uint8_t>(script[i] / 3 * 3 + 2));
    }
    if (fits && evictions_in(longer) <= bounds_.evictions) scripts_.push_back(std::move(longer));
  }
}

std::uint32_t Programs::evictions_in(const Script& script) const {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(script, [&](std::uint8_t place) { return menu_[place].kind == TaskKind::evict; }));
}

bool Programs::is_within(const Chosen& chosen) const {
  std::uint32_t evictions = 0;
  for (const std::uint32_t script : chosen) evictions += evictions_in(scripts_[script]);
  return evictions <= bounds_.evictions;
}

Scripts Programs::scripts_of(const Chosen& chosen) const {
  Scripts scripts(bounds_.nodes);
  for (std::size_t node = 0; node < chosen.size(); ++node)
    for (const std::uint8_t place : scripts_[chosen[node]]) scripts[node].push_back(menu_[place]);
  return scripts;
}

std::uint8_t Programs::renamed(std::uint8_t place, const Renaming& pages) const {
  const std::size_t page = place / 3u;
  return page < bounds_.pages ? static_cast<std::uint8_t>(3 * pages[page] + place % 3u) : place;
}

Programs::Chosen Programs::image(const Chosen& chosen, const Renaming& nodes, const Renaming& pages) const {
  Chosen to(chosen.size());
  for (std::size_t node = 0; node < chosen.size(); ++node) {
    Script script = scripts_[chosen[node]];
    for (std::uint8_t& place : script) place = renamed(place, pages);
    to[nodes[node]] = places_.at(script);
  }
  return to;
}

bool Programs::is_first() const {
  for (const Renaming& nodes : node_names_)
    for (const Renaming& pages : page_names_)
      if (image(chosen_, nodes, pages) < chosen_) return false;
  return true;
}

std::uint64_t Programs::images() const {
  std::set<Chosen> different;
  for (const Renaming& nodes : node_names_)
    for (const Renaming& pages : page_names_) different.insert(image(chosen_, nodes, pages));
  return different.size();
}

bool Programs::advance() {
  for (std::size_t node = 0; node < chosen_.size();) {
    if (++chosen_[node] == scripts_.size()) {
      chosen_[node++] = 0;
    } else if (is_within() && is_first()) {
      return true;
    } else {
      node = 0;
    }
  }
  return false;
}

Programs::Chosen Programs::drawn(RandomStream& random) const {
  Chosen chosen(bounds_.nodes);
  do {
    for (std::uint32_t& script : chosen) script = static_cast<std::uint32_t>(random.below(scripts_.size()));
  } while (!is_within(chosen));
  return chosen;
}

std::string Programs::find_alike(const std::function<bool(const Scripts& one, const Scripts& image)>& agree) {
  RandomStream random(1, 0, 0, Purpose::sampling);
  std::size_t programs = 0;
  const auto alike = [&](const Renaming& nodes, const Renaming& pages) {
    std::set<Chosen> tried;
    for (int draw = 0; draw < kDraws && tried.size() < kTried; ++draw) {
      const Chosen one = drawn(random);
      const Chosen other = image(one, nodes, pages);
      if (one == other || tried.contains(other) || !tried.insert(one).second) continue;
      ++programs;
      if (!agree(scripts_of(one), scripts_of(other))) return false;
    }
    return !tried.empty();
  };
  const auto classes = [&](std::uint32_t count, const auto& is_alike) {
    Renaming class_of = identity(count);
    for (std::uint32_t a = 0; a < count; ++a)
      for (std::uint32_t b = a + 1; b < count; ++b)
        if (class_of[a] == a && class_of[b] == b && is_alike(a, b)) class_of[b] = a;
    return class_of;
  };
  const Renaming clients = classes(
      bounds_.nodes, [&](auto a, auto b) { return alike(exchange(bounds_.nodes, a, b), identity(bounds_.pages)); });
  const Renaming pages = classes(
      bounds_.pages, [&](auto a, auto b) { return alike(identity(bounds_.nodes), exchange(bounds_.pages, a, b)); });
  node_names_ = group_of(clients);
  page_names_ = group_of(pages);
  const std::string of_clients = members_text("clients", clients);
  const std::string of_pages = members_text("pages", pages);
  if (of_clients.empty() && of_pages.empty()) return "no two clients or pages are interchangeable";
  return fmt::format("{}{}{} are interchangeable, as tried on {} programs", of_clients,
                     of_clients.empty() || of_pages.empty() ? "" : "; ", of_pages, programs);
}

}  // namespace pagetoken
