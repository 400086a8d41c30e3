#pragma once
// Checks of the check.json files, and what they find.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocols/registry/registry.hpp"
#include "sim/check/cluster/packed_cluster.hpp"
#include "sim/check/report/check_list.hpp"

namespace pagetoken {

/// Of the protocol, or of a mutant in its place.
inline Exploration run_listed_check(const ListedCheck& listed, const Factory& factory,
                                    const ExploreOptions& how = {.progress = true}) {
  ProtocolSpec spec = std::get<ProtocolCheck>(listed.check).spec;
  spec.factory = &factory;
  const ProtocolWorld world(spec);
  const std::unique_ptr<ClusterModel> model = world.model(spec.scripts);
  Exploration e = explore_cluster(*model, how);
  EXPECT_TRUE(model->lock_order().cycles().empty()) << "local locks are taken in a cycle";
  // Where a failure ends everything soon, no lock may have been taken under another; an extension takes but one.
  bool nests = false;
  for (const auto& script : spec.scripts)
    for (const Operation& operation : script) nests = nests || operation.kind != TaskKind::extend;
  if (!model->fails() && nests) {
    const bool tokens = factory.declaration().caching == Caching::tokens;
    EXPECT_TRUE(tokens == !model->lock_order().edges().empty());
  }
  return e;
}

/// Safety is judged alike on one state of each orbit; livelocks are not, and so left out on both sides.
inline void expect_same_with_symmetry(const Factory& factory, const ListedCheck& check) {
  const Exploration all = run_listed_check(check, factory, {});
  const Exploration one = run_listed_check(check, factory, {.symmetry = true});
  std::printf("%s: %lu of %lu states; %s\n", check.name.c_str(), one.states, all.states, one.symmetry_text.c_str());
  EXPECT_EQ(one.verdict, all.verdict) << transcript(one);
  EXPECT_EQ(one.broken.property.name(), all.broken.property.name()) << transcript(one);
  EXPECT_EQ(one.path.size(), all.path.size()) << transcript(one);
  if (all.verdict == Exploration::Verdict::ok) {
    EXPECT_LE(one.states, all.states);
    EXPECT_EQ(one.orbits_states, all.states);
    EXPECT_EQ(one.orbits_transitions, all.transitions);
  }
}

inline std::string check_file_of(const std::string& protocol) {
  return std::string(PAGETOKEN_SOURCE_DIR) + "/protocols/" + protocol + "/check.json";
}
inline std::vector<ListedCheck> checks_of(const std::string& protocol) {
  static const ProtocolSet protocols;
  const std::string file = check_file_of(protocol);
  return bind_check_list(read_json_file(file), file, protocols);
}
inline ListedCheck check_called(const std::string& protocol, const std::string& name) {
  for (const ListedCheck& check : checks_of(protocol))
    if (check.name == name) return check;
  throw std::runtime_error(check_file_of(protocol) + ": no check is called \"" + name + '"');
}

}  // namespace pagetoken
