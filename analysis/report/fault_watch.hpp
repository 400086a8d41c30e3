#pragma once
// Watches a run for two of its faults: a typical one and the worst.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "analysis/report/document.hpp"
#include "sim/base/node_roles.hpp"
#include "sim/trace/sink.hpp"

namespace pagetoken {

class FaultWatch final : public TraceSink {
 public:
  /// `typical_ns`, `worst_ns`: the latencies to look for; a fault that took longer than the worst was in the warm-up.
  FaultWatch(std::int64_t typical_ns, std::int64_t worst_ns) : typical_ns_(typical_ns), worst_ns_(worst_ns) {}

  /// The picture of each that was seen: the typical one, then the worst.
  std::vector<FaultSequence> sequences(const std::string& who, const NodeRoles& roles) const;

  // TraceSink.
  void because(const By&) override {}
  void reached(std::int64_t) override {}
  void begin(const Where& where, std::string_view kind, const Resource& resource, const Access&) override;
  void end(const Where& where, std::string_view, std::string_view, std::string_view event, std::int64_t latency_ns,
           std::uint32_t retries) override;
  void step(const Where& where, std::uint32_t, std::string_view, std::string_view, std::string_view text,
            const Waiting& waiting, bool, std::int64_t) override;
  void wake(const Where&, std::uint32_t, std::int64_t) override {}
  void hits(const Where&, const Resource&, const Hits&, const Hits&) override {}
  void use(const Where&, FileId, std::uint64_t, PageIndex, bool) override {}
  void evict(const Where&, const Resource&) override {}
  void timer(const Where&, const Resource&, std::string_view) override {}
  void need(const Where&, const Resource&, Range, std::string_view) override {}
  void grant(const Where& where, const Resource&, Range, std::string_view mode) override;
  void yield(const Where& where, const Resource&, Range, std::string_view keep) override;
  void yielded(const Where& where, const Resource&, Range, std::string_view) override;
  void send(const Where& where, std::uint64_t message, NodeId to, std::string_view type, const Resource&,
            std::uint64_t bytes) override;
  void handle(const Where& where, std::uint64_t message, NodeId, std::string_view, const Resource&,
              std::int64_t waited_ns, std::int64_t cpu_ns) override;
  void storage(const Where& where, std::uint64_t request, NodeId server, bool is_write, const Resource&,
               std::string_view phase, std::int64_t waited_ns, std::int64_t service_ns) override;

 private:
  struct Step {
    std::int64_t start_ns = 0;
    std::int64_t end_ns = 0;
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::uint64_t message = 0;  ///< 0 = none
    std::string text{};
  };
  struct Fault {
    std::string text{};  ///< what it is about
    std::int64_t latency_ns = -1;
    std::vector<Step> steps{};
  };
  /// The fault that something belongs to, or null.
  Fault* of(const Where& where);
  void note(const Where& where, std::string text);
  FaultSequence picture(const Fault& fault, const std::string& title, const NodeRoles& roles) const;

  std::int64_t typical_ns_;
  std::int64_t worst_ns_;
  std::unordered_map<std::uint64_t, Fault> going_on_;  ///< by operation; looked up, never iterated
  Fault typical_;
  Fault worst_;
};

}  // namespace pagetoken
