#include <algorithm>
#include <cmath>
#include <exception>
#include <new>
#include <unordered_map>

#include <simgrid/kernel/routing/NetZoneImpl.hpp>

#include "protocols/api/table.hpp"
#include "sim/base/error.hpp"
#include "sim/engine/simgrid/abort_guard.hpp"
#include "sim/engine/simgrid/kernel.hpp"
#include "sim/engine/simgrid/platform.hpp"
#include "sim/engine/topology/graph.hpp"

namespace pagetoken {

namespace sg4 = simgrid::s4u;
using simgrid::kernel::resource::Action;

namespace {

constexpr double kNsPerS = 1e9;

/// How far a time of SimGrid's, in seconds, may be off a whole nanosecond that is meant: sums of its floating point.
double slack_ns(double now_s) { return 0.05 + now_s * kNsPerS * 0x1p-51; }
/// The nanosecond that has been reached, and the one at which something that happens now counts.
std::int64_t reached_ns(double now_s) {
  return static_cast<std::int64_t>(std::floor(now_s * kNsPerS + slack_ns(now_s)));
}
std::int64_t counts_ns(double now_s) { return static_cast<std::int64_t>(std::ceil(now_s * kNsPerS - slack_ns(now_s))); }

/// The loop's queue, as one of SimGrid's models: it only says when it wants to go on.
class LoopModel final : public simgrid::kernel::resource::Model {
 public:
  explicit LoopModel(const Timeline& timeline) : Model("pagetoken"), timeline_(timeline) {}
  double next_occurring_event(double now) override {
    const std::int64_t next = timeline_.over() ? Timeline::kNever : timeline_.next_ns();
    return next == Timeline::kNever ? -1.0 : std::max(0.0, static_cast<double>(next) / kNsPerS - now);
  }
  void update_actions_state(double, double) override {}

 private:
  const Timeline& timeline_;
};

class SimGridCarrier final : public Carrier {
 public:
  /// `guarded`: an abort of SimGrid's is told as a mistake in the platform.
  SimGridCarrier(const SimGridSetup& setup, bool guarded)
      : setup_(setup),
        guard_(guarded ? std::make_unique<AbortGuard>(platform_name()) : nullptr),
        platform_(build_platform(setup, guard_ ? guard_->engine_arguments() : std::vector<std::string>())),
        latencies_(platform_.hosts.size()) {
    if (setup.simgrid.transport == Transport::kernel && PAGETOKEN_SIMGRID_KERNEL)
      network_ = platform_.engine->get_netzone_root()->get_impl()->get_network_model().get();
    listen();
  }

  /// What is under way stays: for a communication that is dropped SimGrid prints a backtrace.
  ~SimGridCarrier() override {
    static auto* const left = new decltype(activities_);
    left->merge(activities_);
  }

  void run(Timeline& timeline) override {
    timeline_ = &timeline;
    platform_.engine->add_model(std::make_shared<LoopModel>(timeline));
    try {
      theirs([&] { platform_.engine->run(); });
    } catch (...) {
      if (ours_failed_) std::rethrow_exception(ours_failed_);
      throw;
    }
    // A communication over a link that is off ends without a word, and one that is in its latency when that changes is
    // forgotten by SimGrid 3.32.
    if (!timeline.over() && !(transfers_.empty() && activities_.empty()))
      failed("the latency of a link has changed under a transfer, or a link or disk is off");
  }

  void send(std::uint32_t transfer, NodeId from, NodeId to, std::uint64_t bytes) override {
    sg4::Host* source = host(from);
    sg4::Host* destination = host(to);
    // SimGrid never starts a transfer of nothing.
    const std::uint64_t size = std::max<std::uint64_t>(1, bytes);
    if (network_) return send_by_kernel(transfer, source, destination, size);
    theirs([&] {
      sg4::CommPtr comm = sg4::Comm::sendto_init(source, destination);
      comm->set_payload_size(size);
      keep(transfer, comm);
      comm->start();
    });
  }

  const Platform& platform() const { return platform_; }

  bool has_disks() const override { return !platform_.disks.empty(); }

  void access_disk(std::uint32_t transfer, NodeId server, bool is_write, std::uint64_t bytes) override {
    const sg4::Disk* disk = platform_.disks[index_of(server) - setup_.nodes.clients - setup_.nodes.managers];
    theirs([&] {
      sg4::IoPtr io =
          disk->io_init(static_cast<sg_size_t>(bytes), is_write ? sg4::Io::OpType::WRITE : sg4::Io::OpType::READ);
      keep(transfer, io);
      io->start();
    });
  }

  std::int64_t latency_ns(NodeId from, NodeId to) override {
    std::int64_t& known = latencies_[index_of(from)][index_of(to)];
    if (known == 0) {
      std::vector<sg4::Link*> links;
      double latency_s = 0;
      theirs([&] { host(from)->route_to(host(to), links, &latency_s); });
      if (setup_.simgrid.latency_factor > 0) latency_s *= setup_.simgrid.latency_factor;
      known = counts_ns(latency_s) + 1;
    }
    return known - 1;
  }

  /// Where somebody else says what latencies become, it is not known. How contexts switch has nothing to do with it.
  std::int64_t least_latency_ns() const override {
    bool plain = setup_.simgrid.network_model == NetworkModel::cm02 && setup_.simgrid.latency_factor == 1 &&
                 setup_.network.topology.kind != TopologyKind::platform;
    for (const auto& [name, value] : setup_.simgrid.options) plain = plain && name.starts_with("contexts/");
    return plain ? NetworkGraph(setup_.network, setup_.nodes.count()).least_latency_ns() : 0;
  }

 private:
  /// A node's host, which a platform file may have turned off.
  sg4::Host* host(NodeId node) const {
    sg4::Host* host = platform_.hosts[index_of(node)];
    if (!host->is_on()) failed("host " + host->get_name() + " is off");
    return host;
  }
  std::string platform_name() const {
    const TopologySpec& topology = setup_.network.topology;
    return topology.kind == TopologyKind::platform ? topology.file : "simgrid";
  }
  [[noreturn]] void failed(const std::string& what, const char* allowed =
                                                        "hosts and links that stay on: the protocols' networks lose "
                                                        "nothing") const {
    throw ConfigError(platform_name(), {},
                      what + " at " + std::to_string(sg4::Engine::get_clock()) + " s of simulated time", allowed);
  }

  /// What SimGrid does when it is called; what it throws is a mistake in the platform.
  template <class Body>
  void theirs(const Body& body) const {
    const Running running(Running::Whose::simgrid);
    try {
      body();
    } catch (const ConfigError&) {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& error) {
      if (ours_failed_) throw;
      failed(std::string("SimGrid gave up: ") + error.what(), "a platform that SimGrid can run");
    }
  }
  /// What it calls: an exception of ours passes through it.
  template <class Body>
  void ours(const Body& body) {
    const Running running(Running::Whose::ours);
    try {
      body();
    } catch (...) {
      ours_failed_ = std::current_exception();
      throw;
    }
  }

  void listen() {
    sg4::Engine::on_time_advance_cb([this](double) { ours([this] { time_advanced(); }); });
    // Of transfers by the kernel: an action names its transfer; communications have an activity instead.
    sg4::Link::on_communication_state_change_cb(
        [this](simgrid::kernel::resource::NetworkAction& network_action, Action::State) {
          // The class is SimGrid's own, and its first base is Action.
          auto* action = reinterpret_cast<Action*>(&network_action);
          if (!network_ || action->get_activity() != nullptr) return;
          if (action->get_state() == Action::State::FAILED) ours([this] { failed("a link on the way is turned off"); });
          if (action->get_state() == Action::State::FINISHED) finished_.push_back(action);
        });
    sg4::Activity::on_completion_cb([this](const sg4::Activity& activity) { ours([&] { activity_ended(activity); }); });
  }

  void time_advanced() {
    const double now_s = sg4::Engine::get_clock();
    ended_activities_.clear();
    for (Action* action : finished_) {
      const auto found = transfers_.find(action);
      timeline_->ended(found->second, counts_ns(now_s));
      transfers_.erase(found);
      action->unref();
    }
    finished_.clear();
    timeline_->advance(reached_ns(now_s));
  }

  void send_by_kernel(std::uint32_t transfer, sg4::Host* from, sg4::Host* to, std::uint64_t bytes) {
#if PAGETOKEN_SIMGRID_KERNEL
    Action* action = nullptr;
    theirs([&] { action = network_->communicate(from, to, static_cast<double>(bytes), -1.0); });
    // Born failed without a signal: a link on the way is off.
    if (action->get_state() == Action::State::FAILED)
      failed("a link between " + from->get_name() + " and " + to->get_name() + " is off");
    transfers_[action] = transfer;
#else
    static_cast<void>(transfer), static_cast<void>(from), static_cast<void>(to), static_cast<void>(bytes);
#endif
  }

  void keep(std::uint32_t transfer, const sg4::ActivityPtr& activity) {
    activities_[activity.get()] = {transfer, activity};
  }

  void activity_ended(const sg4::Activity& activity) {
    const auto found = activities_.find(&activity);
    if (found == activities_.end()) return;  // a cancelled one says so twice
    if (activity.get_state() == sg4::Activity::State::FAILED) failed("a host, link or disk is off");
    timeline_->ended(found->second.transfer, counts_ns(sg4::Engine::get_clock()));
    ended_activities_.push_back(found->second.activity);  // it has to outlive this call
    activities_.erase(found);
  }

  struct Kept {
    std::uint32_t transfer = 0;
    sg4::ActivityPtr activity{};
  };

  SimGridSetup setup_;
  std::unique_ptr<AbortGuard> guard_;  ///< null: nothing comes from a file
  Platform platform_;
  simgrid::kernel::resource::NetworkModel* network_ = nullptr;  // null: transfers are communications
  Timeline* timeline_ = nullptr;
  std::exception_ptr ours_failed_;
  std::vector<Action*> finished_;
  // Looked up, never iterated.
  std::unordered_map<const Action*, std::uint32_t> transfers_;
  std::unordered_map<const sg4::Activity*, Kept> activities_;
  std::vector<sg4::ActivityPtr> ended_activities_;
  std::vector<Table<std::int64_t>> latencies_;  // plus one; 0 = not asked for yet
};

/// A few transfers on a platform, one at a time: what SimGrid makes of them shows before a run.
class Trial final : public Timeline {
 public:
  Trial(Carrier& carrier, const SimGridSetup& setup) : carrier_(carrier) {
    const std::uint32_t nodes = std::min(setup.nodes.count(), kMostNodes);
    for (std::uint32_t n = 1; n < nodes; ++n)
      for (const std::uint32_t other : {n - 1, 0u}) {
        sends_.emplace_back(NodeId{n}, NodeId{other});
        sends_.emplace_back(NodeId{other}, NodeId{n});
      }
    if (!carrier.has_disks()) return;
    const std::uint32_t first = setup.nodes.clients + setup.nodes.managers;
    for (std::uint32_t n = first; n < std::min(setup.nodes.count(), first + kMostNodes); ++n) disks_.push_back(n);
  }

  std::int64_t next_ns() const override { return begun_ ? kNever : 0; }
  void advance(std::int64_t) override {
    if (!begun_) begin_next();
    begun_ = true;
  }
  void ended(std::uint32_t, std::int64_t) override {
    ++next_;
    begun_ = false;
  }
  bool over() const override { return next_ == sends_.size() + 2 * disks_.size(); }

 private:
  static constexpr std::uint32_t kMostNodes = 500;

  void begin_next() {
    if (over()) return;
    const auto transfer = static_cast<std::uint32_t>(next_);
    if (next_ < sends_.size()) return carrier_.send(transfer, sends_[next_].first, sends_[next_].second, 1);
    const std::size_t access = next_ - sends_.size();
    carrier_.access_disk(transfer, NodeId{disks_[access / 2]}, access % 2 == 0, 1);
  }

  Carrier& carrier_;
  std::vector<std::pair<NodeId, NodeId>> sends_;
  std::vector<std::uint32_t> disks_;
  std::size_t next_ = 0;  ///< of both, and each disk is read and written
  bool begun_ = false;    ///< that one is under way
};

void try_out(const SimGridSetup& setup) {
  SimGridCarrier carrier(setup, false);
  if (setup.network.topology.kind == TopologyKind::platform)
    try_all_routes(carrier.platform(), setup.network.topology.file);
  Trial trial(carrier, setup);
  carrier.run(trial);
}

/// Whether SimGrid is given what we have not made ourselves.
bool needs_guard(const SimGridSetup& setup) {
  return setup.network.topology.kind == TopologyKind::platform || !setup.simgrid.options.empty();
}

}  // namespace

extern "C" const SimGridEntry pagetoken_simgrid_entry;
const SimGridEntry pagetoken_simgrid_entry{.make = [](const SimGridSetup& setup) -> std::unique_ptr<Carrier> {
                                             return std::make_unique<SimGridCarrier>(setup, needs_guard(setup));
                                           },
                                           .try_out = try_out,
                                           .has_kernel_transport = PAGETOKEN_SIMGRID_KERNEL};

}  // namespace pagetoken
