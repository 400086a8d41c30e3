#pragma once
// The tokens a node holds, as its faults consult them: mode and REVOKING, by page or by range, and for sizes of files.
// Pins are kept by the tasks that hold them.

#include <algorithm>
#include <vector>

#include "protocols/api/declaration.hpp"
#include "protocols/api/ids.hpp"
#include "protocols/api/table.hpp"

namespace pagetoken {

struct Token {
  Mode mode = Mode::none;
  bool revoking = false;
  static constexpr auto fields() {
    return std::tuple{field("mode", &Token::mode), field("revoking", &Token::revoking)};
  }
  friend bool operator==(const Token&, const Token&) = default;
};

struct TokenRange {
  Range range{};
  Token token{};
  static constexpr auto fields() {
    return std::tuple{field("range", &TokenRange::range), field("token", &TokenRange::token)};
  }
};

class TokenTable {
  template <class List>
  static auto first_ending_after(List& ranges, PageIndex page) {
    return std::lower_bound(ranges.begin(), ranges.end(), page,
                            [](const TokenRange& r, PageIndex p) { return r.range.end <= p; });
  }

 public:
  /// `ranged`: tokens of files are ranges; otherwise each page has one of its own.
  explicit TokenTable(bool ranged = false) : ranged_(ranged) {}

  Token page(FileId file, PageIndex page) const {
    if (ranged_) return in_ranges(file, page);
    const Token* token = single_.find(page_resource(file, page).key());
    return token ? *token : Token{};
  }
  Token size(FileId file) const {
    const Token* token = single_.find(size_resource(file).key());
    return token ? *token : Token{};
  }
  /// The weakest token over the range; a token being revoked counts as none.
  Mode usable(FileId file, Range range) const {
    if (ranged_ || range.end - range.begin != 1) return usable_over(file, range);
    const Token token = page(file, range.begin);
    return token.revoking ? Mode::none : token.mode;
  }

  /// Sets the mode over the range and clears REVOKING there.
  void set(const Resource& resource, Range range, Mode mode);
  /// Leaves at most `mode` of what is held over the range, and clears REVOKING there. Throws ProtocolError where that
  /// would make a token of what is not held: of a page or size held in a weaker mode, of a range of which nothing is
  /// held.
  void weaken(const Resource& resource, Range range, Mode mode);
  void mark_revoking(const Resource& resource, Range range);
  bool any_revoking(const Resource& resource, Range range) const;

  /// The first page in the range for which anything is held, or range.end.
  PageIndex next_held(FileId file, Range range) const;

  /// Calls visit(Range, Token) for what is held of a file's pages within the range, cut to it, ascending.
  template <class Visitor>
  void for_each_range(FileId file, Range range, Visitor&& visit) const {
    if (range.empty()) return;
    if (ranged_) {
      const Ranges* ranges = ranged_tokens_.find(index_of(file));
      if (!ranges) return;
      for (auto it = first_ending_after(*ranges, range.begin); it != ranges->end() && it->range.begin < range.end; ++it)
        visit(intersection(it->range, range), it->token);
      return;
    }
    const std::uint64_t end = page_resource(file, std::min(range.end, kMaxPages)).key();
    for (std::uint64_t key = single_.next_key(page_resource(file, range.begin).key(), end); key != end;
         key = single_.next_key(key + 1, end))
      visit(one_page(Resource::from_key(key).page), *single_.find(key));
  }

  friend void encode(Encoder& out, const TokenTable& table) {
    out.put(table.single_);
    out.put(table.ranged_tokens_);
  }
  friend void decode(Decoder& in, TokenTable& table) {
    in.get(table.single_);
    in.get(table.ranged_tokens_);
  }

 private:
  using Ranges = std::vector<TokenRange>;  // ascending, disjoint, neighbours differ

  Mode usable_over(FileId file, Range range) const;
  Token in_ranges(FileId file, PageIndex page) const;
  /// Replaces what is held over the range.
  void assign(Ranges& ranges, Range range, Token token);

  bool ranged_;
  Table<Token> single_;          // pages (unless ranged) and sizes, by resource key
  Table<Ranges> ranged_tokens_;  // by file
};

}  // namespace pagetoken
