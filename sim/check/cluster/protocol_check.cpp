#include "sim/check/cluster/protocol_check.hpp"

#include <algorithm>

#include "sim/check/cluster/packed_cluster.hpp"
#include "sim/check/cluster/programs.hpp"
#include "sim/explore/critical_step.hpp"
#include "sim/explore/explorer.hpp"

namespace pagetoken {
namespace {

bool is_worse(const Exploration& found, const Exploration& than) {
  using Verdict = Exploration::Verdict;
  if (found.verdict == Verdict::ok) return false;
  if (than.verdict == Verdict::ok) return true;
  if (found.verdict != Verdict::violated) return false;
  return than.verdict == Verdict::unknown || found.path.size() < than.path.size();
}

/// Whether programs that differ in names gave what they must give if names do not matter.
bool agree(const Exploration& a, const Exploration& b) {
  return a.verdict == b.verdict && a.verdict != Exploration::Verdict::unknown && a.states == b.states &&
         a.transitions == b.transitions && a.orbits_states == b.orbits_states &&
         a.broken.property == b.broken.property && a.path.size() == b.path.size();
}

/// The worst of what was found, with the sums over all.
class Sum {
 public:
  /// `found` stands for so many programs.
  bool add(Exploration&& found, std::uint64_t programs, Exploration& sum) {
    states_ += found.states;
    transitions_ += found.transitions;
    orbits_states_ += programs * found.orbits_states;
    orbits_transitions_ += programs * found.orbits_transitions;
    wall_s_ += found.wall_s;
    depth_ = std::max(depth_, found.depth);
    bytes_ = std::max(bytes_, found.bytes);
    const bool worse = is_worse(found, sum);
    if (worse) sum = std::move(found);
    sum.states = states_;
    sum.transitions = transitions_;
    sum.orbits_states = orbits_states_;
    sum.orbits_transitions = orbits_transitions_;
    sum.wall_s = wall_s_;
    sum.depth = depth_;
    sum.bytes = bytes_;
    return worse;
  }

 private:
  std::uint64_t states_ = 0, transitions_ = 0, orbits_states_ = 0, orbits_transitions_ = 0, bytes_ = 0;
  double wall_s_ = 0;
  std::uint32_t depth_ = 0;
};

bool is_mapped(const Vm& vm, const Resource& page) {
  return std::any_of(vm.processes().begin(), vm.processes().end(), [&](const Process& process) {
    return process.ptes.find(page.key()) || process.ptes.find(page.key() | kPrivate);
  });
}

/// The step after which nothing avoids the violation, and what is wrong at the end (a PTE, or else a cached page) is
/// there: before that, whoever is about to make it could still be late.
std::optional<std::size_t> critical_step(ClusterModel& model, const Exploration& found,
                                         const CriticalStep& inevitable) {
  if (!inevitable.step && !inevitable.doomed) return std::nullopt;
  const std::size_t critical = inevitable.step.value_or(0);
  const Finding& broken = found.broken;
  if (broken.node == kNoNode || broken.resource.kind != ResourceKind::page ||
      index_of(broken.node) >= model.cluster().shape().clients)
    return critical;
  std::size_t pte_since = 0, page_since = 0;  // the steps after which each has been there until the end
  const auto look = [&](std::size_t i) {
    const Vm& vm = model.cluster().vm(broken.node);
    if (!is_mapped(vm, broken.resource)) pte_since = i + 1;
    if (!vm.cached(broken.resource.file, broken.resource.page)) page_since = i + 1;
  };
  walk(model, choices_of(found), {.after = look});
  const std::size_t since = pte_since < found.path.size() ? pte_since : page_since;
  return since < found.path.size() ? std::max(critical, since) : critical;
}

}  // namespace

ProtocolWorld::ProtocolWorld(const ProtocolSpec& spec, const WrapMachine& wrap)
    : spec_(spec),
      machine_(spec.factory->make({spec.nodes, spec.parameters})),
      paths_(spec.guard, path_options(spec.factory->declaration())) {
  if (wrap) machine_ = wrap(std::move(machine_));
}

ClusterModel::Options ProtocolWorld::options(const Scripts& scripts) const {
  ClusterModel::Options options;
  options.shape.clients = spec_.nodes;
  options.sizes = {spec_.pages};
  options.scripts = scripts;
  if (spec_.threads > 1)
    for (std::uint32_t s = 0; s < scripts.size(); ++s) options.client_of.push_back(s / spec_.threads);
  options.fifo = spec_.fifo;
  options.losses = spec_.losses;
  options.crashes = spec_.crashes;
  options.crash_managers = spec_.crash_managers;
  return options;
}

std::unique_ptr<ClusterModel> ProtocolWorld::model(const Scripts& scripts) const {
  return std::make_unique<ClusterModel>(options(scripts), *machine_, paths_);
}

std::vector<std::uint32_t> choices_of(const Exploration& found) {
  std::vector<std::uint32_t> choices;
  for (const PathStep& step : found.path) choices.push_back(step.choice);
  return choices;
}

std::optional<Finding> walk(ClusterModel& model, const std::vector<std::uint32_t>& choices,
                            const PathVisitor& visitor) {
  const auto reload = [&] { model.decode(Explorer<ClusterModel>::bytes_of(model).data()); };
  model.initial(0);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    reload();
    require(choices[i] < model.choices(), "a choice that the state does not have");
    if (visitor.before) visitor.before(i);
    std::optional<Finding> broken;
    try {
      model.take(choices[i]);
      broken = model.broken();
    } catch (const ProtocolError& error) {
      broken = Finding{Property::called(error.property()), error.what(), kNoNode, {}};
    }
    if (broken) require(i + 1 == choices.size(), "a step before the last violates something");
    if (visitor.after) visitor.after(i);
    if (broken) return broken;
  }
  reload();
  bool goes_on = false;
  for (std::size_t c = model.choices(); c-- > 0;) goes_on = goes_on || !model.is_failure(c);
  std::optional<Finding> broken = model.check();
  if (!broken && !goes_on && !model.ended()) broken = Finding{PropertyId::deadlock, model.who_waits(), kNoNode, {}};
  return broken;
}

std::vector<ProtocolStep> steps_of(ClusterModel& model, const std::vector<std::uint32_t>& choices,
                                   std::optional<Finding>& at_end) {
  std::vector<ProtocolStep> steps;
  at_end = walk(model, choices,
                {.before =
                     [&](std::size_t i) {
                       steps.push_back({model.choice_text(choices[i]), {}});
                     },
                 .after =
                     [&](std::size_t) {
                       const ClusterChoice& what = steps.back().what;
                       if (what.task != kNoTask) steps.back().locks = model.locks_of(what.node, what.task);
                     }});
  return steps;
}

bool is_cycle(ClusterModel& model, const std::vector<std::uint32_t>& choices, std::size_t from) {
  std::vector<std::uint8_t> before;
  walk(model, choices, {.before = [&](std::size_t i) {
         if (i == from) before = Explorer<ClusterModel>::bytes_of(model);
       }});
  return from < choices.size() && before == Explorer<ClusterModel>::bytes_of(model);
}

namespace {

/// What the packed cluster remembers of a step, nobody around a machine would see again.
Exploration explore_program(ClusterModel& model, const ProtocolSpec& spec, const ProtocolOptions& options) {
  const ExploreOptions how{
      .max_states = options.max_states, .symmetry = spec.symmetry, .progress = !spec.symmetry, .stop = options.stop};
  return options.wrap ? explore(model, how) : explore_cluster(model, how);
}

}  // namespace

ProtocolResult explore_protocol(const ProtocolSpec& spec, const ProtocolOptions& options) {
  const ProtocolWorld world(spec, options.wrap);
  ProtocolResult result;
  Sum sum;
  const bool given = !spec.scripts.empty();
  const bool caches = spec.factory->declaration().caching == Caching::tokens;
  Programs programs({.nodes = spec.nodes,
                     .pages = spec.pages,
                     .operations = given ? 0 : spec.operations,
                     .evictions = caches ? spec.evictions : 0});
  if (spec.symmetry && !given && !options.wrap)  // who looks on wants to see every program
    result.programs_text = programs.find_alike([&](const Scripts& one, const Scripts& image) {
      return agree(explore_program(*world.model(one), spec, options),
                   explore_program(*world.model(image), spec, options));
    });
  do {
    const Scripts scripts = given ? spec.scripts : programs.scripts();
    const auto model = world.model(scripts);
    Exploration found = explore_program(*model, spec, options);
    const std::uint64_t images = programs.images();
    ++result.programs;
    result.stand_for += images;
    if (found.images > 1) ++result.alike;
    result.symmetry_text = found.symmetry_text;
    const bool worse = sum.add(std::move(found), images, result.found);
    result.lock_order.merge(model->lock_order());
    if (worse) result.scripts = scripts;
    if (options.on_progress) options.on_progress(result.programs);
  } while (!(options.stop && options.stop()) && programs.advance());
  result.found.symmetry = spec.symmetry;
  if (result.found.verdict != Exploration::Verdict::violated) return result;
  if (options.wrap) return result;  // what an audit remembers is not played again

  const auto model = world.model(result.scripts);
  std::optional<Finding> at_end;
  result.steps = steps_of(*model, choices_of(result.found), at_end);
  result.states_at_end = model->cluster().state_texts();
  PackedCluster packed(*model);
  const CriticalStep inevitable = find_critical_step(packed, result.found, options.max_states, options.stop);
  result.critical_unknown_because = inevitable.unknown_because;
  result.critical = critical_step(*model, result.found, inevitable);
  return result;
}

Bounds bounds_of(const ProtocolSpec& spec) {
  Bounds bounds{.interferers = spec.nodes - 1, .operations = spec.scripts.empty() ? spec.operations : 0};
  for (std::uint32_t node = 0; node < spec.nodes; ++node) bounds.actors.push_back(text_of(NodeId{node}));
  for (const auto& script : spec.scripts)
    bounds.operations = std::max(bounds.operations, static_cast<std::uint32_t>(script.size()));
  return bounds;
}

std::vector<std::string_view> switches_without_effect(const ProtocolSpec& spec, const GuardScheme& base) {
  const PathOptions options = path_options(spec.factory->declaration());
  std::vector<TaskKind> kinds;
  const auto add = [&](const std::vector<Operation>& operations) {
    for (const Operation& operation : operations) kinds.push_back(operation.kind);
  };
  for (const auto& script : spec.scripts) add(script);
  if (spec.scripts.empty()) {
    add(Programs({.nodes = spec.nodes, .pages = spec.pages, .operations = spec.operations}).menu());
    if (spec.evictions == 0) std::erase(kinds, TaskKind::evict);
  }
  return switches_without_effect(spec.guard, base, [&](const GuardScheme& guard) {
    const Paths paths(guard, options);
    if (!options.caching) return std::vector<Program>{paths.of(TaskKind::uncached)};
    std::vector<Program> programs = paths.revokes();
    for (const TaskKind kind : kinds) programs.push_back(paths.of(kind));
    return programs;
  });
}

}  // namespace pagetoken
