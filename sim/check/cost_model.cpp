#include "sim/check/cost_model.hpp"

#include <array>

namespace pagetoken {
namespace {

using Kind = WatchedEvent::Kind;
constexpr std::array<std::string_view, 11> kNames{"none",       "RMISS_CLEAN",  "RMISS_DIRTY", "WMISS_NONE",
                                                  "WMISS_EXCL", "WMISS_SHARED", "UPGRADE",     "EVICT",
                                                  "WRITEBACK",  "TRUNCATE",     "EXTEND"};

bool has_others(Kind kind) { return kind == Kind::wmiss_shared || kind == Kind::upgrade || kind == Kind::truncate; }
/// The size's messages are no part of a fault's count (docs/protocols.md, "Counting", rule 5), but all there is to
/// these.
bool counts_size(Kind kind) { return kind >= Kind::evict; }

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
  std::string text(kNames[static_cast<std::size_t>(event.kind)]);
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

std::uint64_t CostModel::unfinished() const {
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
  if (watch_.kind == Kind::truncate) watch_.others = holders(node, operation.file, operation.range, Mode::shared, true);
  watch_.phase = watch_.kind == Kind::evict ? Phase::ended : Phase::during;  // nobody waits for an eviction
  return kWatched;
}

/// As the timed engine sorts faults: by what others hold when the first token of a page is needed.
void CostModel::needs(NodeId node, const Task& task, const Resource& resource, const Need& need) {
  if (task.notes.value.operation != kWatched || watch_.phase != Phase::during || counts_size(watch_.kind)) return;
  if (resource.kind == ResourceKind::size || watch_.kind != Kind::none) return;
  const std::uint8_t exclusive = holders(node, resource.file, need.required, Mode::exclusive, false);
  const std::uint8_t any = holders(node, resource.file, need.required, Mode::shared, false);
  const TokenTable& own = model_->cluster().vm(node).tokens;
  if (need.mode == Mode::shared)
    watch_.kind = exclusive ? Kind::rmiss_dirty : Kind::rmiss_clean;
  else if (task.kind != TaskKind::uncached && own.usable(resource.file, need.required) == Mode::shared)
    watch_.kind = Kind::upgrade;
  else
    watch_.kind = exclusive ? Kind::wmiss_excl : any ? Kind::wmiss_shared : Kind::wmiss_none;
  if (has_others(watch_.kind)) watch_.others = any;
}

std::uint8_t CostModel::holders(NodeId except, FileId file, Range range, Mode at_least, bool or_size) const {
  std::uint8_t count = 0;
  for (std::uint32_t n = 0; n < clients_; ++n) {
    const TokenTable& tokens = model_->cluster().vm(NodeId{n}).tokens;
    bool holds = or_size && tokens.size(file).mode >= at_least;
    for (PageIndex p = tokens.next_held(file, range); p < range.end && !holds;
         p = tokens.next_held(file, {p + 1, range.end}))
      holds = tokens.page(file, p).mode >= at_least;
    if (holds && NodeId{n} != except) ++count;
  }
  return count;
}

/// A message to oneself is none.
void CostModel::sends(const Envelope& envelope) {
  const Cause& cause = envelope.message.cause.value;
  if (watch_.phase == Phase::before || cause.operation != kWatched || envelope.from == envelope.to) return;
  if (envelope.resource.kind == ResourceKind::size && !counts_size(watch_.kind)) return;
  ++weight_;
}

void CostModel::ends(const Task& task) {
  if (task.notes.value.operation != kWatched || watch_.phase != Phase::during) return;
  const TaskNotes& notes = task.notes.value;
  const int hops = notes.hops - (counts_size(watch_.kind) ? 0 : notes.size_hops);
  watch_.hops = notes.hops >= Cause::kMostHops ? Cause::kMostHops : static_cast<std::uint8_t>(hops);
  watch_.phase = Phase::ended;
}

}  // namespace pagetoken
