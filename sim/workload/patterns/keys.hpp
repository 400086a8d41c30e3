#pragma once
// Keys that many patterns have, each with the meaning and the default that a pattern gives it.

#include <string_view>
#include <vector>

#include "sim/workload/spec.hpp"

namespace pagetoken {

using Keys = std::vector<KeyInfo>;

constexpr double kMaxBytes = 0x1p40;  // a tebibyte in one access is a mistake
constexpr double kMaxNs = 1e15;       // eleven days

/// A key of one pattern alone, kept in WorkloadSpec::own at that index.
constexpr KeyInfo own_key(std::uint8_t index, KeyType type, std::string_view key, double fallback, double min,
                          double max, std::string_view description) {
  return {key, OwnKey{index, type}, fallback, min, max, description};
}

KeyInfo pages_key(double fallback, std::string_view description);
KeyInfo write_fraction_key(double fallback);
/// The length of an access, from the start of its page.
KeyInfo access_bytes_key();
/// The length of an access, wherever it begins.
KeyInfo record_bytes_key();
KeyInfo via_key(Via fallback);
KeyInfo think_key();
KeyInfo file_bytes_key();
KeyInfo serial_key();
KeyInfo threads_key();

inline constexpr std::string_view kPagesOfFile = "pages of each file";
inline constexpr std::string_view kPagesOfSegment = "pages of each client's segment in each file";

/// `first`, what every pattern but `mixed` has, and `last`.
Keys with_common_keys(Keys first, Via via, Keys last);

}  // namespace pagetoken
