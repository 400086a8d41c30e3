#include "sim/check/cluster/coverage.hpp"

#include <algorithm>

#include "sim/check/cluster/wrapped_states.hpp"

namespace pagetoken {

class ObservedStates final : public WrappedStates {
 public:
  ObservedStates(std::unique_ptr<NodeStates> inner, const Declaration& declaration, Coverage& coverage)
      : WrappedStates(std::move(inner), declaration), coverage_(coverage) {}

 protected:
  void run(const HandlerCall& call, Context& context) override {
    ++coverage_.counts_[{call.role, inner_->state_text(context.resource(), call.role, context.self()), call.name}];
    call.handler(*inner_, context);
  }

 private:
  Coverage& coverage_;
};

std::unique_ptr<Machine> Coverage::around(std::unique_ptr<Machine> machine) {
  return std::make_unique<WrappedMachine>(
      std::move(machine), [this](std::unique_ptr<NodeStates> inner, const Declaration& declaration) {
        return std::make_unique<ObservedStates>(std::move(inner), declaration, *this);
      });
}

Coverage::Table Coverage::table(Role role) const {
  Table table;
  std::map<std::string, std::uint64_t> states;
  for (const auto& [key, count] : counts_) {
    if (key.role != role) continue;
    states[key.state] += count;
    if (std::find(table.events.begin(), table.events.end(), key.event) == table.events.end())
      table.events.push_back(key.event);
  }
  std::sort(table.events.begin(), table.events.end());
  for (const auto& [state, count] : states) table.states.push_back(state);
  std::stable_sort(table.states.begin(), table.states.end(),
                   [&](const std::string& a, const std::string& b) { return states[a] > states[b]; });
  for (const std::string& state : table.states) {
    std::vector<std::uint64_t>& row = table.counts.emplace_back();
    for (const std::string& event : table.events) {
      const auto found = counts_.find({role, state, event});
      row.push_back(found == counts_.end() ? 0 : found->second);
    }
  }
  return table;
}

std::vector<std::string> Coverage::never_handled(const Declaration& declaration) const {
  std::vector<std::string> never;
  for (const MessageType& type : declaration.messages)
    if (std::none_of(counts_.begin(), counts_.end(), [&](const auto& entry) { return entry.first.event == type.name; }))
      never.emplace_back(type.name);
  return never;
}

}  // namespace pagetoken
