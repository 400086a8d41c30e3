#pragma once
// What kind of event an operation is (docs/protocols.md, "Elementary events"), and who counts as a holder: one rule for
// what a run measures and for what is certified, since both are printed side by side.

#include "sim/vm/vm.hpp"
#include "sim/words/words.hpp"

namespace pagetoken {

/// Whether messages about the resource belong to such an event: those about a file's size are all there is to a
/// truncate or an extension, and no part of a fault, or of what is none so far.
constexpr bool counts(ElementaryEvent event, const Resource& resource) {
  return resource.kind != ResourceKind::size || event >= ElementaryEvent::evict;
}
/// Nobody waits for it, so that it has no end of its own: all that it causes belongs to it.
constexpr bool is_unawaited(ElementaryEvent event) {
  return event == ElementaryEvent::evict || event == ElementaryEvent::release || event == ElementaryEvent::renew;
}

/// The strongest right that a node has, or is about to have, over any page of a range: EXCLUSIVE from when its protocol
/// was asked for it, since by the time that another's request arrives the node will be the writer, whether the token is
/// still on its way or not; SHARED only from the grant on.
Mode right_over(const Vm& vm, FileId file, Range range);
/// A task of the node waits for EXCLUSIVE over some of the range, and its protocol has been asked.
bool asks_to_write(const Vm& vm, FileId file, Range range);

/// What other nodes than the one that faults hold.
struct OtherHolders {
  bool writer = false;  ///< somebody's right is EXCLUSIVE
  bool any = false;     ///< somebody has some right
};
/// The kind of a fault that needs `needed`, of a node that has `own` for its use.
ElementaryEvent classify(Mode needed, Mode own, const OtherHolders& others);

}  // namespace pagetoken
