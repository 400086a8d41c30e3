#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/uniform_pages.hpp"

namespace pagetoken::patterns {

PatternDefinition uniform() {
  return {
      .name = "uniform",
      .description = "Every access goes to a page drawn uniformly.",
      .keys =
          [] {
            return with_common_keys({pages_key(64, kPagesOfFile)}, Via::mmap,
                                    {access_bytes_key(), write_fraction_key(0.1)});
          },
      .lay_out =
          [](Layout& layout) {
            set_length(layout, "access_bytes", layout.area_bytes);
            layout.needed_bytes = end_of_drawn(layout);
          },
      .source = [](const Layout& layout, std::uint32_t client,
                   std::uint32_t thread) { return generated(UniformPages(layout, client, thread)); },
  };
}

}  // namespace pagetoken::patterns
