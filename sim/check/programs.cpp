#include "sim/check/programs.hpp"

#include <set>

#include <fmt/format.h>

#include "sim/base/random.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kTried = 16;  // programs for each two names
constexpr int kDraws = 200;         // of which some are their own images

}  // namespace

Programs::Programs(std::uint32_t nodes, std::uint32_t pages, std::uint32_t operations)
    : nodes_(nodes),
      pages_(pages),
      operations_(operations),
      digits_(std::size_t{nodes} * operations),
      node_names_{identity(nodes)},
      page_names_{identity(pages)} {
  for (std::uint32_t page = 0; page < pages; ++page)
    for (const bool is_write : {false, true}) menu_.push_back({TaskKind::access, is_write, FileId{0}, one_page(page)});
  menu_.push_back({TaskKind::truncate, true, FileId{0}, {0, kToInfinity}});
}

Scripts Programs::scripts_of(const Digits& digits) const {
  Scripts scripts(nodes_);
  for (std::size_t i = 0; i < digits.size(); ++i) scripts[i / operations_].push_back(menu_[digits[i]]);
  return scripts;
}

Programs::Digits Programs::image(const Digits& digits, const Renaming& nodes, const Renaming& pages) const {
  Digits to(digits.size());
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::size_t page = digits[i] / 2u;
    const std::size_t at = nodes[i / operations_] * std::size_t{operations_} + i % operations_;
    to[at] = page < pages_ ? static_cast<std::uint8_t>(2 * pages[page] + digits[i] % 2) : digits[i];
  }
  return to;
}

bool Programs::is_first() const {
  for (const Renaming& nodes : node_names_)
    for (const Renaming& pages : page_names_)
      if (image(digits_, nodes, pages) < digits_) return false;
  return true;
}

std::uint64_t Programs::images() const {
  std::set<Digits> different;
  for (const Renaming& nodes : node_names_)
    for (const Renaming& pages : page_names_) different.insert(image(digits_, nodes, pages));
  return different.size();
}

bool Programs::advance() {
  for (std::size_t i = 0; i < digits_.size();) {
    if (++digits_[i] == menu_.size()) {
      digits_[i++] = 0;
    } else if (is_first()) {
      return true;
    } else {
      i = 0;
    }
  }
  return false;
}

Programs::Digits Programs::drawn(RandomStream& random) const {
  Digits digits(digits_.size());
  for (std::uint8_t& digit : digits) digit = static_cast<std::uint8_t>(random.below(menu_.size()));
  return digits;
}

std::string Programs::find_alike(const std::function<bool(const Scripts& one, const Scripts& image)>& agree) {
  RandomStream random(1, 0, 0, Purpose::sampling);
  std::size_t programs = 0;
  const auto alike = [&](const Renaming& nodes, const Renaming& pages) {
    std::set<Digits> tried;
    for (int draw = 0; draw < kDraws && tried.size() < kTried; ++draw) {
      const Digits one = drawn(random);
      const Digits other = image(one, nodes, pages);
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
  const Renaming clients =
      classes(nodes_, [&](auto a, auto b) { return alike(exchange(nodes_, a, b), identity(pages_)); });
  const Renaming pages =
      classes(pages_, [&](auto a, auto b) { return alike(identity(nodes_), exchange(pages_, a, b)); });
  node_names_ = group_of(clients);
  page_names_ = group_of(pages);
  const std::string of_clients = members_text("clients", clients);
  const std::string of_pages = members_text("pages", pages);
  if (of_clients.empty() && of_pages.empty()) return "no two clients or pages are interchangeable";
  return fmt::format("{}{}{} are interchangeable, as tried on {} programs", of_clients,
                     of_clients.empty() || of_pages.empty() ? "" : "; ", of_pages, programs);
}

}  // namespace pagetoken
