#pragma once
// A timeline that only sends what it is told to, and notes what arrives when.

#include <map>
#include <utility>
#include <vector>

#include "sim/engine/carrier.hpp"

namespace pagetoken {

/// Messages that are sent at given times; notes when each arrives.
class Script final : public Timeline {
 public:
  struct Sending {
    std::int64_t time_ns;
    std::uint32_t from, to;
    std::uint64_t bytes;
    enum { message, read, write } kind = message;  ///< of the disk of `to`
  };
  Script(Carrier& carrier, std::vector<Sending> sendings) : carrier_(carrier), sendings_(std::move(sendings)) {
    carrier_.run(*this);
  }

  std::int64_t next_ns() const override { return next_ < sendings_.size() ? sendings_[next_].time_ns : kNever; }
  void advance(std::int64_t now_ns) override {
    for (; next_ < sendings_.size() && sendings_[next_].time_ns <= now_ns; ++next_) {
      const Sending& s = sendings_[next_];
      const auto transfer = static_cast<std::uint32_t>(next_);
      if (s.kind == Sending::message)
        carrier_.send(transfer, NodeId{s.from}, NodeId{s.to}, s.bytes);
      else
        carrier_.access_disk(transfer, NodeId{s.to}, s.kind == Sending::write, s.bytes);
    }
  }
  void ended(std::uint32_t transfer, std::int64_t time_ns) override { arrived[transfer] = time_ns; }
  bool over() const override { return arrived.size() == sendings_.size(); }

  std::map<std::uint32_t, std::int64_t> arrived;

 private:
  Carrier& carrier_;
  std::vector<Sending> sendings_;
  std::size_t next_ = 0;
};

}  // namespace pagetoken
