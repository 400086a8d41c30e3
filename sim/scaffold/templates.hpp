#pragma once
// configs/templates, built into the program. In texts, @NAME@ stands for the protocol's name, @CLASS@ and @SYMBOL@ for
// what C++ makes of it; a file NAME.x becomes one of that name.

#include <span>

#include "sim/config/embedded.hpp"

namespace pagetoken {

std::span<const EmbeddedFile> protocol_templates();

}  // namespace pagetoken
