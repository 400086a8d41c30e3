#include "sim/workload/layout.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/int128.hpp"

namespace pagetoken {
namespace {

[[noreturn]] void refuse(const LayoutContext& context, std::string_view key, std::string_view wrong,
                         std::string_view allowed) {
  throw ConfigError(context.config_file, fmt::format("{}/{}", context.pointer, key), wrong, allowed);
}

/// a * b, or an error that names `key` if a file would reach beyond kMaxPages.
std::uint64_t checked_bytes(const LayoutContext& context, std::string_view key, std::uint64_t a, std::uint64_t b) {
  const uint128 product = static_cast<uint128>(a) * b;
  if (product > static_cast<uint128>(kMaxPages) * context.page_bytes) {
    refuse(context, key, fmt::format("{} x {} bytes do not fit into a file", a, b),
           fmt::format("files of up to {} pages of {} bytes", kMaxPages, context.page_bytes));
  }
  return static_cast<std::uint64_t>(product);
}

bool walks_records(Pattern pattern) { return pattern == Pattern::strided || pattern == Pattern::sequential_segments; }
bool appends(Pattern pattern) { return pattern == Pattern::append || pattern == Pattern::log_rotate; }
bool has_segments(Pattern pattern) { return pattern == Pattern::disjoint || pattern == Pattern::sequential_segments; }
bool draws_pages(Pattern pattern) {
  return pattern == Pattern::uniform || pattern == Pattern::zipf || pattern == Pattern::read_mostly;
}

void check_roles(const WorkloadSpec& spec, const LayoutContext& context) {
  const PatternInfo& info = pattern_info(spec.pattern);
  if (context.clients < info.min_clients) {
    refuse(context, "pattern", fmt::format("{} with {} client(s)", info.name, context.clients),
           fmt::format("{} clients or more", info.min_clients));
  }
  if (spec.pattern == Pattern::producer_consumer && spec.producers >= context.clients) {
    refuse(context, "producers", fmt::format("{} of {} clients, so nobody reads", spec.producers, context.clients),
           fmt::format("1 to {}", context.clients - 1));
  }
  if (spec.pattern == Pattern::truncate_storm) {
    if (spec.truncators >= context.clients) {
      refuse(context, "truncators",
             fmt::format("{} of {} clients, so nobody accesses", spec.truncators, context.clients),
             fmt::format("1 to {}", context.clients - 1));
    }
    if (spec.low_pages >= spec.pages) {
      refuse(context, "low_pages", fmt::format("{} of {} pages", spec.low_pages, spec.pages),
             fmt::format("0 to {}", spec.pages - 1));
    }
  }
}

std::uint64_t slice_of(const WorkloadSpec& spec, const LayoutContext& context) {
  const std::uint64_t slice = spec.slice_bytes != 0 ? spec.slice_bytes : context.page_bytes / context.clients;
  if (slice == 0 || slice > context.page_bytes / context.clients) {
    refuse(context, "slice_bytes", fmt::format("{} bytes for each of {} clients", slice, context.clients),
           fmt::format("slices that fit into a page of {} bytes together", context.page_bytes));
  }
  return slice;
}

/// Bytes of an access, which must fit into the part of the file that a client accesses.
std::uint64_t length_of(const WorkloadSpec& spec, const LayoutContext& context, std::uint64_t area_bytes) {
  if (spec.pattern == Pattern::false_sharing) return slice_of(spec, context);
  const bool records = walks_records(spec.pattern);
  const std::uint64_t asked = records ? spec.record_bytes : spec.access_bytes;
  const std::uint64_t length = asked != 0 ? asked : context.page_bytes;
  if (length > kMaxAccessPages * context.page_bytes) {
    refuse(context, records ? "record_bytes" : "access_bytes", fmt::format("{} bytes", length),
           fmt::format("up to {} bytes, which is {} pages of {} bytes", kMaxAccessPages * context.page_bytes,
                       kMaxAccessPages, context.page_bytes));
  }
  if (!appends(spec.pattern) && length > area_bytes) {
    refuse(context, records ? "record_bytes" : "access_bytes", fmt::format("{} bytes", length),
           fmt::format("up to {} bytes, which is all the pages there are", area_bytes));
  }
  return length;
}

void check_walk(const Layout& layout) {
  const WorkloadSpec& spec = layout.spec;
  if (spec.pattern == Pattern::sequential_segments && spec.stride_bytes != 0 && spec.stride_bytes < layout.length) {
    refuse(layout.context, "stride_bytes", fmt::format("{} bytes", spec.stride_bytes),
           fmt::format("0, or at least record_bytes ({})", layout.length));
  }
  if (spec.pattern == Pattern::strided && layout.needed_bytes / layout.length < layout.context.clients) {
    refuse(layout.context, "record_bytes",
           fmt::format("{} records for {} clients", layout.needed_bytes / layout.length, layout.context.clients),
           "a record for every client, or more");
  }
}

/// The end of the access that reaches furthest.
std::uint64_t furthest_end(const Layout& layout, std::uint64_t file_bytes) {
  const Pattern pattern = layout.spec.pattern;
  if (appends(pattern)) return 0;
  if (pattern == Pattern::truncate_storm) return file_bytes;
  if (pattern == Pattern::false_sharing)
    return file_bytes - layout.context.page_bytes + layout.context.clients * layout.length;
  if (pattern == Pattern::strided) return file_bytes / layout.length * layout.length;
  if (draws_pages(pattern)) return (layout.slots - 1) * layout.context.page_bytes + layout.length;
  const Walk last = walk_of(layout, layout.context.clients - 1);
  return last.first + (last.count - 1) * last.step + layout.length;
}

}  // namespace

void check_ranges(const WorkloadSpec& spec, const LayoutContext& context) {
  for (const KeyInfo& key : spec.trace ? keys_of_trace() : keys_of(spec.pattern)) {
    const double value = value_of(spec, key);
    if (!(value >= key.min && value <= key.max)) {
      refuse(context, key.key, fmt::format("{}", value), fmt::format("{} to {}", key.min, key.max));
    }
  }
}

Layout make_layout(const WorkloadSpec& spec, const LayoutContext& context) {
  check_ranges(spec, context);
  check_roles(spec, context);
  if (spec.first_file + spec.files > kMaxFiles) {
    refuse(context, "files", fmt::format("{} files from {} on", spec.files, spec.first_file),
           fmt::format("{} files in all", kMaxFiles));
  }
  Layout layout{.spec = spec, .context = context};
  const std::uint64_t area_bytes = checked_bytes(context, "pages", spec.pages, context.page_bytes);
  const std::uint64_t file_bytes =
      has_segments(spec.pattern) ? checked_bytes(context, "pages", context.clients, area_bytes) : area_bytes;
  layout.length = length_of(spec, context, area_bytes);
  layout.slots = spec.pages - std::min(spec.pages - 1, (layout.length - 1) / context.page_bytes);
  layout.needed_bytes = file_bytes;
  check_walk(layout);
  layout.needed_bytes = furthest_end(layout, file_bytes);
  layout.constant_think = spec.think == ThinkTime::constant || spec.think_ns == 0;
  return layout;
}

Walk walk_of(const Layout& layout, std::uint32_t client) {
  const WorkloadSpec& spec = layout.spec;
  const std::uint64_t page_bytes = layout.context.page_bytes;
  if (spec.pattern == Pattern::strided) {
    const std::uint64_t records = spec.pages * page_bytes / layout.length;
    return {client * layout.length, layout.context.clients * layout.length,
            (records - client + layout.context.clients - 1) / layout.context.clients};
  }
  const std::uint64_t area_bytes = spec.pages * page_bytes;
  const std::uint64_t whole_pages = (layout.length + page_bytes - 1) / page_bytes * page_bytes;
  if (spec.pattern == Pattern::sequential_segments) {
    const std::uint64_t step = spec.stride_bytes != 0 ? spec.stride_bytes : layout.length;
    return {client * area_bytes, step, (area_bytes - layout.length) / step + 1};
  }
  return {spec.pattern == Pattern::disjoint ? client * area_bytes : 0, whole_pages,
          (area_bytes - layout.length) / whole_pages + 1};
}

}  // namespace pagetoken
