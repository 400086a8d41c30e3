#include "sim/vm/token_table.hpp"

#include <algorithm>

#include "protocols/api/require.hpp"

namespace pagetoken {

Token TokenTable::in_ranges(FileId file, PageIndex page) const {
  const Ranges* ranges = ranged_tokens_.find(index_of(file));
  if (!ranges) return {};
  const auto it = first_ending_after(*ranges, page);
  return it != ranges->end() && it->range.contains(page) ? it->token : Token{};
}

Mode TokenTable::usable_over(FileId file, Range range) const {
  Mode weakest = Mode::exclusive;
  if (!ranged_) {
    for (PageIndex p = range.begin; p < range.end && weakest != Mode::none; ++p) {
      const Token token = page(file, p);
      weakest = std::min(weakest, token.revoking ? Mode::none : token.mode);
    }
    return weakest;
  }
  const Ranges* ranges = ranged_tokens_.find(index_of(file));
  if (!ranges) return Mode::none;
  PageIndex reached = range.begin;
  for (auto it = first_ending_after(*ranges, range.begin); it != ranges->end() && reached < range.end; ++it) {
    if (it->range.begin > reached) return Mode::none;
    weakest = std::min(weakest, it->token.revoking ? Mode::none : it->token.mode);
    reached = it->range.end;
  }
  return reached >= range.end ? weakest : Mode::none;
}

PageIndex TokenTable::next_held(FileId file, Range range) const {
  if (range.empty()) return range.end;
  if (!ranged_) {
    const std::uint64_t end = page_resource(file, std::min(range.end, kMaxPages)).key();
    const std::uint64_t key = single_.next_key(page_resource(file, range.begin).key(), end);
    return key == end ? range.end : Resource::from_key(key).page;
  }
  const Ranges* ranges = ranged_tokens_.find(index_of(file));
  if (!ranges) return range.end;
  const auto it = first_ending_after(*ranges, range.begin);
  return it == ranges->end() ? range.end : std::min(range.end, std::max(range.begin, it->range.begin));
}

void TokenTable::assign(Ranges& ranges, Range range, Token token) {
  if (range.empty()) return;
  auto it = first_ending_after(ranges, range.begin);
  if (it != ranges.end() && it->range.begin < range.begin) {  // split what straddles the front
    const TokenRange front{{it->range.begin, range.begin}, it->token};
    it->range.begin = range.begin;
    it = ranges.insert(it, front) + 1;
  }
  auto last = it;
  while (last != ranges.end() && last->range.end <= range.end) ++last;
  if (last != ranges.end() && last->range.begin < range.end) last->range.begin = range.end;
  it = ranges.erase(it, last);
  if (token.mode == Mode::none) return;
  it = ranges.insert(it, TokenRange{range, token});
  const auto next = it + 1;
  if (next != ranges.end() && next->range.begin == it->range.end && next->token == it->token) {
    it->range.end = next->range.end;
    it = ranges.erase(next) - 1;
  }
  if (it != ranges.begin() && (it - 1)->range.end == it->range.begin && (it - 1)->token == it->token) {
    (it - 1)->range.end = it->range.end;
    ranges.erase(it);
  }
}

void TokenTable::set(const Resource& resource, Range range, Mode mode) {
  if (resource.kind == ResourceKind::file) {
    Ranges& ranges = ranged_tokens_[index_of(resource.file)];
    assign(ranges, range, {mode, false});
    if (ranges.empty()) ranged_tokens_.erase(index_of(resource.file));
  } else if (mode == Mode::none) {
    single_.erase(resource.key());
  } else {
    single_[resource.key()] = {mode, false};
  }
}

void TokenTable::weaken(const Resource& resource, Range range, Mode mode) {
  constexpr const char* kMakesOne = "a yield keeps a token that is not held";
  if (mode == Mode::none) return set(resource, range, mode);
  if (resource.kind != ResourceKind::file) {
    const Token* held = single_.find(resource.key());
    require(held && satisfies(held->mode, mode), kMakesOne);
    return set(resource, range, mode);
  }
  Ranges kept;
  for_each_range(resource.file, range, [&](Range held, Token token) {
    kept.push_back({held, {std::min(token.mode, mode), false}});
  });
  require(!kept.empty(), kMakesOne);
  for (const TokenRange& k : kept) assign(ranged_tokens_[index_of(resource.file)], k.range, k.token);
}

void TokenTable::mark_revoking(const Resource& resource, Range range) {
  if (resource.kind != ResourceKind::file) {
    single_[resource.key()].revoking = true;  // of none, too: whoever asks meanwhile waits
    return;
  }
  Ranges marked;
  for_each_range(resource.file, range, [&](Range held, Token token) { marked.push_back({held, {token.mode, true}}); });
  for (const TokenRange& m : marked) assign(ranged_tokens_[index_of(resource.file)], m.range, m.token);
}

bool TokenTable::any_revoking(const Resource& resource, Range range) const {
  if (resource.kind != ResourceKind::file) {
    const Token* token = single_.find(resource.key());
    return token && token->revoking;
  }
  bool any = false;
  for_each_range(resource.file, range, [&](Range, Token token) { any |= token.revoking; });
  return any;
}

}  // namespace pagetoken
