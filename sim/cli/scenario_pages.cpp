// describe: scenarios, as the model's section 7 has them.

#include <fmt/format.h>

#include "sim/cli/pages.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kAlone = "no token; explored from the page cached and clean, and from the page not cached";
constexpr std::string_view kUnmapping = "I1 I2 I5 I7";

constexpr Scenario kScenarios[] = {
    {"fault-truncate", "A read fault races a truncate to zero.", kAlone, "F: F1-F10. T: truncate to 0, T1-T6",
     kUnmapping, "mapping"},
    {"fault-revoke", "A read fault under a SHARED token races the revoke of that token and a remote write.",
     "SHARED held, no pins", "F wants SHARED. R: SHARED to NONE once, with a remote write at R7", "I1 I3 I4 I7",
     "mapping"},
    {"fault-punch", "A read fault races a hole punched into its page.", kAlone, "F: F1-F10. P: punch page 0",
     kUnmapping, "mapping"},
    {"fault-invalidate", "A read fault races an invalidation inside i_size, without a token.", kAlone,
     "F: F1-F10. I: T2-T5 once", "I1 I7", "mapping"},
    {"cow-truncate", "A write fault on a private mapping races a truncate to zero.", kAlone,
     "F: a write fault on MAP_PRIVATE, copying at F6. T: truncate to 0", kUnmapping, ""},
    {"cow-truncate-extend", "A write fault on a private mapping races a truncate to zero and an extend.", kAlone,
     "F: a write fault on MAP_PRIVATE, copying at F6. T: truncate to 0, i_sem dropped and retaken, extend to 1 page",
     kUnmapping, ""},
    {"truncate-extend", "A read fault races a truncate to zero and an extend.", kAlone,
     "F: F1-F10. T: truncate to 0, i_sem dropped and retaken, extend to 1 page", kUnmapping, "mapping"},
    {"two-truncates", "A read fault races a truncate, an extend, and another truncate.", kAlone,
     "F: F1-F10. T: as in truncate-extend. T2: truncate to 0", kUnmapping, "mapping"},
    {"fault-sibling", "Two read faults of one process race a truncate to zero.", kAlone,
     "F, F2: F1-F10 in one process. T: truncate to 0", kUnmapping, "mapping"},
    {"wp-revoke", "A write fault on a read-only PTE races the revoke of its SHARED token.",
     "SHARED held; page cached and clean, PTE read-only",
     "F: W1-W3, then one store; gives up if the PTE changed. R: R1-R7 once", "I1 I3 I4 I6 I7", ""},
    {"revoke-orders", "Two stores race a revoke whose steps come in any order.",
     "EXCLUSIVE held; page cached and clean, PTE writable",
     "U: two stores, each skipped when the PTE is not writable. R: the steps of revoke_order", "I3 I4 I6",
     "revoke_order: a list of unmap, unmap_nodirty, writeback, writeback_nomkclean, drop, release; unmap, writeback, "
     "drop, "
     "release without it"},
    {"write-mmap-same-page", "write(2) to a page from a buffer that maps the same page, against a revoke.",
     "EXCLUSIVE held, PTE none", "W: write(2) to page 0 from a buffer that maps page 0. R: revoke once", "I4 I6 I7",
     "copy_faults of the guard, either way"},
    {"cross-node-write", "Two nodes write(2) each to the file that the other's buffer maps.",
     "2 nodes, 2 files: A holds X and B holds Y EXCLUSIVE, PTEs none",
     "A: write(X, buffer maps Y). B: write(Y, buffer maps X). A request makes the holder run R1-R7", "I4 I7",
     "copy_faults of the guard, either way"},
    {"fault-write-mmap", "A fault, a write(2) and a queued mmap(2) of one process, and a truncate, on one fair rwsem.",
     "no token",
     "F on X. T: truncate X, another process. W: write(2) to X from an absent anonymous buffer, i_sem before "
     "mmap_sem. M: queues for mmap_sem as a writer. F, W and M share mmap_sem",
     "I7", "fair_rwsem of the guard, either way"},
    {"page-lock-cluster-lock",
     "A fault takes the page lock, then the token inside the read; a revoke takes them the other way.",
     "no token held; page cached, not up to date", "F: page lock, then the token inside the read. R: revoke", "I3 I7",
     "bounds.escape: try, else unlock and look up again; bounds.rounds: 1 to 3"},
    {"protocol", "A protocol's messages in every order, with losses and crashes, without the VM's steps.",
     "files as configured, nobody holds anything", "each node its operations; every message, loss and crash a choice",
     "one writer or many readers, reads see the last write, everything ends",
     "protocol, pages, operations, losses, crashes, links: fifo or unordered"},
};

struct Property {
  std::string_view name;
  std::string_view meaning;
};
constexpr Property kProperties[] = {
    {"I1", "no PTE points to a page that has left the cache"},
    {"I2", "no PTE is beyond i_size when nothing is under way"},
    {"I3", "no PTE or cached page without its token"},
    {"I4", "a read returns the last completed write"},
    {"I5", "no cached page has a block that was freed"},
    {"I6", "the last write is in a cache or in storage"},
    {"I7", "no deadlock, no livelock"},
};

}  // namespace

std::span<const Scenario> scenarios() { return kScenarios; }

void tell_scenario(OrderedJson& json, const Scenario& scenario) {
  json["start"] = scenario.start;
  json["actors"] = scenario.actors;
  json["checks"] = scenario.checks;
  if (!scenario.keys.empty()) json["keys"] = scenario.keys;
  for (const Property& property : kProperties)
    if (scenario.checks.find(property.name) != std::string_view::npos)
      json["properties"][std::string(property.name)] = property.meaning;
  const std::string_view who =
      scenario.name == "protocol" ? R"("protocol": "ivy-fixed", "nodes": 2)" : R"("guard": "hook")";
  json["example"] = fmt::format(R"({{"scenario": "{}", {}}})", scenario.name, who);
}

}  // namespace pagetoken
