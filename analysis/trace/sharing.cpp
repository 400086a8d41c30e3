#include "analysis/trace/sharing.hpp"

#include <algorithm>
#include <tuple>

namespace pagetoken {

namespace {
constexpr std::uint64_t key_of(std::uint32_t file, std::uint64_t page) { return std::uint64_t{file} << 40 | page; }

std::uint64_t cells_of(std::uint64_t begin, std::uint64_t end, std::uint64_t page_bytes) {
  const std::uint64_t first = std::min<std::uint64_t>(begin * 64 / page_bytes, 63);
  const std::uint64_t last = std::min<std::uint64_t>((end - 1) * 64 / page_bytes, 63);
  return (~std::uint64_t{0} << first) & (~std::uint64_t{0} >> (63 - last));
}

/// What two nodes touch of a page, one of them writing, is disjoint in blocks of `granularity` bytes.
bool apart(const Touched& a, const Touched& b, std::uint64_t granularity, std::uint64_t page_bytes) {
  if (a.count == 0 || b.count == 0) return true;
  if ((a.end - 1) / granularity < b.begin / granularity || (b.end - 1) / granularity < a.begin / granularity)
    return true;
  const std::uint64_t cell = std::max<std::uint64_t>(1, page_bytes / 64);
  if (granularity < cell) return false;  // the cells do not tell
  const std::uint64_t per_block = granularity / cell;
  for (std::uint64_t first = 0; first < 64; first += per_block) {
    const std::uint64_t block = per_block >= 64 ? ~std::uint64_t{0} : ((std::uint64_t{1} << per_block) - 1) << first;
    if ((a.cells & block) != 0 && (b.cells & block) != 0) return false;
  }
  return true;
}

bool all_apart(const std::vector<PageUser>& users, std::uint64_t granularity, std::uint64_t page_bytes) {
  for (std::size_t i = 0; i < users.size(); ++i)
    for (std::size_t j = i + 1; j < users.size(); ++j) {
      const PageUser& a = users[i];
      const PageUser& b = users[j];
      if (!apart(a.writes, b.writes, granularity, page_bytes) || !apart(a.writes, b.reads, granularity, page_bytes) ||
          !apart(a.reads, b.writes, granularity, page_bytes))
        return false;
    }
  return true;
}
}  // namespace

void Touched::add(std::uint64_t times, std::uint64_t new_cells, std::uint64_t new_begin, std::uint64_t new_end) {
  begin = count == 0 ? new_begin : std::min(begin, new_begin);
  end = count == 0 ? new_end : std::max(end, new_end);
  count += times;
  cells |= new_cells;
}

PageRecord* SharingTable::find(std::uint32_t file, std::uint64_t page) {
  const std::uint64_t key = key_of(file, page);
  const auto found = index_.find(key);
  if (found != index_.end()) return &pages_[found->second];
  if (pages_.size() >= kMaxPages) {
    ++pages_beyond_;
    return nullptr;
  }
  index_.emplace(key, static_cast<std::uint32_t>(pages_.size()));
  PageRecord& record = pages_.emplace_back();
  record.file = file;
  record.page = page == kWholeFile ? 0 : page;
  record.is_file = page == kWholeFile;
  return &record;
}

PageUser* SharingTable::user(PageRecord& record, std::uint32_t node) {
  for (PageUser& user : record.users)
    if (user.node == node) return &user;
  if (record.users.size() >= PageRecord::kMaxUsers) {
    ++record.untold_users;
    return nullptr;
  }
  record.users.push_back({.node = node});
  return &record.users.back();
}

void SharingTable::touch(std::uint32_t file, std::uint64_t page, std::uint32_t node, bool is_write, std::uint64_t times,
                         std::uint64_t cells, std::uint64_t begin, std::uint64_t end) {
  if (times == 0) return;
  const auto note = [&](PageRecord* record) {
    PageUser* u = record ? user(*record, node) : nullptr;
    if (!u) return;
    (is_write ? u->writes : u->reads).add(times, cells, begin, end);
    (is_write ? u->run_writes : u->run_reads) += static_cast<std::uint32_t>(times);
  };
  note(find(file, page));
  if (ranged_) note(find(file, kWholeFile));
}

void SharingTable::touch_bytes(std::uint32_t file, std::uint64_t page, std::uint32_t node, bool is_write,
                               std::uint64_t begin, std::uint64_t end) {
  end = std::clamp<std::uint64_t>(end, 1, page_bytes_);
  begin = std::min(begin, end - 1);
  touch(file, page, node, is_write, 1, cells_of(begin, end, page_bytes_), begin, end);
}

void SharingTable::end_run(PageRecord& record, std::uint32_t node) {
  PageUser* u = user(record, node);
  if (!u || u->run_reads + u->run_writes == 0) return;
  ++record.runs;
  record.run_reads += u->run_reads;
  record.run_writes += u->run_writes;
  if (u->run_writes > 0)
    write_runs_.add(u->run_writes);
  else
    read_runs_.add(u->run_reads);
  u->run_reads = u->run_writes = 0;
}

void SharingTable::handoff(std::uint32_t file, std::uint64_t page, std::uint32_t from, std::uint32_t to) {
  PageRecord* record = find(file, page);
  if (record) end_run(*record, from);
  if (to == kNobody || to == from) return;
  if (record) {
    ++record->handoffs;
    if (record->taken_by == from && record->taken_from == to) ++record->returns;
    record->taken_from = from;
    record->taken_by = to;
  }
  const std::uint64_t key = std::uint64_t{from} << 32 | to;
  const auto found = migrations_.find(key);
  if (found != migrations_.end())
    ++found->second;
  else if (migrations_.size() < kMaxMigrations)
    migrations_.emplace(key, 1);
}

SharingVerdict SharingTable::verdict(const PageRecord& record) const {
  SharingVerdict v;
  v.ping_pong = record.handoffs >= 4 && 2 * record.returns >= record.handoffs;
  if (record.users.size() < 2) return v;
  const bool written =
      std::any_of(record.users.begin(), record.users.end(), [](const PageUser& user) { return user.writes.count > 0; });
  if (!written) {
    v.sharing = Sharing::reading;
    return v;
  }
  if (record.is_file) {
    const SharingVerdict of_file = verdict_of_file(record);
    v.sharing = of_file.sharing;
    v.granularity_bytes = of_file.granularity_bytes;
    return v;
  }
  v.sharing = Sharing::true_sharing;
  if (record.untold_users > 0) return v;
  for (std::uint64_t granularity = page_bytes_ / 2; granularity > 0; granularity /= 2) {
    if (!all_apart(record.users, granularity, page_bytes_)) continue;
    v.sharing = Sharing::false_sharing;
    v.granularity_bytes = granularity;
    break;
  }
  return v;
}

/// A file under one token is shared falsely if no page of it is shared at all but for reading.
SharingVerdict SharingTable::verdict_of_file(const PageRecord& record) const {
  SharingVerdict v{.sharing = Sharing::false_sharing, .granularity_bytes = page_bytes_};
  for (const PageRecord& page : pages_) {
    if (page.file != record.file || page.is_file) continue;
    const SharingVerdict of_page = verdict(page);
    if (of_page.sharing == Sharing::true_sharing) return {.sharing = Sharing::true_sharing};
    if (of_page.sharing == Sharing::false_sharing)
      v.granularity_bytes = std::min(v.granularity_bytes, of_page.granularity_bytes);
  }
  if (pages_beyond_ > 0) return {.sharing = Sharing::true_sharing};
  return v;
}

std::vector<Migration> SharingTable::migrations() const {
  std::vector<Migration> all;
  for (const auto& [key, count] : migrations_)
    all.push_back({static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key), count});
  std::sort(all.begin(), all.end(), [](const Migration& a, const Migration& b) {
    return std::tuple(b.count, a.from, a.to) < std::tuple(a.count, b.from, b.to);
  });
  return all;
}

}  // namespace pagetoken
