#pragma once
// The names of things: nodes, files, ranges of pages, resources, token modes.

#include <compare>
#include <cstdint>
#include <limits>

#include "protocols/api/fields.hpp"

namespace pagetoken {

/// A node of the cluster: clients first (0 to clients - 1), then managers, then storage servers.
enum class NodeId : std::uint32_t {};
inline constexpr NodeId kNoNode{std::numeric_limits<std::uint32_t>::max()};
constexpr std::uint32_t index_of(NodeId node) { return static_cast<std::uint32_t>(node); }

/// A file, numbered densely from 0; at most kMaxFiles.
enum class FileId : std::uint32_t {};
constexpr std::uint32_t index_of(FileId file) { return static_cast<std::uint32_t>(file); }

/// A page of a file, counted in pages of the cluster's page size; below kMaxPages.
using PageIndex = std::uint64_t;
inline constexpr PageIndex kMaxPages = (PageIndex{1} << 40) - 2;
inline constexpr std::uint32_t kMaxFiles = 1u << 24;

/// Half-open range of pages [begin, end) of one file. `kToInfinity` as end covers every page that may ever exist.
inline constexpr PageIndex kToInfinity = PageIndex{1} << 40;
struct Range {
  PageIndex begin = 0;
  PageIndex end = 0;
  static constexpr auto fields() { return std::tuple{field("begin", &Range::begin), field("end", &Range::end)}; }

  friend constexpr auto operator<=>(const Range&, const Range&) = default;
  constexpr bool empty() const { return begin >= end; }
  constexpr bool contains(PageIndex page) const { return begin <= page && page < end; }
  constexpr bool covers(const Range& other) const { return begin <= other.begin && other.end <= end; }
  constexpr bool overlaps(const Range& other) const {
    return begin < other.end && other.begin < end && !empty() && !other.empty();
  }
};
constexpr Range whole_file() { return {0, kToInfinity}; }
constexpr Range one_page(PageIndex page) { return {page, page + 1}; }
constexpr Range intersection(const Range& a, const Range& b) {
  const Range common{a.begin > b.begin ? a.begin : b.begin, a.end < b.end ? a.end : b.end};
  return common.empty() ? Range{} : common;
}

/// What a token allows. EXTEND exists for the size of a file only: it is compatible with itself, and sizes set under
/// it are merged by maximum. Ordered by strength: a stronger token satisfies a weaker need.
enum class Mode : std::uint8_t { none, shared, extend, exclusive };
constexpr const char* name_of(Mode mode) {
  constexpr const char* names[] = {"none", "shared", "extend", "exclusive"};
  return names[static_cast<std::uint8_t>(mode)];
}
constexpr bool satisfies(Mode held, Mode needed) { return held >= needed; }
constexpr bool compatible(Mode a, Mode b) {
  if (a == Mode::none || b == Mode::none) return true;
  return a == b && a != Mode::exclusive;
}

/// What a machine is the machine of. A protocol is written for pages or for files; the size of a file is a resource of
/// its own, run by the same machine.
enum class ResourceKind : std::uint8_t { page, file, size };

struct Resource {
  FileId file{};
  ResourceKind kind = ResourceKind::page;
  PageIndex page = 0;  ///< meaningful for `page` only, otherwise 0
  static constexpr auto fields() {
    return std::tuple{field("file", &Resource::file), field("kind", &Resource::kind), field("page", &Resource::page)};
  }

  friend constexpr auto operator<=>(const Resource&, const Resource&) = default;

  /// One word that names the resource, ordered by file, then pages ascending, then the file's range, then its size.
  constexpr std::uint64_t key() const {
    const PageIndex low = kind == ResourceKind::page ? page : kind == ResourceKind::file ? kMaxPages : kMaxPages + 1;
    return (std::uint64_t{index_of(file)} << 40) | low;
  }
  static constexpr Resource from_key(std::uint64_t key) {
    const PageIndex low = key & ((std::uint64_t{1} << 40) - 1);
    const FileId file{static_cast<std::uint32_t>(key >> 40)};
    if (low == kMaxPages) return {file, ResourceKind::file, 0};
    if (low == kMaxPages + 1) return {file, ResourceKind::size, 0};
    return {file, ResourceKind::page, low};
  }
  /// The pages that a token for this resource covers at most.
  constexpr Range extent() const { return kind == ResourceKind::page ? one_page(page) : whole_file(); }
};
constexpr Resource page_resource(FileId file, PageIndex page) { return {file, ResourceKind::page, page}; }
constexpr Resource file_resource(FileId file) { return {file, ResourceKind::file, 0}; }
constexpr Resource size_resource(FileId file) { return {file, ResourceKind::size, 0}; }

}  // namespace pagetoken
