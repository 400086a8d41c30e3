// How traces, resources and what handlers do are told.

#include "sim/replay/trace_words.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/replay/handler_replay.hpp"

namespace pagetoken {

Resource resource_of(const TraceEvent& e) {
  const FileId file{e.file};
  if (e.size) return size_resource(file);
  return e.has(TraceKey::page) ? page_resource(file, e.page) : file_resource(file);
}
Range range_of(const TraceEvent& e, const Resource& resource) {
  if (!e.has(TraceKey::range)) return resource.extent();
  return {e.range.begin, std::min(e.range.end, kToInfinity)};
}
Mode mode_of(std::string_view name) {
  for (const Mode mode : {Mode::none, Mode::shared, Mode::extend, Mode::exclusive})
    if (name == name_of(mode)) return mode;
  return Mode::none;
}

std::string described(const Resource& resource) {
  const std::uint32_t file = index_of(resource.file);
  switch (resource.kind) {
    case ResourceKind::page: return fmt::format("page {} of file {}", resource.page, file);
    case ResourceKind::file: return fmt::format("file {}", file);
    case ResourceKind::size: return fmt::format("the size of file {}", file);
  }
  return "";
}
std::string described(const Resource& resource, Range range) {
  if (resource.kind != ResourceKind::file) return described(resource);
  return fmt::format("[{}, {}) of file {}", range.begin, range.end >= kToInfinity ? "end" : std::to_string(range.end),
                     index_of(resource.file));
}

std::string HandlerReplay::name_of_node(NodeId id) const { return head_.roles.node_name(index_of(id)); }

std::string HandlerReplay::text_of(const Output& output) const {
  const Action& action = output.action;
  const std::string what = described(action.resource, action.range);
  if (action.kind == Action::Kind::grant) return fmt::format("grants {} {}", name_of(action.mode), what);
  if (action.kind == Action::Kind::yield)
    return fmt::format("begins to yield {} and keeps {}", what, name_of(action.mode));
  const MessageType& type = machine_->declaration().messages[action.message.type];
  const std::uint64_t bare = bare_bytes(action.message);
  const std::string bytes = output.must_carry  ? std::to_string(bare + head_.page_bytes)
                            : output.may_carry ? fmt::format("{} or {}", bare, bare + head_.page_bytes)
                                               : std::to_string(bare);
  return fmt::format("sends {} to {} about {}, {} bytes", type.name, name_of_node(action.node),
                     described(action.resource), bytes);
}

std::string HandlerReplay::text_of(const TraceEvent& e) const {
  const Resource resource = resource_of(e);
  const std::string what = described(resource, range_of(e, resource));
  switch (e.kind) {
    case TraceKind::send:
      return fmt::format("sends {} to {} about {}, {} bytes", e.type, name_of_node(NodeId{e.to}), described(resource),
                         e.bytes);
    case TraceKind::grant: return fmt::format("grants {} {}", e.mode, what);
    case TraceKind::yield: return fmt::format("begins to yield {} and keeps {}", what, e.keep);
    case TraceKind::handle: return fmt::format("handles {} from {}", e.type, name_of_node(NodeId{e.from}));
    case TraceKind::timer: return fmt::format("the timer {} of {} fires", e.timer, described(resource));
    default: return fmt::format("\"{}\" of {}", name_of(e.kind), what);
  }
}

}  // namespace pagetoken
