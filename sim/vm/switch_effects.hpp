#pragma once
// Which of a guard's switches had a part in what was found.

#include <functional>
#include <string_view>
#include <vector>

#include "sim/vm/program.hpp"

namespace pagetoken {

/// The paths that are run under a scheme.
using CompilePaths = std::function<std::vector<Program>(const GuardScheme&)>;
/// The switches in which `scheme` differs from `base`, and with each of which alone put back as it is there the same
/// paths come out and run the same: what was found says nothing about them.
std::vector<std::string_view> switches_without_effect(const GuardScheme& scheme, const GuardScheme& base,
                                                      const CompilePaths& compile);

}  // namespace pagetoken
