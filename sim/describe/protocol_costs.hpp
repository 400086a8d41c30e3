#pragma once
// What a protocol costs by elementary event: certified by exploration, and the mean of a simulated run beside it.

#include "sim/describe/entries.hpp"
#include "sim/run/protocol_set.hpp"

namespace pagetoken {

/// Adds "costs", a row an event, and "costs_of", what was explored and run. Takes up to a few seconds.
void tell_costs(OrderedJson& json, const Factory& factory, const ProtocolSet& protocols);

}  // namespace pagetoken
