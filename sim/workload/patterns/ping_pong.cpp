#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/walker.hpp"

namespace pagetoken::patterns {

const PatternDefinition ping_pong{
    .name = "ping-pong",
    .description =
        "Clients take strict turns, ascending, one access at a time in the whole cluster; a client's n-th goes to page "
        "n "
        "mod pages.",
    .default_clients = 2,
    .min_clients = 2,
    .always_serial = true,
    .keys =
        [] {
          return with_common_keys({pages_key(1, kPagesOfFile)}, Via::mmap, {access_bytes_key(), write_fraction_key(1)});
        },
    .lay_out =
        [](Layout& layout) {
          set_length(layout, "access_bytes", layout.area_bytes);
          layout.needed_bytes = walk_of_pages(layout, 0).last() + layout.length;
        },
    .source = [](const Layout& layout, std::uint32_t client,
                 std::uint32_t thread) { return generated(Walker(layout, walk_of_pages(layout, 0), client, thread)); },
    .turns = [](const WorkloadSpec&) { return std::optional(TurnSource::Rule{}); },
};

}  // namespace pagetoken::patterns
