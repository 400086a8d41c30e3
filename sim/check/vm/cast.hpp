#pragma once
// Who acts in a scenario.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/check/vm/scenario.hpp"
#include "sim/vm/task.hpp"

namespace pagetoken {

/// Every file of a scenario has one page.
inline constexpr PageIndex kScenarioPage = 0;
inline constexpr Range kOnePage = one_page(kScenarioPage);
inline Resource page_of(FileId file) { return page_resource(file, kScenarioPage); }

class Cast {
 public:
  struct Actor {
    std::string name;
    std::uint32_t node = 0;
    std::vector<Task> script;
    bool revokes = false;  ///< its tasks are revokes, begun only while there is something to revoke
  };

  explicit Cast(const ScenarioSpec& of) : spec(of) {}
  std::vector<Actor> take() { return std::move(actors_); }

  void add(std::string name, std::vector<Task> script, std::uint32_t node = 0, bool revokes = false) {
    const std::vector<Task> once = script;
    const bool repeats = revokes || !scenario_info(spec.id).only_revokes_repeat;
    for (std::uint32_t round = 1; repeats && round < spec.rounds; ++round)
      script.insert(script.end(), once.begin(), once.end());
    actors_.push_back({std::move(name), node, std::move(script), revokes});
  }
  /// spec.interferers of them, each with its invalidation and what comes `after` it.
  void add_invalidators(const std::vector<Task>& after = {}) {
    for (std::uint32_t i = 0; i < spec.interferers; ++i) {
      const std::string number = i == 0 ? "" : std::to_string(i + 1);
      std::vector<Task> script = after;
      switch (spec.invalidator) {
        case Invalidator::truncate: script.insert(script.begin(), call(TaskKind::truncate)); break;
        case Invalidator::punch: script.insert(script.begin(), call(TaskKind::punch)); break;
        case Invalidator::invalidate: script.insert(script.begin(), call(TaskKind::invalidate)); break;
        case Invalidator::revoke: add("R" + number, {call(TaskKind::revoke)}, 0, true); continue;
      }
      const char* names[] = {"T", "P", "I"};
      add(names[static_cast<std::size_t>(spec.invalidator)] + number, std::move(script));
    }
  }
  /// The actor added last belongs to another process than the others.
  void is_of_another_process() {
    for (Task& task : actors_.back().script) task.mm = 1;
  }

  Task load() const { return access(false); }
  Task store() const { return access(true); }
  static Task call(TaskKind kind) {
    Task task;
    task.kind = kind;
    task.range = kOnePage;
    return task;
  }
  /// write(2) to a file from a buffer that maps one.
  static Task write_from(std::uint32_t file, std::uint32_t buffer) {
    Task task = call(TaskKind::write);
    task.file = FileId{file};
    task.has_buffer = true;
    task.other.file = FileId{buffer};
    return task;
  }
  /// write(2) from an anonymous buffer that is not there yet.
  static Task write_from_nowhere() {
    Task task = call(TaskKind::write);
    task.absent_buffer = true;
    return task;
  }

  const ScenarioSpec& spec;

 private:
  Task access(bool is_write) const {
    Task task;
    task.is_write = is_write;
    task.is_private = spec.is_private;
    task.range = kOnePage;
    return task;
  }
  std::vector<Actor> actors_;
};

}  // namespace pagetoken
