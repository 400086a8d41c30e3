#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/uniform_pages.hpp"

namespace pagetoken::patterns {

PatternDefinition read_mostly() {
  return {
      .name = "read-mostly",
      .description = "As uniform, with few writes.",
      .keys =
          [] {
            return with_common_keys({pages_key(64, kPagesOfFile)}, Via::mmap,
                                    {access_bytes_key(), write_fraction_key(0.01)});
          },
      .lay_out = [](Layout& layout) { uniform().lay_out(layout); },
      .source = [](const Layout& layout, std::uint32_t client,
                   std::uint32_t thread) { return generated(UniformPages(layout, client, thread)); },
  };
}

}  // namespace pagetoken::patterns
