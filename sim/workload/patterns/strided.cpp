#include <fmt/format.h>

#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/walker.hpp"

namespace pagetoken::patterns {

PatternDefinition strided() {
  return {
      .name = "strided",
      .description = "Of n clients, client c accesses records c, c + n, c + 2n and so on to the end, then again.",
      .keys =
          [] {
            return with_common_keys({pages_key(64, kPagesOfFile)}, Via::mmap,
                                    {record_bytes_key(), write_fraction_key(1)});
          },
      .lay_out =
          [](Layout& layout) {
            set_length(layout, "record_bytes", layout.area_bytes);
            const std::uint64_t records = layout.area_bytes / layout.length;
            if (records < layout.context.clients) {
              refuse_key(layout.context, "record_bytes",
                         fmt::format("{} records for {} clients", records, layout.context.clients),
                         "a record for every client, or more");
            }
            layout.needed_bytes = records * layout.length;
          },
      .source =
          [](const Layout& layout, std::uint32_t client, std::uint32_t thread) {
            const std::uint64_t clients = layout.context.clients;
            const std::uint64_t records = layout.area_bytes / layout.length;
            const Walk walk{client * layout.length, clients * layout.length,
                            (records - client + clients - 1) / clients};
            return generated(Walker(layout, walk, client, thread));
          },
  };
}

}  // namespace pagetoken::patterns
