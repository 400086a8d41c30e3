#pragma once
// An audit of a protocol's handlers, around its machine: from one state and one event there is one outcome.
//
// Each handler is run three times: for good; again, from a copy of the state; and again with the state of every other
// node made void, which a handler that is given only its own cannot notice. And what it did is remembered for all of an
// exploration: the same state and event must never lead elsewhere, whatever has happened at other nodes meanwhile.

#include <memory>
#include <unordered_map>
#include <vector>

#include "protocols/api/machine.hpp"
#include "sim/base/fingerprint.hpp"

namespace pagetoken {

/// What an audit knows, and has to outlive the machine. What is wrong is thrown as a ProtocolError of property
///   protocol:audit-nondeterminism   run again from the same state, a handler does something else
///   protocol:audit-peeking          ... with other nodes' states void, or after other things happened elsewhere
class Audit {
 public:
  /// The machine, audited.
  std::unique_ptr<Machine> around(std::unique_ptr<Machine> machine);

  std::uint64_t runs() const { return runs_; }              ///< of handlers, for good
  std::uint64_t cases() const { return outcomes_.size(); }  ///< different (state, event)

 private:
  friend class AuditedStates;
  struct HashOfDigest {
    std::size_t operator()(const Digest& digest) const { return static_cast<std::size_t>(digest.low); }
  };
  std::vector<class AuditedStates*> nodes_;                    // that live
  std::unordered_map<Digest, Digest, HashOfDigest> outcomes_;  // by state and event; never iterated
  std::uint64_t runs_ = 0;
  bool has_found_ = false;  // then handlers run unwatched: the path that led there is walked again
};

}  // namespace pagetoken
