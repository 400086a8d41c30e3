#include "sim/workload/workload.hpp"

#include <array>
#include <bit>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/fingerprint.hpp"
#include "sim/workload/layout.hpp"
#include "sim/workload/pattern_model.hpp"
#include "sim/workload/trace_model.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kDigestAccesses = 1000;                    // counting rule 9
constexpr std::uint64_t kMaxPageBytes = std::uint64_t{1} << 22;  // so that a file's bytes are a 62-bit number

void check_options(const WorkloadOptions& options) {
  if (options.clients > kMaxClients) {
    throw ConfigError(options.config_file, "/cluster/clients", fmt::format("{}", options.clients),
                      fmt::format("1 to {}", kMaxClients));
  }
  if (!std::has_single_bit(options.page_bytes) || options.page_bytes > kMaxPageBytes) {
    throw ConfigError(options.config_file, "/cluster/page_bytes", fmt::format("{}", options.page_bytes),
                      fmt::format("a power of two up to {}", kMaxPageBytes));
  }
}

}  // namespace

Workload::Workload(const WorkloadSpec& spec, const WorkloadOptions& options)
    : clients_(options.clients), page_bytes_(options.page_bytes), seed_(options.seed) {
  check_options(options);
  LayoutContext context{
      .config_file = options.config_file, .pointer = options.pointer, .page_bytes = page_bytes_, .seed = seed_};
  check_ranges(spec, context);
  if (spec.trace) {
    auto trace = std::make_unique<TraceModel>(spec, clients_, page_bytes_);
    clients_ = trace->clients();
    order_ = spec.trace->order;
    model_ = std::move(trace);
  } else {
    if (clients_ == 0) clients_ = pattern_info(spec.pattern).default_clients;
    threads_ = static_cast<std::uint32_t>(spec.threads);
    context.clients = clients_;
    context.threads = threads_;
    order_ = spec.serial || pattern_info(spec.pattern).always_serial ? Order::serial : Order::closed;
    model_ = std::make_unique<PatternModel>(spec, context);
  }
  initial_bytes_ = model_->initial_bytes();
}

Workload::~Workload() = default;
Workload::Workload(Workload&&) noexcept = default;
Workload& Workload::operator=(Workload&&) noexcept = default;

std::optional<std::uint64_t> Workload::accesses_of(std::uint32_t client) const { return model_->accesses_of(client); }

std::optional<std::uint64_t> Workload::accesses() const {
  std::uint64_t sum = 0;
  for (std::uint32_t client = 0; client < clients_; ++client) {
    const std::optional<std::uint64_t> own = accesses_of(client);
    if (!own) return std::nullopt;
    sum += *own;
  }
  return sum;
}

std::unique_ptr<AccessSource> Workload::source(std::uint32_t client, std::uint32_t thread) const {
  return model_->source(client, thread);
}

std::unique_ptr<SerialSource> Workload::serial() const { return model_->serial(); }

std::string Workload::digest() const {
  Fingerprint fingerprint;
  fingerprint.add(clients_);
  std::array<Access, kDigestAccesses> batch;
  for (std::uint32_t client = 0; client < clients_; ++client) {
    const std::size_t count = source(client)->fill(batch);
    fingerprint.add(count);
    for (std::size_t i = 0; i < count; ++i) {
      const Access& access = batch[i];
      fingerprint.add(index_of(access.file) | std::uint64_t{static_cast<std::uint8_t>(access.op)} << 32 |
                      std::uint64_t{static_cast<std::uint8_t>(access.via)} << 40);
      fingerprint.add(access.offset);
      fingerprint.add(access.length);
      fingerprint.add(static_cast<std::uint64_t>(access.think_ns));
    }
  }
  return fingerprint.hex();
}

}  // namespace pagetoken
