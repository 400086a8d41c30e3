// What a scenario begins with: paths, actors, the state of pages and tokens.

#include <algorithm>

#include "sim/check/vm/vm_model.hpp"

namespace pagetoken {

PathOptions VmModel::options_of(const ScenarioSpec& spec) { return {.tokens = has_token(spec), .size_tokens = false}; }

VmModel::VmModel(const ScenarioSpec& spec)
    : spec_(spec),
      info_(scenario_info(spec.id)),
      properties_(properties_of(spec)),
      token_(has_token(spec)),
      paths_(spec.guard, options_of(spec)) {
  paths_.replace(TaskKind::access, info_.access_path(spec_, options_of(spec_)));
  if (info_.has_order)
    paths_.replace(TaskKind::revoke, ordered_revoke_path(spec_.guard, options_of(spec_), spec_.revoke_order));
  Cast cast(spec_);
  info_.cast(cast);
  actors_ = cast.take();
  initial(0);
}

VmModel::VmModel(const VmModel& other) : VmModel(other.spec_) {}
VmModel::~VmModel() = default;

void VmModel::initial(std::size_t which) {
  const ScenarioStart& start = info_.starts[which];
  const std::uint32_t nodes = actors_.back().node + 1;
  vms_.assign(nodes, Vm(paths_, info_.processes));
  storage_ = {};
  requests_.clear();
  wanted_.clear();
  broken_.reset();
  last_version_ = Version{1};
  truth_.assign(info_.files, Truth{.latest = last_version_});
  for (std::uint32_t f = 0; f < info_.files; ++f) {
    const FileId file{f};
    storage_.create(file, 1);
    storage_.write(file, kScenarioPage, last_version_);
    for (Vm& vm : vms_) {
      FileState& state = vm.file(file);
      state.i_size = 1;
      state.pre = state.post = state.count = state.sequence = Sample{1};
    }
    Vm& holder = vms_[f % nodes];
    if (start.cached)
      holder.preload(file, kScenarioPage, start.uptodate ? last_version_ : Version{},
                     storage_.block_of(file, kScenarioPage), start.uptodate);
    if (token_ && info_.held != Mode::none) holder.tokens.set(page_of(file), kOnePage, info_.held);
  }
  if (info_.mapped != ScenarioInfo::Mapped::nowhere)
    vms_[0].map(0, FileId{0}, kScenarioPage, info_.mapped == ScenarioInfo::Mapped::writable);
  progress_.assign(actors_.size(), {});
  for (std::size_t a = 0; a < actors_.size(); ++a)
    if (!actors_[a].revokes) begin_next(actors_[a], progress_[a]);
  choices_.clear();
}

std::string VmModel::initial_text(std::size_t which) const { return std::string(info_.starts[which].text); }

Bounds VmModel::bounds() const {
  Bounds bounds{.rounds = spec_.rounds, .interferers = spec_.interferers};
  for (const Actor& actor : actors_) {
    bounds.actors.push_back(actor.name);
    bounds.operations = std::max(bounds.operations, static_cast<std::uint32_t>(actor.script.size()));
  }
  return bounds;
}

std::vector<Program> VmModel::programs() const {
  std::vector<Program> programs;
  for (const Actor& actor : actors_) {
    for (Task task : actor.script) {
      task.disposition = info_.revokes;
      programs.push_back(paths_.of(task));
    }
  }
  if (vms_.size() > 1) programs.push_back(paths_.of(TaskKind::revoke));  // of one node's token, for another
  return programs;
}

std::vector<std::string_view> switches_without_effect(const ScenarioSpec& spec, const GuardScheme& base) {
  return switches_without_effect(spec.guard, base, [&](const GuardScheme& guard) {
    ScenarioSpec under = spec;
    under.guard = guard;
    return VmModel(under).programs();
  });
}

}  // namespace pagetoken
