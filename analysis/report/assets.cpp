#include "analysis/report/assets.hpp"

#include "analysis/picture/asset.hpp"

namespace pagetoken {

namespace {
PAGETOKEN_ASSET(library, "charts.js")
PAGETOKEN_ASSET(licenses, "LICENSES.txt")
}  // namespace

std::string_view chart_library() { return library(); }
std::string_view chart_licenses() { return licenses(); }

}  // namespace pagetoken
