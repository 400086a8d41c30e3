#include "sim/workload/patterns/appender.hpp"
#include "sim/workload/patterns/pattern.hpp"

namespace pagetoken::patterns {

namespace {
constexpr std::uint8_t kRotatePages = 0;
}

PatternDefinition log_rotate() {
  return {
      .name = "log-rotate",
      .description =
          "As append; when the clients of a log have each made their share of rotate_pages, one of them, in turn, "
          "truncates "
          "it to 0.",
      .keys =
          [] {
            return with_common_keys({own_key(kRotatePages, KeyType::whole, "rotate_pages", 64, 1,
                                             static_cast<double>(kMaxPages), "pages of a log when it is truncated")},
                                    Via::syscall, {access_bytes_key()});
          },
      .lay_out = lay_out_appends,
      .source =
          [](const Layout& layout, std::uint32_t client, std::uint32_t thread) {
            return generated(Appender(layout, client, thread, own_whole(layout.spec, kRotatePages)));
          },
  };
}

}  // namespace pagetoken::patterns
