#include <fmt/format.h>

#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/uniform_pages.hpp"

namespace pagetoken::patterns {

namespace {
constexpr std::uint8_t kSliceBytes = 0;
}

PatternDefinition false_sharing() {
  return {
      .name = "false-sharing",
      .description =
          "Every client has a byte range of its own in all pages; each access goes to it in a page drawn uniformly.",
      .keys =
          [] {
            return with_common_keys({pages_key(64, kPagesOfFile)}, Via::mmap,
                                    {own_key(kSliceBytes, KeyType::whole, "slice_bytes", 0, 0, 0x1p30,
                                             "each client's bytes of a page; 0 = page / clients"),
                                     write_fraction_key(1)});
          },
      .lay_out =
          [](Layout& layout) {
            const LayoutContext& context = layout.context;
            const std::uint64_t most = context.page_bytes / context.clients;
            const std::uint64_t asked = own_whole(layout.spec, kSliceBytes);
            layout.length = asked != 0 ? asked : most;
            if (layout.length == 0 || layout.length > most) {
              refuse_key(context, "slice_bytes",
                         fmt::format("{} bytes for each of {} clients", layout.length, context.clients),
                         fmt::format("slices that fit into a page of {} bytes together", context.page_bytes));
            }
            layout.slots = layout.spec.pages;
            layout.needed_bytes = layout.area_bytes - context.page_bytes + context.clients * layout.length;
          },
      .source =
          [](const Layout& layout, std::uint32_t client, std::uint32_t thread) {
            return generated(UniformPages(layout, client, thread, client * layout.length));
          },
  };
}

}  // namespace pagetoken::patterns
