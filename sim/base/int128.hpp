#pragma once
// 128-bit integers: an extension that g++ and clang share, named once so that -Wpedantic speaks of nothing else.

namespace pagetoken {

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

}  // namespace pagetoken
