#pragma once

#include <cstdint>

namespace pagetoken {

/// The most memory that this process has had so far.
std::uint64_t peak_rss_bytes();

}  // namespace pagetoken
