#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/cli/commands.hpp"

namespace pagetoken {

/// Prints whether the trace is right, or the first step that its protocol would not have taken; or as JSON into the
/// file `json`, "" being the standard output.
/// Throws ConfigError for a trace that is none.
ExitCode validate_trace(const std::string& path, const std::vector<std::string>& plugins,
                        const std::optional<std::string>& json);

}  // namespace pagetoken
