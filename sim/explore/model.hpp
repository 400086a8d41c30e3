#pragma once
// What the explorer can explore: anything that offers initial states, enabled choices and a step.
//
//   std::size_t initial_states() const; void initial(std::size_t i);   loads the i-th initial state
//   void encode(Encoder&) const; void decode(const std::uint8_t*);     its state, compared by its bytes
//   std::size_t choices();                    lists what is enabled in the present state, always in the same order
//   void take(std::size_t choice);            performs one; may throw ProtocolError
//   std::string describe_choice(std::size_t choice);                   in the present state, before it is taken
//   std::optional<Finding> check();            what the present state violates; called after choices()
//   std::optional<Finding> broken();           what the last take() violated by itself, forgotten by the call
//   bool ended() const;                       no operation is unfinished: no choices and !ended() is a deadlock
//   std::string who_waits() const;            for deadlocks: who waits for what that whom holds
//   std::uint32_t actor_of(std::size_t choice) const;   task, link or timer that moves, any number: weak fairness
//   std::uint64_t unfinished() const;         one bit for each operation that has not ended; not started counts as none
//                                             (or label(): see Labels)
//
// The list that choices() made stays valid while the state is decoded again: the explorer takes one choice after the
// other of a state, and decodes it in between without a further choices().
//
// A packed model keeps states in a form of its own besides, shorter and made faster: `packed()`, its bytes,
// `packed_hash()`, `unpack(bytes)`. `share(other)` lets two of them unpack what the other has packed.
//
// A plain model, whose state is one plain struct, offers `using State` and `State& state()` (const too) in place of
// encode and decode, and is explored faster.

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "protocols/api/fields.hpp"
#include "protocols/api/require.hpp"
#include "sim/base/finding.hpp"

namespace pagetoken {

template <class M>
concept PlainModel = requires(M& m, const M& c) {
  typename M::State;
  { m.state() } -> std::same_as<typename M::State&>;
  { c.state() } -> std::same_as<const typename M::State&>;
}
&&std::is_trivially_copyable_v<typename M::State>&& std::has_unique_object_representations_v<typename M::State>;

template <class M>
concept EncodedModel = requires(M& m, const M& c, Encoder& out, const std::uint8_t* bytes) {
  c.encode(out);
  m.decode(bytes);
};

template <class M>
concept PackedModel = EncodedModel<M> && requires(M& m, const M& c, const std::uint8_t* bytes) {
  { c.packed() } -> std::same_as<std::span<const std::uint8_t>>;
  { c.packed_hash() } -> std::same_as<std::uint64_t>;
  m.unpack(bytes);
  m.share(c);
  { c.memory() } -> std::same_as<std::uint64_t>;
};

template <class M>
concept Model = (PlainModel<M> || EncodedModel<M>)&&requires(M& m, const M& c, std::size_t i) {
  { c.initial_states() } -> std::convertible_to<std::size_t>;
  m.initial(i);
  { m.choices() } -> std::convertible_to<std::size_t>;
  m.take(i);
  { m.describe_choice(i) } -> std::convertible_to<std::string>;
  { m.check() } -> std::same_as<std::optional<Finding>>;
  { m.broken() } -> std::same_as<std::optional<Finding>>;
  { c.ended() } -> std::convertible_to<bool>;
  { c.who_waits() } -> std::convertible_to<std::string>;
  { c.actor_of(i) } -> std::convertible_to<std::uint32_t>;
};

/// `label()`: what whoever reads the graph wants to know of a state. A model that has one is not asked what is
/// unfinished, nor for livelocks.
template <class M>
concept Labels = requires(const M& m) {
  { m.label() } -> std::convertible_to<std::uint64_t>;
};
template <class M>
concept TellsUnfinished = requires(const M& m) {
  { m.unfinished() } -> std::convertible_to<std::uint64_t>;
};
/// What is kept of a state in the graph: its label, or a bit for each operation that is unfinished.
template <class M>
requires(Labels<M> || TellsUnfinished<M>) std::uint64_t label_of(const M& model) {
  if constexpr (Labels<M>)
    return model.label();
  else
    return model.unfinished();
}

/// Symmetry: `images()` permutations, of which the 0th changes nothing; of two states of one orbit, one is explored.
/// The permutations must form a group that maps initial states to initial states and steps to steps.
template <class M>
concept Symmetric = requires(const M& m, std::size_t i) {
  { m.images() } -> std::convertible_to<std::size_t>;
}
&&(
    requires(const M& m, std::size_t i, Encoder& out) { m.encode_image(i, out); } ||
    requires(const M& m, std::size_t i) {
      { m.image(i) } -> std::same_as<typename M::State>;
    });

/// The same of a packed model, which keeps to itself how: it replaces the present state by the least of its images, and
/// tells the size of the orbit.
template <class M>
concept PackedSymmetric = PackedModel<M> && requires(M& m) {
  { m.pack_least_image() } -> std::same_as<std::uint16_t>;
};

/// `is_retry(choice)`: the actor begins its operation again; `is_interference(choice)`: another round of what makes it
/// do so begins. For the bound on retries.
template <class M>
concept MarksRetries = requires(const M& m, std::size_t i) {
  { m.is_retry(i) } -> std::convertible_to<bool>;
  { m.is_interference(i) } -> std::convertible_to<bool>;
};

/// `is_failure(choice)`: a message is lost, a node crashes. Failures stop before progress is asked for, and no fairness
/// asks for one.
template <class M>
concept MarksFailures = requires(const M& m, std::size_t i) {
  { m.is_failure(i) } -> std::convertible_to<bool>;
};

/// `weight()`: of the choice just taken, in whatever the question counts (messages, say).
/// `is_reset(choice)`: the weights are summed anew from there.
template <class M>
concept Weighs = requires(const M& m, std::size_t i) {
  { m.weight() } -> std::convertible_to<std::uint8_t>;
  { m.is_reset(i) } -> std::convertible_to<bool>;
};

}  // namespace pagetoken
