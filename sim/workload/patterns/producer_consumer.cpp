#include <fmt/format.h>

#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/walker.hpp"

namespace pagetoken::patterns {

namespace {
constexpr std::uint8_t kProducers = 0;
}

PatternDefinition producer_consumer() {
  return {
      .name = "producer-consumer",
      .description = "The first clients write page after page, cyclically; the others read them in the same order.",
      .min_clients = 2,
      .keys =
          [] {
            return with_common_keys(
                {pages_key(64, kPagesOfFile)}, Via::mmap,
                {access_bytes_key(), own_key(kProducers, KeyType::whole, "producers", 1, 1, kMaxClients,
                                             "clients that write, from client 0 on; fewer than clients")});
          },
      .lay_out =
          [](Layout& layout) {
            require_fewer_than_clients(layout, "producers", own_whole(layout.spec, kProducers), "nobody reads");
            set_length(layout, "access_bytes", layout.area_bytes);
            layout.needed_bytes = walk_of_pages(layout, 0).last() + layout.length;
          },
      .source =
          [](const Layout& layout, std::uint32_t client, std::uint32_t thread) {
            const double write_fraction = client < own_whole(layout.spec, kProducers) ? 1 : 0;
            return generated(Walker(layout, walk_of_pages(layout, 0), client, thread, write_fraction));
          },
  };
}

}  // namespace pagetoken::patterns
