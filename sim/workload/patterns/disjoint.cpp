#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/walker.hpp"

namespace pagetoken::patterns {

PatternDefinition disjoint() {
  return {
      .name = "disjoint",
      .description = "Every client goes over its own contiguous segment of each file, page by page, for ever.",
      .keys =
          [] {
            return with_common_keys({pages_key(64, kPagesOfSegment)}, Via::mmap,
                                    {access_bytes_key(), write_fraction_key(1)});
          },
      .lay_out =
          [](Layout& layout) {
            segments_bytes(layout);
            set_length(layout, "access_bytes", layout.area_bytes);
            layout.needed_bytes =
                walk_of_pages(layout, (layout.context.clients - 1) * layout.area_bytes).last() + layout.length;
          },
      .source =
          [](const Layout& layout, std::uint32_t client, std::uint32_t thread) {
            return generated(Walker(layout, walk_of_pages(layout, client * layout.area_bytes), client, thread));
          },
  };
}

}  // namespace pagetoken::patterns
