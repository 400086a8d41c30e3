#include "sim/base/int128.hpp"
#include "sim/workload/patterns/draws.hpp"
#include "sim/workload/patterns/pattern.hpp"

namespace pagetoken::patterns {

namespace {
constexpr std::uint8_t kInTurns = 0;

class Migrant {
 public:
  Migrant(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread), cursor_(start(layout, client, thread)) {}

  Access next() {
    const Access access =
        draws_.access(draws_.file(cursor_.file()), has_read_ ? Op::write : Op::read, cursor_.offset());
    if (has_read_) cursor_.advance();
    has_read_ = !has_read_;
    return access;
  }

 private:
  static Cursor start(const Layout& layout, std::uint32_t client, std::uint32_t thread) {
    const Walk walk = walk_of_pages(layout, 0);
    const std::uint64_t threads = std::uint64_t{layout.context.clients} * layout.context.threads;
    const std::uint64_t rank = std::uint64_t{client} * layout.context.threads + thread;
    // In 128 bits: a large file times many clients.
    const auto position = static_cast<std::uint64_t>(static_cast<uint128>(walk.count) * rank / threads);
    return {walk, layout.spec.files, position};
  }

  Draws draws_;
  Cursor cursor_;
  bool has_read_ = false;  ///< the page at the cursor, which is to be written next
};
}  // namespace

PatternDefinition migratory() {
  return {
      .name = "migratory",
      .description =
          "A client reads a page, writes it, and goes on to the next; clients start spread over the file and follow "
          "each "
          "other.",
      .keys =
          [] {
            return with_common_keys(
                {pages_key(64, kPagesOfFile)}, Via::mmap,
                {access_bytes_key(),
                 own_key(kInTurns, KeyType::flag, "in_turns", 0, 0, 1,
                         "serial: clients take strict turns of a read and a write, instead of being "
                         "drawn")});
          },
      .lay_out = [](Layout& layout) { ping_pong().lay_out(layout); },
      .source = [](const Layout& layout, std::uint32_t client,
                   std::uint32_t thread) { return generated(Migrant(layout, client, thread)); },
      .turns =
          [](const WorkloadSpec& spec) {
            return spec.own[kInTurns] != 0 ? std::optional(TurnSource::Rule{.accesses_a_turn = 2}) : std::nullopt;
          },
  };
}

}  // namespace pagetoken::patterns
