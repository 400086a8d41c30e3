#pragma once
// The picture of one fault.

#include <string>

#include "analysis/report/document.hpp"

namespace pagetoken {

/// A figure: a column a node, an arrow a message, a bar a wait; `folded` hides it until it is opened. `number` makes
/// its id.
std::string sequence_html(const FaultSequence& sequence, std::size_t number, bool folded);

}  // namespace pagetoken
