#pragma once
// The elementary events that operations are sorted into (docs/protocols.md, "Elementary events").

#include <array>
#include <cstdint>
#include <string_view>

namespace pagetoken {

enum class ElementaryEvent : std::uint8_t {
  none,  ///< a hit, or the size of a file
  rmiss_clean,
  rmiss_dirty,
  wmiss_none,
  wmiss_excl,
  wmiss_shared,
  upgrade,
  evict,
  release,
  writeback,
  truncate,
  extend,
  renew
};
inline constexpr std::size_t kElementaryEvents = 13;
inline constexpr std::array<std::string_view, kElementaryEvents> kElementaryEventNames{
    "none",  "RMISS_CLEAN", "RMISS_DIRTY", "WMISS_NONE", "WMISS_EXCL", "WMISS_SHARED", "UPGRADE",
    "EVICT", "RELEASE",     "WRITEBACK",   "TRUNCATE",   "EXTEND",     "RENEW"};

}  // namespace pagetoken
