#pragma once
// A workload, ready to run: who accesses what, in which order. The same (spec, options) gives the same accesses,
// whatever the protocol; all randomness comes from streams named (seed, client, thread).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/workload/access.hpp"
#include "sim/workload/spec.hpp"

namespace pagetoken {

/// The accesses of one thread of one client, in order.
class AccessSource {
 public:
  virtual ~AccessSource() = default;
  /// Writes the next accesses to the front of `batch` (not empty) and returns how many: as many as fit, unless the
  /// source ends. 0 = exhausted, and so for ever. How the accesses are cut into batches changes nothing in them.
  virtual std::size_t fill(std::span<Access> batch) = 0;
};

/// All accesses of the cluster, one at a time.
class SerialSource {
 public:
  virtual ~SerialSource() = default;
  /// False: there are no more; `client` and `access` are then unchanged.
  virtual bool next(std::uint32_t& client, Access& access) = 0;
};

struct WorkloadOptions {
  std::uint32_t clients = 0;        ///< 0 = the workload's own: those of the trace, or pattern_info().default_clients
  std::uint64_t page_bytes = 4096;  ///< of the cluster; a power of two
  std::uint64_t seed = 1;
  std::string config_file;            ///< named in errors about the spec; errors about a trace name the trace
  std::string pointer = "/workload";  ///< of the spec in it
};

/// A recorded workload in memory, or the layout that a pattern's sources share (implementation).
class WorkloadModel;

class Workload {
 public:
  /// Checks the spec against the number of clients and loads the trace if there is one. Throws ConfigError for a value
  /// out of its key's range or at odds with others (too few clients for the pattern, a slice that does not fit into a
  /// page, files beyond kMaxFiles, offsets beyond kMaxPages), and for whatever is wrong with a trace.
  Workload(const WorkloadSpec& spec, const WorkloadOptions& options);
  ~Workload();
  Workload(Workload&&) noexcept;
  Workload& operator=(Workload&&) noexcept;

  std::uint32_t clients() const { return clients_; }
  std::uint32_t threads() const { return threads_; }  ///< of each client; 1 for a trace
  Order order() const { return order_; }
  std::uint64_t page_bytes() const { return page_bytes_; }

  /// Bytes of each file at the start, indexed by FileId; files that nobody accesses have 0. By counting rule 7 what the
  /// largest access needs, unless `file_bytes` says otherwise; 0 where all there is are appends.
  const std::vector<std::uint64_t>& initial_bytes() const { return initial_bytes_; }

  /// Accesses in all; nothing for patterns, which never end.
  std::optional<std::uint64_t> accesses() const;
  /// Accesses of one client, < clients(), all threads together; nothing for patterns.
  std::optional<std::uint64_t> accesses_of(std::uint32_t client) const;

  /// A new source at the start of the thread's accesses. client < clients(), thread < threads(). It refers to this
  /// workload, which must outlive it; several are independent, from several host threads too.
  std::unique_ptr<AccessSource> source(std::uint32_t client, std::uint32_t thread = 0) const;

  /// The order of the whole cluster, from its start. Counting rule 2: the client of each access is drawn uniformly from
  /// a stream of its own, and that client's source (its thread 0) supplies the access. Except: ping-pong, and migratory
  /// with `in_turns`, take strict turns; sequential-segments goes in rounds, ascending, in which client c takes part
  /// from round c * head_start on; a trace follows the order of its file. May be asked for under any order().
  std::unique_ptr<SerialSource> serial() const;

  /// Counting rule 9: 32 hexadecimal digits that stand for the first 1,000 accesses of each client's thread 0, as
  /// generated, the number of clients, and nothing else.
  std::string digest() const;

 private:
  std::unique_ptr<const WorkloadModel> model_;
  std::uint32_t clients_ = 0;
  std::uint32_t threads_ = 1;
  Order order_ = Order::closed;
  std::uint64_t page_bytes_ = 0;
  std::uint64_t seed_ = 0;
  std::vector<std::uint64_t> initial_bytes_;
};

}  // namespace pagetoken
