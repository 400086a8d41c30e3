#pragma once
// Models from the literature, with state counts that others have published.

#include <string>

#include "sim/json/json.hpp"

namespace pagetoken {

/// Explores the model that `what` names: {"name": "german", "clients": 3, "bug": "..."}, {"name": "internal-memory"},
/// {"name": "write-through-cache"}. {"states", "transitions", "depth": steps to the farthest state, "verdict", "steps":
/// of a violation}. Throws ConfigError.
Json explore_model(const Json& what, const std::string& file);

}  // namespace pagetoken
