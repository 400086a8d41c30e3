#include "sim/workload/layout.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/int128.hpp"
#include "sim/workload/patterns/pattern.hpp"

namespace pagetoken {
namespace {

/// count * bytes, or an error that names "pages" if a file would reach beyond kMaxPages.
std::uint64_t checked_bytes(const LayoutContext& context, std::uint64_t count, std::uint64_t bytes) {
  const uint128 product = static_cast<uint128>(count) * bytes;
  if (product > static_cast<uint128>(kMaxPages) * context.page_bytes) {
    refuse_key(context, "pages", fmt::format("{} x {} bytes do not fit into a file", count, bytes),
               fmt::format("files of up to {} pages of {} bytes", kMaxPages, context.page_bytes));
  }
  return static_cast<std::uint64_t>(product);
}

}  // namespace

void refuse_key(const LayoutContext& context, std::string_view key, std::string_view wrong, std::string_view allowed) {
  throw ConfigError(context.config_file, fmt::format("{}/{}", context.pointer, key), wrong, allowed);
}

void require_fewer_than_clients(const Layout& layout, std::string_view key, std::uint64_t count,
                                std::string_view consequence) {
  const std::uint32_t clients = layout.context.clients;
  if (count < clients) return;
  refuse_key(layout.context, key, fmt::format("{} of {} clients, so {}", count, clients, consequence),
             fmt::format("1 to {}", clients - 1));
}

std::uint64_t segments_bytes(const Layout& layout) {
  return checked_bytes(layout.context, layout.context.clients, layout.area_bytes);
}

void set_length(Layout& layout, std::string_view key, std::uint64_t most_bytes) {
  const LayoutContext& context = layout.context;
  layout.length = layout.spec.access_bytes != 0 ? layout.spec.access_bytes : context.page_bytes;
  if (layout.length > kMaxAccessPages * context.page_bytes) {
    refuse_key(context, key, fmt::format("{} bytes", layout.length),
               fmt::format("up to {} bytes, which is {} pages of {} bytes", kMaxAccessPages * context.page_bytes,
                           kMaxAccessPages, context.page_bytes));
  }
  if (layout.length > most_bytes) {
    refuse_key(context, key, fmt::format("{} bytes", layout.length),
               fmt::format("up to {} bytes, which is all the pages there are", most_bytes));
  }
  layout.slots = layout.spec.pages - std::min(layout.spec.pages - 1, (layout.length - 1) / context.page_bytes);
}

void check_ranges(const WorkloadSpec& spec, const LayoutContext& context) {
  for (const KeyInfo& key : spec.trace ? keys_of_trace() : keys_of(spec.pattern)) {
    const double value = value_of(spec, key);
    if (!(value >= key.min && value <= key.max)) {
      refuse_key(context, key.key, fmt::format("{}", value), fmt::format("{} to {}", key.min, key.max));
    }
  }
}

Layout make_layout(const WorkloadSpec& spec, const LayoutContext& context) {
  const PatternDefinition& pattern = definition_of(spec.pattern);
  check_ranges(spec, context);
  if (context.clients < pattern.min_clients) {
    refuse_key(context, "pattern", fmt::format("{} with {} client(s)", pattern.name, context.clients),
               fmt::format("{} clients or more", pattern.min_clients));
  }
  if (spec.first_file + spec.files > kMaxFiles) {
    refuse_key(context, "files", fmt::format("{} files from {} on", spec.files, spec.first_file),
               fmt::format("{} files in all", kMaxFiles));
  }
  Layout layout{.spec = spec, .context = context};
  layout.area_bytes = checked_bytes(context, spec.pages, context.page_bytes);
  layout.constant_think = spec.think == ThinkTime::constant || spec.think_ns == 0;
  pattern.lay_out(layout);
  return layout;
}

}  // namespace pagetoken
