#include "sim/check/cluster/cost_model.hpp"

namespace pagetoken {
namespace {

using Kind = ElementaryEvent;

bool has_others(Kind kind) { return kind == Kind::wmiss_shared || kind == Kind::upgrade || kind == Kind::truncate; }
/// What an operation is from its beginning; faults are sorted when they need a token.
Kind kind_of(TaskKind kind) {
  switch (kind) {
    case TaskKind::truncate: return Kind::truncate;
    case TaskKind::extend: return Kind::extend;
    case TaskKind::fsync: return Kind::writeback;
    case TaskKind::evict: return Kind::evict;
    default: return Kind::none;
  }
}

}  // namespace

std::string text_of(const WatchedEvent& event) {
  std::string text(kElementaryEventNames[static_cast<std::size_t>(event.kind)]);
  if (has_others(event.kind)) text += "(" + std::to_string(event.others) + ")";
  return text;
}

CostModel::CostModel(ClusterModel::Options options, const Machine& machine, const Paths& paths)
    : clients_(options.shape.clients), alone_(options.alone) {
  options.watch = this;
  model_ = std::make_unique<ClusterModel>(options, machine, paths);
}

void CostModel::initial(std::size_t) {
  model_->initial(0);
  watch_ = {};
}

/// Who caused what is part of a state while somebody is watched.
void CostModel::encode(Encoder& out) const {
  out.put(watch_);
  out.keep_notes(watch_.phase != Phase::before);
  model_->encode(out);
  out.keep_notes(false);
}

void CostModel::decode(const std::uint8_t* bytes) {
  Decoder in(bytes);
  in.get(watch_);
  model_->decode(in.position(), watch_.phase != Phase::before);
}

std::size_t CostModel::choices() {
  kept_.clear();
  is_settled_ = is_settled();
  if (is_over()) return 0;
  if (is_settled_) return 1;
  for (std::size_t i = 0, count = model_->choices(); i < count; ++i) {
    if (!model_->is_start(i)) {
      kept_.push_back({i, false});
      continue;
    }
    if (watch_.phase == Phase::ended) continue;
    if (!alone_) kept_.push_back({i, false});
    if (watch_.phase == Phase::before) kept_.push_back({i, true});
  }
  return kept_.size();
}

void CostModel::take(std::size_t choice) {
  weight_ = 0;
  if (is_settled_) {
    watch_ = {};
    return;
  }
  watch_next_ = kept_[choice].is_watched;
  model_->take(inner(choice));
  watch_next_ = false;
}

std::string CostModel::describe_choice(std::size_t choice) {
  return is_settled_ ? "the next operation" : model_->describe_choice(inner(choice));
}

std::uint64_t CostModel::label() const {
  if (!is_settled()) return 0;
  return std::uint64_t{1} | static_cast<std::uint64_t>(watch_.kind) << 8 | std::uint64_t{watch_.others} << 16 |
         std::uint64_t{watch_.hops} << 24;
}

std::optional<CostModel::Outcome> CostModel::outcome(std::uint64_t word) {
  if (word == 0) return std::nullopt;
  return Outcome{{static_cast<Kind>(word >> 8 & 0xff), static_cast<std::uint8_t>(word >> 16)},
                 static_cast<std::uint8_t>(word >> 24)};
}

std::uint64_t CostModel::begins(NodeId node, const Operation& operation) {
  if (!watch_next_) return kOther;
  watch_.kind = kind_of(operation.kind);
  if (watch_.kind == Kind::truncate)
    watch_.others = others(node, [&](const Vm& vm) {
      return vm.tokens.size(operation.file).mode != Mode::none ||
             right_over(vm, operation.file, operation.range) != Mode::none;
    });
  watch_.phase = is_unawaited(watch_.kind) ? Phase::ended : Phase::during;
  return kWatched;
}

/// By what others have when the first token of a page is needed.
void CostModel::needs(NodeId node, const Task& task, const Resource& resource, const Need& need) {
  if (task.notes.value.operation != kWatched || watch_.phase != Phase::during) return;
  if (resource.kind == ResourceKind::size || watch_.kind != Kind::none) return;
  const auto having = [&](Mode least) {
    return others(node, [&](const Vm& vm) { return right_over(vm, resource.file, need.required) >= least; });
  };
  const std::uint8_t any = having(Mode::shared);
  const Vm& vm = model_->cluster().vm(node);
  const Mode own = task.kind == TaskKind::uncached ? Mode::none : vm.tokens.usable(resource.file, need.required);
  watch_.kind = classify(need.mode, own, {having(Mode::exclusive) > 0, any > 0});
  if (has_others(watch_.kind)) watch_.others = any;
}

template <class Holds>
std::uint8_t CostModel::others(NodeId except, Holds&& holds) const {
  std::uint8_t count = 0;
  for (std::uint32_t n = 0; n < clients_; ++n)
    if (NodeId{n} != except && holds(model_->cluster().vm(NodeId{n}))) ++count;
  return count;
}

/// A message to oneself is none.
void CostModel::sends(const Envelope& envelope) {
  const Cause& cause = envelope.message.cause.value;
  if (watch_.phase == Phase::before || cause.operation != kWatched || envelope.from == envelope.to) return;
  if (!counts(watch_.kind, envelope.resource)) return;
  ++weight_;
}

void CostModel::ends(const Task& task) {
  if (task.notes.value.operation != kWatched || watch_.phase != Phase::during) return;
  const TaskNotes& notes = task.notes.value;
  const int hops = notes.hops - (counts(watch_.kind, size_resource(task.file)) ? 0 : notes.size_hops);
  watch_.hops = notes.hops >= Cause::kMostHops ? Cause::kMostHops : static_cast<std::uint8_t>(hops);
  watch_.phase = Phase::ended;
}

}  // namespace pagetoken
