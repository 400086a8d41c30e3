#include "sim/workload/patterns/draws.hpp"
#include "sim/workload/patterns/pattern.hpp"

namespace pagetoken::patterns {

namespace {
constexpr std::uint8_t kRunLength = 0;

/// A walk that stays at each position for so many accesses.
class RunWalker {
 public:
  RunWalker(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread),
        cursor_(walk_of_pages(layout, 0), layout.spec.files,
                walk_of_pages(layout, 0).count * thread / layout.context.threads),
        run_length_(own_whole(layout.spec, kRunLength)) {}

  Access next() {
    const Access access = draws_.access(draws_.file(cursor_.file()), draws_.read_or_write(), cursor_.offset());
    if (++made_ == run_length_) {
      made_ = 0;
      cursor_.advance();
    }
    return access;
  }

 private:
  Draws draws_;
  Cursor cursor_;
  std::uint64_t run_length_;
  std::uint64_t made_ = 0;  ///< accesses at this position
};
}  // namespace

PatternDefinition ping_pong() {
  return {
      .name = "ping-pong",
      .description =
          "Clients take strict turns of run_length accesses, ascending, one access at a time in the whole cluster; a "
          "client's n-th turn goes to page n mod pages.",
      .default_clients = 2,
      .min_clients = 2,
      .always_serial = true,
      .keys =
          [] {
            return with_common_keys(
                {pages_key(1, kPagesOfFile)}, Via::mmap,
                {access_bytes_key(), write_fraction_key(1),
                 own_key(kRunLength, KeyType::whole, "run_length", 1, 1, 1e6, "accesses of a turn, all to one page")});
          },
      .lay_out =
          [](Layout& layout) {
            set_length(layout, "access_bytes", layout.area_bytes);
            layout.needed_bytes = walk_of_pages(layout, 0).last() + layout.length;
          },
      .source = [](const Layout& layout, std::uint32_t client,
                   std::uint32_t thread) { return generated(RunWalker(layout, client, thread)); },
      .turns =
          [](const WorkloadSpec& spec) {
            return std::optional(
                TurnSource::Rule{.accesses_a_turn = static_cast<std::uint32_t>(own_whole(spec, kRunLength))});
          },
  };
}

}  // namespace pagetoken::patterns
