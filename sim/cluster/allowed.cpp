// What a handler may ask for: an author's mistakes are told where they are made.

#include "protocols/api/require.hpp"
#include "sim/base/finding.hpp"
#include "sim/cluster/cluster.hpp"

namespace pagetoken {

namespace {

void refuse_action(const std::string& what) { throw ProtocolError(what); }

/// The pages, or the size, that an action is about are the resource's.
void require_inside(const char* what, const Resource& resource, Range range) {
  if (range.empty()) refuse_action(std::string(what) + " of no pages");
  if (!resource.extent().covers(range)) refuse_action(std::string(what) + " of pages outside " + text_of(resource));
}

bool holds_any(const TokenTable& tokens, const Resource& resource, Range range, Mode keep) {
  const auto is_held = [&](const Token& token) { return token.mode != Mode::none && satisfies(token.mode, keep); };
  if (resource.kind == ResourceKind::size) return is_held(tokens.size(resource.file));
  if (resource.kind == ResourceKind::page) return is_held(tokens.page(resource.file, resource.page));
  bool any = false;
  tokens.for_each_range(resource.file, range, [&](Range, const Token& token) { any |= is_held(token); });
  return any;
}

}  // namespace

void Cluster::require_allowed(NodeId node, const Action& action) const {
  const Declaration& declaration = machine_.declaration();
  switch (action.kind) {
    case Action::Kind::send:
      if (action.node == kNoNode) refuse_action("a message to nobody");
      if (!exists(action.node))
        refuse_action("a message to node " + std::to_string(index_of(action.node)) + ", which there is not");
      if (!speaks(action.node)) refuse_action("a message to storage, which no protocol runs on");
      if (action.message.type >= declaration.messages.size())
        refuse_action("a message of type " + std::to_string(action.message.type) + ", and there are " +
                      std::to_string(declaration.messages.size()) + " types");
      return;
    case Action::Kind::grant:
      require(is_client(node), "a grant at a node that has no memory to map anything in");
      require_inside("a grant", action.resource, action.range);
      require(action.mode != Mode::none, "a grant of nothing");
      require(action.mode != Mode::extend || action.resource.kind == ResourceKind::size,
              "a grant of EXTEND, which is for sizes alone");
      return;
    case Action::Kind::yield: {
      require(is_client(node), "a yield at a node that holds nothing");
      require_inside("a yield", action.resource, action.range);
      const TokenTable& tokens = vm(node).tokens;
      require(!tokens.any_revoking(action.resource, action.range), "a yield overlaps an unfinished yield");
      // Nothing is lost by giving up what is not there; but what is kept must have been held.
      require(action.mode == Mode::none || holds_any(tokens, action.resource, action.range, action.mode),
              "a yield keeps a token that is not held");
      return;
    }
    case Action::Kind::refuse:
      require(is_client(node), "a refusal at a node that asks for nothing");
      require_inside("a refusal", action.resource, action.range);
      return;
    case Action::Kind::arm:
    case Action::Kind::cancel:
      if (action.number >= declaration.timers.size())
        refuse_action("timer " + std::to_string(action.number) + ", and there are " +
                      std::to_string(declaration.timers.size()));
      require(action.delay_ns >= 0, "a timer is armed for a time that has been");
      return;
    case Action::Kind::sync_done:
      require(declaration.hears_sync, "a sync point is done by a protocol that does not hear of any");
      return;
    case Action::Kind::fence: require(exists(action.node), "fence: there is no such node"); return;
    case Action::Kind::drop: require_inside("a drop", action.resource, action.range); return;
    case Action::Kind::store:
    case Action::Kind::apply:
    case Action::Kind::complete:
    case Action::Kind::notify: return;
  }
}

std::vector<std::string> Cluster::state_texts() const {
  std::vector<std::string> texts;
  for (std::uint32_t n = 0; n < node_count(); ++n) {
    const NodeId node{n};
    if (!speaks(node)) continue;
    const NodeStates& states = *nodes_[n].states;
    for (const Role role : {Role::local, Role::home})
      for (const Resource& resource : states.resources(role))
        texts.push_back(text_of(node) + ", " + (role == Role::home ? "home of " : "") + text_of(resource) + ": " +
                        states.state_text(resource, role, node));
  }
  return texts;
}

}  // namespace pagetoken
