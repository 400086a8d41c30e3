#include <fmt/format.h>

#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/walker.hpp"

namespace pagetoken::patterns {

namespace {
enum : std::uint8_t { kStrideBytes, kStartIntervalNs, kHeadStart };

Walk segment_walk(const Layout& layout, std::uint32_t client) {
  const std::uint64_t stride = own_whole(layout.spec, kStrideBytes);
  const std::uint64_t step = stride != 0 ? stride : layout.length;
  return {client * layout.area_bytes, step, (layout.area_bytes - layout.length) / step + 1};
}
}  // namespace

PatternDefinition sequential_segments() {
  return {
      .name = "sequential-segments",
      .description =
          "Every client goes over its own segment from the start; clients begin one after the other, ascending.",
      .keys =
          [] {
            return with_common_keys(
                {pages_key(64, kPagesOfSegment)}, Via::mmap,
                {record_bytes_key(),
                 own_key(kStrideBytes, KeyType::whole, "stride_bytes", 0, 0, kMaxBytes,
                         "from the start of an access to the start of the next; 0 = record_bytes"),
                 own_key(kStartIntervalNs, KeyType::whole, "start_interval_ns", 0, 0, kMaxNs,
                         "delay between the starts of two clients"),
                 own_key(kHeadStart, KeyType::whole, "head_start", 1, 0, 1e9,
                         "serial: accesses that a client makes before the round in which the next client begins"),
                 write_fraction_key(1)});
          },
      .lay_out =
          [](Layout& layout) {
            segments_bytes(layout);
            set_length(layout, "record_bytes", layout.area_bytes);
            const std::uint64_t stride = own_whole(layout.spec, kStrideBytes);
            if (stride != 0 && stride < layout.length) {
              refuse_key(layout.context, "stride_bytes", fmt::format("{} bytes", stride),
                         fmt::format("0, or at least record_bytes ({})", layout.length));
            }
            layout.needed_bytes = segment_walk(layout, layout.context.clients - 1).last() + layout.length;
          },
      .source =
          [](const Layout& layout, std::uint32_t client, std::uint32_t thread) {
            const auto delay_ns = static_cast<std::int64_t>(own_whole(layout.spec, kStartIntervalNs) * client);
            return generated(
                Walker(layout, segment_walk(layout, client), client, thread, layout.spec.write_fraction, delay_ns));
          },
      .turns =
          [](const WorkloadSpec& spec) {
            return std::optional(TurnSource::Rule{.head_start = own_whole(spec, kHeadStart)});
          },
  };
}

}  // namespace pagetoken::patterns
