#include "sim/base/zipf.hpp"

#include "sim/workload/patterns/pattern.hpp"
#include "sim/workload/patterns/uniform_pages.hpp"

namespace pagetoken::patterns {

namespace {
constexpr std::uint8_t kExponent = 0;

class ZipfPages {
 public:
  ZipfPages(const Layout& layout, std::uint32_t client, std::uint32_t thread)
      : draws_(layout, client, thread),
        rank_(layout.slots, layout.spec.own[kExponent]),
        page_bytes_(layout.context.page_bytes) {}

  Access next() {
    const FileId file = draws_.any_file();
    const std::uint64_t page = rank_(draws_.random());
    return draws_.access(file, draws_.read_or_write(), page * page_bytes_);
  }

 private:
  Draws draws_;
  Zipf rank_;
  std::uint64_t page_bytes_;
};
}  // namespace

PatternDefinition zipf() {
  return {
      .name = "zipf",
      .description = "Every access goes to a page drawn by Zipf's law; page 0 is the most popular.",
      .keys =
          [] {
            return with_common_keys({pages_key(64, kPagesOfFile)}, Via::mmap,
                                    {access_bytes_key(), write_fraction_key(0.1),
                                     own_key(kExponent, KeyType::number, "exponent", 0.99, 0, 16,
                                             "the k-th page is chosen in proportion to 1 / k^exponent")});
          },
      .lay_out =
          [](Layout& layout) {
            set_length(layout, "access_bytes", layout.area_bytes);
            layout.needed_bytes = end_of_drawn(layout);
          },
      .source = [](const Layout& layout, std::uint32_t client,
                   std::uint32_t thread) { return generated(ZipfPages(layout, client, thread)); },
  };
}

}  // namespace pagetoken::patterns
