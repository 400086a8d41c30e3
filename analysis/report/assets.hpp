#pragma once
// Files that are spliced into every report, built into the program.

#include <string_view>

namespace pagetoken {

std::string_view chart_library();   ///< bundle/charts.js
std::string_view chart_licenses();  ///< bundle/LICENSES.txt

}  // namespace pagetoken
