#pragma once
// Who takes pages from whom, and whether they had to: each page's users, what bytes of it they touch, its handoffs.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "analysis/trace/parts.hpp"
#include "sim/base/histogram.hpp"

namespace pagetoken {

/// Bytes of a page that one node reads, or writes.
struct Touched {
  std::uint64_t count = 0;
  std::uint64_t cells = 0;  ///< which 64ths of the page
  std::uint64_t begin = 0;  ///< between which bytes; meaningful if count > 0
  std::uint64_t end = 0;
  void add(std::uint64_t times, std::uint64_t new_cells, std::uint64_t new_begin, std::uint64_t new_end);
};

struct PageUser {
  std::uint32_t node = 0;
  Touched reads{};
  Touched writes{};
  std::uint32_t run_reads = 0;  ///< since it got the token
  std::uint32_t run_writes = 0;
};

/// How a page, or a file whose tokens are ranges, is shared.
enum class Sharing : std::uint8_t { none, reading, true_sharing, false_sharing };
inline constexpr std::array<std::string_view, 4> kSharingNames{"private", "read", "true", "false"};

struct PageRecord {
  static constexpr std::size_t kMaxUsers = 64;
  std::uint32_t file = 0;
  std::uint64_t page = 0;
  bool is_file = false;        ///< stands for the whole file
  std::uint64_t faults = 0;    ///< operations that waited for its token
  std::int64_t waited_ns = 0;  ///< their latencies
  std::int64_t worst_ns = 0;
  std::uint64_t handoffs = 0;  ///< times an operation of another node took its token, or part of it
  std::uint64_t returns = 0;   ///< of these, those back to the node from which it had been taken before
  std::uint32_t grants = 0;
  std::uint64_t messages = 0;
  std::uint32_t taken_from = kNobody;  ///< in the last handoff
  std::uint32_t taken_by = kNobody;
  std::uint64_t runs = 0;       ///< accesses between handoffs: how many such runs
  std::uint64_t run_reads = 0;  ///< and their sum
  std::uint64_t run_writes = 0;
  std::uint64_t untold_users = 0;  ///< accesses of users beyond kMaxUsers
  std::vector<PageUser> users;
};

/// What is said of a page at the end.
struct SharingVerdict {
  Sharing sharing = Sharing::none;
  std::uint64_t granularity_bytes = 0;  ///< of false sharing: the largest power of two that would end it
  bool ping_pong = false;               ///< mostly back and forth between two nodes
};

struct Migration {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint64_t count = 0;
};

class SharingTable {
 public:
  explicit SharingTable(std::uint64_t page_bytes) : page_bytes_(page_bytes) {}
  static constexpr std::uint64_t kWholeFile = (std::uint64_t{1} << 40) - 1;
  static constexpr std::size_t kMaxPages = 1u << 18;  ///< pages beyond are only counted
  static constexpr std::size_t kMaxMigrations = 1u << 18;

  /// The record of a page, or of a file (kWholeFile); null where there are too many.
  PageRecord* find(std::uint32_t file, std::uint64_t page);
  /// Accesses of one node to one page.
  void touch(std::uint32_t file, std::uint64_t page, std::uint32_t node, bool is_write, std::uint64_t times,
             std::uint64_t cells, std::uint64_t begin, std::uint64_t end);
  void touch_bytes(std::uint32_t file, std::uint64_t page, std::uint32_t node, bool is_write, std::uint64_t begin,
                   std::uint64_t end);
  /// `from` gives up its token, or part of it, because of an operation of `to` (kNobody if not known).
  void handoff(std::uint32_t file, std::uint64_t page, std::uint32_t from, std::uint32_t to);
  void ranged() { ranged_ = true; }  ///< tokens are ranges of files: files have records of their own

  const std::vector<PageRecord>& pages() const { return pages_; }
  std::uint64_t pages_beyond() const { return pages_beyond_; }
  SharingVerdict verdict(const PageRecord& record) const;
  std::vector<Migration> migrations() const;  ///< most first
  const Histogram& read_runs() const { return read_runs_; }
  const Histogram& write_runs() const { return write_runs_; }

 private:
  PageUser* user(PageRecord& record, std::uint32_t node);
  void end_run(PageRecord& record, std::uint32_t node);
  SharingVerdict verdict_of_file(const PageRecord& record) const;

  std::uint64_t page_bytes_;
  bool ranged_ = false;
  absl::flat_hash_map<std::uint64_t, std::uint32_t> index_;
  std::vector<PageRecord> pages_;
  std::uint64_t pages_beyond_ = 0;
  absl::flat_hash_map<std::uint64_t, std::uint64_t> migrations_;
  Histogram read_runs_;
  Histogram write_runs_;
};

}  // namespace pagetoken
