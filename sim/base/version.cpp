#include "sim/base/version.hpp"

namespace pagetoken {

const std::string_view kVersion = PAGETOKEN_VERSION;

}  // namespace pagetoken
