#pragma once
// Tables for a terminal.

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace pagetoken {

/// A line for each row, without a newline: two blanks before each cell, cells padded to the widest of their column,
/// those of the columns `right` to the left. Rows have as many cells as the first.
std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows,
                                 std::initializer_list<std::size_t> right = {});

}  // namespace pagetoken
