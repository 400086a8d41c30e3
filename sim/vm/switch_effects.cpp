#include "sim/vm/switch_effects.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace pagetoken {
namespace {

/// Whether some lock is asked for both by readers and by writers.
bool readers_meet_writers(const std::vector<Program>& programs) {
  std::uint8_t readers = 0, writers = 0;
  for (const Program& program : programs)
    for (const Instruction& i : program)
      if (i.op == StepOp::lock) (i.shared ? readers : writers) |= bit(i.lock);
  return (readers & writers) != 0;
}

bool any_samples(const std::vector<Program>& programs) {
  return std::any_of(programs.begin(), programs.end(), [](const Program& program) {
    return std::any_of(program.begin(), program.end(), [](const Instruction& i) { return i.op == StepOp::sample; });
  });
}

/// Two switches are looked at by the steps themselves, so that equal paths are no equal behaviour: what a fault
/// samples, and whom a rwsem lets in.
bool steps_look_at(std::string_view name, const std::vector<Program>& programs) {
  if (name == "check") return any_samples(programs);
  return name == "fair_rwsem" && readers_meet_writers(programs);
}

}  // namespace

std::vector<std::string_view> switches_without_effect(const GuardScheme& scheme, const GuardScheme& base,
                                                      const CompilePaths& compile) {
  std::vector<std::string_view> names;
  if (scheme == base) return names;
  const std::vector<Program> programs = compile(scheme);
  const auto try_without = [&](const auto& field) {
    if (scheme.*(field.member) == base.*(field.member)) return;
    GuardScheme without = scheme;
    without.*(field.member) = base.*(field.member);
    if (compile(without) == programs && !steps_look_at(field.name, programs)) names.push_back(field.name);
  };
  std::apply([&](const auto&... field) { (try_without(field), ...); }, GuardScheme::fields());
  return names;
}

}  // namespace pagetoken
