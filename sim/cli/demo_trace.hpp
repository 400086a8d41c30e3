#pragma once
// The recorded workload that is built into the program, so that the demo works from any directory.

#include <string_view>

namespace pagetoken {

inline constexpr std::string_view kDemoTraceName = "pg15_tpcb_c8.csv.gz";

/// The bytes of configs/workloads/pg15_tpcb_c8.csv.gz.
std::string_view demo_trace();

}  // namespace pagetoken
