// A cluster's choices as people read them.

#include "sim/check/cluster/cluster_model.hpp"

namespace pagetoken {
namespace {

std::string task_name(const Vm& vm, TaskIndex task) {
  return std::string(name_of(vm.task(task).kind)) + "#" + std::to_string(task);
}

/// "pages 0 to 3", "pages from 4 on"
std::string pages_text(Range range) {
  if (range.end >= kToInfinity) return "pages from " + std::to_string(range.begin) + " on";
  if (range == one_page(range.begin)) return "page " + std::to_string(range.begin);
  return "pages " + std::to_string(range.begin) + " to " + std::to_string(range.end - 1);
}

/// "page 0 of file 0, exclusive, for node 1, count 2"
std::string about(const Envelope& envelope) {
  const Message& m = envelope.message;
  std::string text = text_of(envelope.resource);
  if (envelope.resource.kind == ResourceKind::file && !m.range.empty()) text += ", " + pages_text(m.range);
  if (m.mode != Mode::none) text += std::string(", ") + name_of(m.mode);
  if (m.requester != kNoNode && m.requester != envelope.from && m.requester != envelope.to)
    text += ", for " + text_of(m.requester);
  if (m.count != 0) text += ", count " + std::to_string(m.count);
  if (m.flags != 0) text += ", flags " + std::to_string(m.flags);
  if (m.epoch != Epoch{}) text += ", id " + std::to_string(m.epoch.value);
  if (m.data.present) text += ", with content";
  return text;
}

}  // namespace

ClusterChoice ClusterModel::choice_text(std::size_t choice) const {
  const Choice c = choices_[choice];
  ClusterChoice text;
  text.kind = c.kind;
  switch (c.kind) {
    case Choice::Kind::start:
      text.node = NodeId{options_.client_of[c.index]};
      text.name = "start";
      text.text = text_of(operation_of(c));
      break;
    case Choice::Kind::step: {
      const Vm& vm = cluster_.vm(NodeId{c.index});
      const Instruction& i = vm.next_step(c.task);
      text.node = NodeId{c.index};
      text.task = c.task;
      text.actor = task_name(vm, c.task);
      text.name = i.step;
      text.text = i.text;
      break;
    }
    case Choice::Kind::deliver:
    case Choice::Kind::lose: {
      const Envelope& e = flying_[c.index];
      text.node = e.to;
      text.from = e.from;
      text.resource = e.resource;
      text.name = cluster_.machine().declaration().messages[e.message.type].name;
      text.text = c.kind == Choice::Kind::lose ? "is lost: " + about(e) : about(e);
      return text;
    }
    case Choice::Kind::storage: {
      const Request& r = requests_[c.index];
      text.node = r.node;
      text.name = r.is_write ? "write" : "read";
      text.text = text_of(page_resource(r.file, r.page)) + " is done";
      break;
    }
    case Choice::Kind::timer: {
      const Timer& t = timers_[c.index];
      text.node = t.node;
      text.name = "timer";
      text.text = std::string(cluster_.machine().declaration().timers[t.timer].name) + " of " + text_of(t.resource);
      break;
    }
    case Choice::Kind::crash:
    case Choice::Kind::restart:
      text.node = NodeId{c.index};
      text.name = c.kind == Choice::Kind::crash ? "fails" : "is back";
      break;
    case Choice::Kind::tell: {
      const News& news = failures_.news[c.index];
      text.node = news.at;
      text.name = "hears";
      text.text = text_of(news.peer) + (news.change == PeerChange::down ? " has failed" : " is back");
      break;
    }
  }
  text.from = text.node;
  return text;
}

std::string ClusterModel::describe_choice(std::size_t choice) {
  const ClusterChoice c = choice_text(choice);
  switch (c.kind) {
    case ClusterChoice::Kind::start: return text_of(c.node) + "  starts " + c.text;
    case ClusterChoice::Kind::step: return text_of(c.node) + "  " + c.actor + "  " + c.name + "  " + c.text;
    case ClusterChoice::Kind::deliver:
      return text_of(c.from) + " -> " + text_of(c.node) + "  " + c.name + "  " + c.text;
    case ClusterChoice::Kind::storage: return "storage -> " + text_of(c.node) + "  " + c.name + " of " + c.text;
    case ClusterChoice::Kind::timer: return text_of(c.node) + "  timer " + c.text;
    case ClusterChoice::Kind::lose: return text_of(c.from) + " -> " + text_of(c.node) + "  " + c.name + "  " + c.text;
    case ClusterChoice::Kind::crash:
    case ClusterChoice::Kind::restart: return text_of(c.node) + "  " + c.name;
    case ClusterChoice::Kind::tell: return text_of(c.node) + "  hears that " + c.text;
  }
  return {};
}

std::string ClusterModel::locks_of(NodeId node, TaskIndex index) const {
  const Task& task = cluster_.vm(node).task(index);
  std::string locks;
  if (!task.alive) return locks;
  for (std::uint8_t held = task.at.held | task.other.held; held != 0; held &= static_cast<std::uint8_t>(held - 1))
    locks += (locks.empty() ? "" : " ") + std::string(name_of(static_cast<LockKind>(held & -held)));
  return locks;
}

}  // namespace pagetoken
