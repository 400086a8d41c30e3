#pragma once
// Judges a run as it goes: every read returns the last completed write in token order.

#include <cstdint>
#include <vector>

#include "protocols/api/ids.hpp"
#include "protocols/api/message.hpp"
#include "protocols/api/table.hpp"

namespace pagetoken {

/// The latest version of every page, in the order in which its writers held its token.
class VersionOracle {
 public:
  using Record = std::uint32_t;

  /// The page's record; holds for the life of the oracle.
  Record record(std::uint64_t page_key) {
    if (const Record* known = records_.find(page_key)) return *known;
    const auto made = static_cast<Record>(latest_.size());
    latest_.emplace_back();
    return records_[page_key] = made;
  }
  void wrote(Record record, Version version) { latest_[record] = version; }
  bool is_latest(Record record, Version version) const { return latest_[record] == version; }
  Version latest(Record record) const { return latest_[record]; }

  /// A truncate or punch: what is read there next is zeros.
  void forget(FileId file, Range range);

 private:
  Table<Record> records_;
  std::vector<Version> latest_;
};

}  // namespace pagetoken
