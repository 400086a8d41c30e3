// The token manager of gpfs-range, which looks again only at requests that may have come to their turn, against one
// that tries all that wait each time: the same are served, in the same order, with the same answers. And the work of
// it.

#include <algorithm>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "protocols/gpfs-range/manager.hpp"
#include "sim/base/random.hpp"

namespace pagetoken::gpfs_range {
namespace {

/// What the manager answers: a grant of `wide`, or who is in the way.
struct Answer {
  NodeId requester = kNoNode;
  Mode mode = Mode::none;
  Range range{};
  Range wide{};
  RangeList holders{};
  friend bool operator==(const Answer&, const Answer&) = default;
};
using Answers = std::vector<Answer>;

class PlainManager {
 public:
  Answers arrive(const Deferred& request) {
    answers_.clear();
    queue_.push_back(request);
    if (serve(queue_.size() - 1)) queue_.pop_back();
    return answers_;
  }
  Answers done(const Deferred& request, const RangeList& given_up) {
    answers_.clear();
    for (const RangeMode& given : given_up) {
      tokens_[index_of(given.holder)].lower(given.range, given.mode, kept(request.mode, given.mode));
      if (tokens_[index_of(given.holder)].empty()) tokens_.erase(index_of(given.holder));
      asked_.remove(given.holder);
    }
    std::erase_if(resolving_, [&](const Deferred& r) {
      return r.requester == request.requester && r.mode == request.mode && r.range == request.range;
    });
    grant(request);
    wanted_.clear();
    for (std::size_t i = 0; i < queue_.size();) {
      if (serve(i))
        queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
      else
        ++i;
    }
    return answers_;
  }
  const PageRuns* of(NodeId node) const { return tokens_.find(index_of(node)); }
  const std::vector<Deferred>& resolving() const { return resolving_; }
  bool has(const Deferred& request) const {
    const auto same = [&](const Deferred& r) {
      return r.requester == request.requester && r.mode == request.mode && r.range == request.range;
    };
    return std::any_of(queue_.begin(), queue_.end(), same) || std::any_of(resolving_.begin(), resolving_.end(), same);
  }

 private:
  static bool conflicts(const Deferred& request, const Deferred& other) {
    return other.requester != request.requester && other.range.overlaps(request.range) &&
           !compatible(other.mode, request.mode);
  }
  bool serve(std::size_t position) {
    const Deferred request = queue_[position];
    if (asked_.contains(request.requester)) return false;
    for (const Deferred& other : resolving_)
      if (conflicts(request, other)) return false;
    for (std::size_t i = 0; i < position; ++i)
      if (conflicts(request, queue_[i])) return false;
    RangeList holders;
    tokens_.for_each([&](std::uint64_t node, const PageRuns& runs) {
      const NodeId holder{static_cast<std::uint32_t>(node)};
      if (holder == request.requester) return;
      runs.for_each(request.range, [&](const PageRun& run) {
        if (!compatible(run.mode, request.mode)) holders.push_back({run.range, run.mode, holder});
      });
    });
    bool waits = false;
    for (const RangeMode& held : holders) waits |= asked_.contains(held.holder) || wanted_.contains(held.holder);
    for (const RangeMode& held : holders) (waits ? wanted_ : asked_).add(held.holder);
    if (waits) return false;
    if (holders.empty()) {
      grant(request);
      return true;
    }
    resolving_.push_back(request);
    answers_.push_back({request.requester, request.mode, request.range, {}, holders});
    return true;
  }
  Range grantable(const Deferred& request) const {
    const PageRuns* own = of(request.requester);
    if (own && satisfies(own->weakest(request.range), request.mode)) return {};
    Range wide = tokens_.empty() ? whole_file() : request.desired;
    tokens_.for_each([&](std::uint64_t node, const PageRuns& runs) {
      const bool is_own = node == index_of(request.requester);
      runs.for_each(wide, [&](const PageRun& run) {
        if (is_own ? run.mode < request.mode : compatible(run.mode, request.mode)) return;
        wide = shrink(wide, request.range, run.range);
      });
    });
    return wide;
  }
  void grant(const Deferred& request) {
    Range wide = grantable(request);
    for (const std::vector<Deferred>* list : {&resolving_, &queue_})
      for (const Deferred& other : *list)
        if (!wide.empty() && other.requester != request.requester && !compatible(other.mode, request.mode))
          wide = shrink(wide, request.range, other.range);
    tokens_[index_of(request.requester)].strengthen(wide, request.mode);
    if (tokens_[index_of(request.requester)].empty()) tokens_.erase(index_of(request.requester));
    answers_.push_back({request.requester, request.mode, request.range, wide, {}});
  }

  Table<PageRuns> tokens_;
  std::vector<Deferred> resolving_;
  std::vector<Deferred> queue_;
  NodeSet asked_;
  NodeSet wanted_;
  Answers answers_;
};

/// Home as gpfs-range drives it.
class Manager {
 public:
  Answers arrive(const Deferred& request) {
    answers_.clear();
    serve(home_.arrived(request));
    return answers_;
  }
  Answers done(const Deferred& request, const RangeList& given_up) {
    answers_.clear();
    for (const RangeMode& given : given_up) {
      home_.holders.give_up(given, kept(request.mode, given.mode));
      home_.asked.remove(given.holder);
      home_.gave_way(given.holder, given.range);
    }
    EXPECT_TRUE(home_.resolved(request.requester, request.mode, request.range));
    grant(request);
    home_.begin_round();
    for (RequestNumber next = 0; (next = home_.next_due(next)) != 0;) serve(next);
    return answers_;
  }
  /// As an explorer does it.
  void write_and_read() {
    Encoder out;
    out.put(home_);
    Home read;
    Decoder in(out.bytes().data());
    in.get(read);
    home_ = read;
  }
  /// Requests that were looked at.
  std::uint64_t tried() const { return tried_; }
  std::uint64_t looks() const { return home_.looks(); }

 private:
  void serve(RequestNumber number) {
    ++tried_;
    RangeList holders;
    if (!home_.may_be_served(number, holders)) return;
    if (holders.empty()) return grant(home_.take(number));
    const Deferred request = home_.deny(number, holders);
    answers_.push_back({request.requester, request.mode, request.range, {}, holders});
  }
  void grant(const Deferred& request) {
    const Range wide = home_.grantable(request);
    home_.holders.add(request.requester, wide, request.mode);
    answers_.push_back({request.requester, request.mode, request.range, wide, {}});
  }

  Home home_;
  Answers answers_;
  std::uint64_t tried_ = 0;
};

struct Shape {
  std::uint32_t nodes = 6;
  PageIndex pages = 12;
  bool size = false;   ///< the size of a file: one range, and EXTEND
  bool reads = false;  ///< states are written and read on the way
};

class Play {
 public:
  Play(const Shape& shape, std::uint64_t seed) : shape_(shape), random_(seed, 0, 0, Purpose::test) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      if (shape_.reads && random_.below(4) == 0) ours_.write_and_read();
      if (random_.below(5) < 3)
        arrive();
      else if (!plain_.resolving().empty())
        end_one();
      if (testing::Test::HasFatalFailure()) return;
    }
    while (!plain_.resolving().empty() && !testing::Test::HasFatalFailure()) end_one();
  }
  std::size_t most_resolving() const { return most_resolving_; }

 private:
  Deferred draw_request() {
    Deferred request;
    request.requester = NodeId{static_cast<std::uint32_t>(random_.below(shape_.nodes))};
    const std::uint64_t mode = random_.below(shape_.size ? 3 : 2);
    request.mode = mode == 0 ? Mode::shared : mode == 1 ? Mode::exclusive : Mode::extend;
    const PageIndex begin = random_.below(shape_.pages);
    const std::uint64_t kind = random_.below(10);
    request.range = shape_.size ? whole_file()
                    : kind == 0 ? Range{begin, kToInfinity}
                                : Range{begin, begin + 1 + (kind == 1 ? random_.below(3) : 0)};
    request.desired = request.range;
    if (random_.below(3) == 0) request.desired.end = kToInfinity;
    return request;
  }
  void arrive() {
    const Deferred request = draw_request();
    if (plain_.has(request)) return;
    const Answers expected = plain_.arrive(request);
    ASSERT_EQ(ours_.arrive(request), expected);
    most_resolving_ = std::max(most_resolving_, plain_.resolving().size());
  }
  /// The holders give up what the request needs, and as much more as they like.
  void end_one() {
    const Deferred request = plain_.resolving()[random_.below(plain_.resolving().size())];
    Range offer = request.range;
    if (random_.below(3) == 0) offer.begin = random_.below(offer.begin + 1);
    if (random_.below(3) == 0) offer.end = kToInfinity;
    RangeList given;
    for (std::uint32_t n = 0; n < shape_.nodes; ++n) {
      const PageRuns* runs = plain_.of(NodeId{n});
      if (!runs || NodeId{n} == request.requester) continue;
      bool asked = false;
      runs->for_each(request.range, [&](const PageRun& run) { asked |= !compatible(run.mode, request.mode); });
      if (!asked) continue;
      runs->for_each(offer, [&](const PageRun& run) {
        if (!compatible(run.mode, request.mode)) given.push_back({intersection(run.range, offer), run.mode, NodeId{n}});
      });
    }
    const Answers expected = plain_.done(request, given);
    ASSERT_EQ(ours_.done(request, given), expected);
  }

  Shape shape_;
  RandomStream random_;
  PlainManager plain_;
  Manager ours_;
  std::size_t most_resolving_ = 0;
};

TEST(GpfsManager, ServesTheSameInTheSameOrderAsOneThatTriesAllEachTime) {
  std::size_t most = 0;
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    for (const bool reads : {false, true}) {
      for (const Shape& shape : {Shape{6, 12, false, reads}, Shape{12, 6, false, reads}, Shape{4, 40, false, reads},
                                 Shape{5, 1, true, reads}}) {
        Play play(shape, seed);
        play.run(300);
        most = std::max(most, play.most_resolving());
        if (testing::Test::HasFatalFailure())
          FAIL() << "seed " << seed << ", " << shape.nodes << " nodes, " << shape.pages << " pages";
      }
    }
  }
  EXPECT_GE(most, 4u);
}

/// Every node holds a page of its own, and asks for the next node's: all wait in a ring.
TEST(GpfsManager, ARoundLooksAtThoseWhoseTurnHasComeHoweverManyWait) {
  constexpr std::uint32_t kNodes = 2000;
  Manager manager;
  const auto request = [](std::uint32_t node, PageIndex page) {
    return Deferred{.mode = Mode::exclusive,
                    .requester = NodeId{node % kNodes},
                    .range = one_page(page % kNodes),
                    .desired = one_page(page % kNodes)};
  };
  // The first is given the whole file, and each of the others asks it.
  manager.arrive(request(0, 0));
  for (std::uint32_t n = 1; n < kNodes; ++n) {
    manager.arrive(request(n, n));
    manager.done(request(n, n), {{one_page(n), Mode::exclusive, NodeId{0}}});
  }
  std::uint64_t denied = 0;
  for (std::uint32_t n = 0; n < kNodes; ++n) denied += manager.arrive(request(n, n + 1)).size();
  ASSERT_GE(denied, 1u);
  const std::uint64_t tried = manager.tried();
  const std::uint64_t looks = manager.looks();
  // The ring is undone one by one: who was denied first has its answer, which lets another go.
  std::uint64_t done = 0;
  for (std::uint32_t n = 0; n < kNodes; n += 2) {
    manager.done(request(n, n + 1), {{one_page((n + 1) % kNodes), Mode::exclusive, NodeId{(n + 1) % kNodes}}});
    ++done;
  }
  EXPECT_LE(manager.tried() - tried, 4 * done);
  EXPECT_LE(manager.looks() - looks, 1000 * done);
}

/// All want one page.
TEST(GpfsManager, AHotPageCostsNoMoreForEachWhoWaits) {
  constexpr std::uint32_t kNodes = 2000;
  Manager manager;
  const auto request = [](std::uint32_t node) {
    return Deferred{.mode = Mode::exclusive, .requester = NodeId{node}, .range = one_page(0), .desired = one_page(0)};
  };
  for (std::uint32_t n = 0; n < kNodes; ++n) manager.arrive(request(n));
  const std::uint64_t tried = manager.tried();
  const std::uint64_t looks = manager.looks();
  for (std::uint32_t n = 1; n < kNodes; ++n) {
    const Answers answers =
        manager.done(request(n), {{n == 1 ? whole_file() : one_page(0), Mode::exclusive, NodeId{n - 1}}});
    ASSERT_EQ(answers.size(), n + 1 < kNodes ? 2u : 1u) << n;
    EXPECT_EQ(answers.front().requester, NodeId{n});
  }
  EXPECT_LE(manager.tried() - tried, 3 * kNodes);
  EXPECT_LE(manager.looks() - looks, 1000 * kNodes);
}

}  // namespace
}  // namespace pagetoken::gpfs_range
