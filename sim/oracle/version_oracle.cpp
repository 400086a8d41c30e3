#include "sim/oracle/version_oracle.hpp"

#include <algorithm>

namespace pagetoken {

void VersionOracle::forget(FileId file, Range range) {
  const std::uint64_t end = page_resource(file, std::min(range.end, kMaxPages)).key();
  std::uint64_t key = page_resource(file, range.begin).key();
  while ((key = records_.next_key(key, end)) != end) latest_[*records_.find(key++)] = {};
}

}  // namespace pagetoken
