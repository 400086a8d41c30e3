// What is under way, in an order of its own, so that two states which differ in nothing else are one.

#include <algorithm>
#include <tuple>

#include "sim/check/cluster/cluster_model.hpp"

namespace pagetoken {
namespace {

/// What is compared: the bytes, with Fresh values in an order that their ranks keep.
template <class T>
std::vector<std::uint8_t> content_of(const T& item) {
  Encoder encoder;
  encoder.put(item);
  std::vector<std::uint8_t> bytes = encoder.bytes();
  for (const Encoder::FreshAt& fresh : encoder.fresh()) {
    bytes[fresh.at] = static_cast<std::uint8_t>(fresh.value >> 8);
    bytes[fresh.at + 1] = static_cast<std::uint8_t>(fresh.value);
  }
  return bytes;
}

template <class T>
void sort_by_content(std::vector<T>& items) {
  if (items.size() < 2) return;
  std::vector<std::pair<std::vector<std::uint8_t>, T>> all;
  for (T& item : items) {
    std::vector<std::uint8_t> content = content_of(item);
    all.emplace_back(std::move(content), std::move(item));
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < items.size(); ++i) items[i] = std::move(all[i].second);
}

}  // namespace

/// Any request, any timer and, of a link that keeps no order, any message may be the next: in which order they came is
/// no part of the state. Where links keep order, it is only that of one link.
void ClusterModel::sort_under_way() {
  if (options_.fifo) {
    std::stable_sort(flying_.begin(), flying_.end(), [](const Envelope& a, const Envelope& b) {
      return std::tie(a.from, a.to) < std::tie(b.from, b.to);
    });
  } else {
    sort_by_content(flying_);
  }
  sort_by_content(requests_);
  sort_by_content(timers_);
}

}  // namespace pagetoken
