#include <fmt/format.h>

#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/uniform_pages.hpp"

namespace pagetoken::patterns {

namespace {
enum : std::uint8_t { kTruncators, kTruncateIntervalNs, kLowPages };

class Truncator {
 public:
  Truncator(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread),
        low_bytes_(own_whole(layout.spec, kLowPages) * layout.context.page_bytes),
        high_bytes_(layout.needed_bytes),
        interval_ns_(static_cast<std::int64_t>(own_whole(layout.spec, kTruncateIntervalNs))) {}

  Access next() {
    is_low_ = !is_low_;
    if (is_low_) file_ = draws_.any_file();
    return {.file = file_,
            .op = is_low_ ? Op::truncate : Op::extend,
            .via = Via::syscall,
            .offset = is_low_ ? low_bytes_ : high_bytes_,
            .think_ns = interval_ns_};
  }

 private:
  Draws draws_;
  std::uint64_t low_bytes_;
  std::uint64_t high_bytes_;
  std::int64_t interval_ns_;
  FileId file_{};        ///< truncated last
  bool is_low_ = false;  ///< it was not extended again yet
};
}  // namespace

PatternDefinition truncate_storm() {
  return {
      .name = "truncate-storm",
      .description =
          "The first clients truncate a file and extend it again, for ever; the others access pages all over it, as in "
          "uniform.",
      .min_clients = 2,
      .keys =
          [] {
            return with_common_keys(
                {pages_key(64, kPagesOfFile)}, Via::mmap,
                {access_bytes_key(), write_fraction_key(0.5),
                 own_key(kTruncators, KeyType::whole, "truncators", 1, 1, kMaxClients,
                         "clients that truncate, from client 0 on; fewer than clients"),
                 own_key(kTruncateIntervalNs, KeyType::whole, "truncate_interval_ns", 100'000, 0, kMaxNs,
                         "delay of a truncator before each truncate and each extend"),
                 own_key(kLowPages, KeyType::whole, "low_pages", 0, 0, static_cast<double>(kMaxPages),
                         "pages that a truncate leaves; below pages")});
          },
      .lay_out =
          [](Layout& layout) {
            const WorkloadSpec& spec = layout.spec;
            require_fewer_than_clients(layout, "truncators", own_whole(spec, kTruncators), "nobody accesses");
            if (own_whole(spec, kLowPages) >= spec.pages) {
              refuse_key(layout.context, "low_pages",
                         fmt::format("{} of {} pages", own_whole(spec, kLowPages), spec.pages),
                         fmt::format("0 to {}", spec.pages - 1));
            }
            set_length(layout, "access_bytes", layout.area_bytes);
            layout.needed_bytes = layout.area_bytes;
          },
      .source = [](const Layout& layout, std::uint32_t client, std::uint32_t thread) -> std::unique_ptr<AccessSource> {
        if (client < own_whole(layout.spec, kTruncators)) return generated(Truncator(layout, client, thread));
        return generated(UniformPages(layout, client, thread));
      },
  };
}

}  // namespace pagetoken::patterns
