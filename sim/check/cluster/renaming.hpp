#pragma once
// Other names for numbered things: nodes, pages.

#include <cstdint>
#include <string>
#include <vector>

namespace pagetoken {

/// n becomes to[n].
using Renaming = std::vector<std::uint32_t>;

Renaming identity(std::uint32_t count);
Renaming exchange(std::uint32_t count, std::uint32_t a, std::uint32_t b);

/// All renamings that keep each class, named for each member by its first one, to itself; the identity comes first.
std::vector<Renaming> group_of(const std::vector<std::uint32_t>& class_of);
/// "clients 0, 1, 2" for each class of more than one, or nothing.
std::string members_text(const std::string& noun, const std::vector<std::uint32_t>& class_of);

}  // namespace pagetoken
