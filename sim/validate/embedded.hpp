#pragma once
// configs/validation, built into the program.

#include <span>

#include "sim/config/embedded.hpp"

namespace pagetoken {

/// By name.
std::span<const EmbeddedFile> embedded_validation();

}  // namespace pagetoken
