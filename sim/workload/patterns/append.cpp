#include "sim/workload/patterns/appender.hpp"
#include "sim/workload/patterns/pattern.hpp"

namespace pagetoken::patterns {

PatternDefinition append() {
  return {
      .name = "append",
      .description = "Every client appends; files start empty. Client c uses file c mod files.",
      .keys = [] { return with_common_keys({}, Via::syscall, {access_bytes_key()}); },
      .lay_out = lay_out_appends,
      .source = [](const Layout& layout, std::uint32_t client,
                   std::uint32_t thread) { return generated(Appender(layout, client, thread)); },
  };
}

}  // namespace pagetoken::patterns
