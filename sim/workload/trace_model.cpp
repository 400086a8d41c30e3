#include "sim/workload/trace_model.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "sim/base/error.hpp"

namespace pagetoken {
namespace {

class TraceSource final : public AccessSource {
 public:
  TraceSource(const TraceModel& model, std::uint32_t client)
      : model_(model), client_(client), end_(*model.accesses_of(client)) {}
  std::size_t fill(std::span<Access> batch) override {
    const std::size_t count = std::min<std::uint64_t>(batch.size(), end_ - next_);
    for (std::size_t i = 0; i < count; ++i) batch[i] = model_.access(client_, next_++);
    return count;
  }

 private:
  const TraceModel& model_;
  std::uint32_t client_;
  std::uint64_t next_ = 0;
  std::uint64_t end_;
};

/// The order of the file: every client's accesses are in that order too, so a position in each is enough.
class TraceTurns final : public SerialSource {
 public:
  explicit TraceTurns(const TraceModel& model) : model_(model), next_(model.clients(), 0) {}
  bool next(std::uint32_t& client, Access& access) override {
    if (turn_ == model_.turns().size()) return false;
    client = model_.turns()[turn_++];
    access = model_.access(client, next_[client]++);
    return true;
  }

 private:
  const TraceModel& model_;
  std::vector<std::uint64_t> next_;  ///< of each client
  std::size_t turn_ = 0;
};

}  // namespace

TraceModel::TraceModel(const WorkloadSpec& spec, std::uint32_t clients, std::uint64_t page_bytes)
    : order_(spec.trace->order),
      via_(spec.via),
      think_ns_(static_cast<std::int64_t>(spec.think_ns)),
      file_bytes_(spec.file_bytes),
      max_end_(kMaxPages * page_bytes),
      max_length_(kMaxAccessPages * page_bytes) {
  accesses_.resize(clients);
  CsvReader reader = open_trace(spec.trace->path, spec.trace->format,
                                {.map = spec.trace->map,
                                 .page_bytes = spec.trace->page_bytes != 0 ? spec.trace->page_bytes : page_bytes,
                                 .max_clients = clients != 0 ? clients : kMaxClients,
                                 .need_times = order_ == Order::recorded});
  load(reader);
  for (auto& list : accesses_) list.shrink_to_fit();
  if (order_ == Order::recorded) order_by_time();
}

void TraceModel::load(CsvReader& reader) {
  TraceRow row;
  while (reader.next(row)) add(row, reader);
  const bool is_empty = std::all_of(accesses_.begin(), accesses_.end(), [](const auto& list) { return list.empty(); });
  if (is_empty) throw ConfigError(reader.name(), "", "the trace has no accesses", "one or more");
}

void TraceModel::add(const TraceRow& row, const CsvReader& reader) {
  const std::uint64_t end = row.offset + row.length;
  if (end > max_end_) {
    throw ConfigError(reader.name(), fmt::format("line {}", reader.line_number()), fmt::format("ends at byte {}", end),
                      fmt::format("files of up to {} bytes with this page_bytes", max_end_));
  }
  if (row.op != Op::punch && row.length > max_length_) {
    throw ConfigError(reader.name(), fmt::format("line {}", reader.line_number()), fmt::format("{} bytes", row.length),
                      fmt::format("accesses of up to {} bytes, which is {} pages", max_length_, kMaxAccessPages));
  }
  if (row.client >= accesses_.size()) accesses_.resize(row.client + std::size_t{1});
  accesses_[row.client].push_back(
      {row.offset, row.time_ns, row.length, index_of(row.file) | static_cast<std::uint32_t>(row.op) << 24});
  if (order_ == Order::serial) turns_.push_back(row.client);
  if (index_of(row.file) >= needed_bytes_.size()) needed_bytes_.resize(index_of(row.file) + std::size_t{1});
  // Appends and changes of size need no byte to be there before.
  if (has_range(row.op)) needed_bytes_[index_of(row.file)] = std::max(needed_bytes_[index_of(row.file)], end);
}

/// Rows of one instant stay in the order of the file.
void TraceModel::order_by_time() {
  std::int64_t first_ns = std::numeric_limits<std::int64_t>::max();
  for (auto& list : accesses_) {
    std::stable_sort(list.begin(), list.end(), [](const Packed& a, const Packed& b) { return a.time_ns < b.time_ns; });
    if (!list.empty()) first_ns = std::min(first_ns, list.front().time_ns);
  }
  for (auto& list : accesses_) {
    for (Packed& packed : list) packed.time_ns -= first_ns;
  }
}

Access TraceModel::access(std::uint32_t client, std::uint64_t n) const {
  const Packed& packed = accesses_[client][n];
  const Op op = static_cast<Op>(packed.file_and_op >> 24);
  return {.file = FileId{packed.file_and_op & (kMaxFiles - 1)},
          .op = op,
          .via = op == Op::read || op == Op::write ? via_ : Via::syscall,
          .offset = packed.offset,
          .length = packed.length,
          .think_ns = order_ == Order::recorded ? packed.time_ns : think_ns_};
}

std::unique_ptr<AccessSource> TraceModel::source(std::uint32_t client, std::uint32_t) const {
  return std::make_unique<TraceSource>(*this, client);
}

std::unique_ptr<SerialSource> TraceModel::serial() const { return std::make_unique<TraceTurns>(*this); }

std::vector<std::uint64_t> TraceModel::initial_bytes() const {
  std::vector<std::uint64_t> bytes = needed_bytes_;
  if (file_bytes_ != 0) std::fill(bytes.begin(), bytes.end(), file_bytes_);
  return bytes;
}

}  // namespace pagetoken
