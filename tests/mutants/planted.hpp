#pragma once
// What stands at the top of each copy of a source into which tests/mutants/CMakeLists.txt has planted bugs.

/// The row of the bug that is in force; -1: none. Each program of this folder defines it.
extern "C" int pagetoken_planted;

namespace pagetoken {
inline bool planted(int row) { return pagetoken_planted == row; }
}  // namespace pagetoken
