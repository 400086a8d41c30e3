#include "sim/base/time.hpp"

#include <array>
#include <string_view>

#include "sim/base/text.hpp"

namespace pagetoken {

std::string format_duration(std::int64_t ns) {
  static constexpr std::array<std::string_view, 4> kUnits{"ns", "us", "ms", "s"};
  return format_scaled(static_cast<double>(ns), 1000, kUnits);
}

}  // namespace pagetoken
