// A protocol that does not compile: the handler that MISSPELT names has another name than the contract's, or other
// arguments. What the compiler says is held against what the author needs to read.

#include "protocols/api/machine.hpp"

namespace {

using namespace pagetoken;

struct Whole {
  struct Local {
    static constexpr auto fields() { return std::tuple{}; }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };
  explicit Whole(const Setup&) {}
  static const Declaration& declaration() {
    static const Declaration whole;
    return whole;
  }
  void on_need(Local&, const Need&, Context&) const {}
  void on_message(Local&, NodeId, const Message&, Context&) const {}
  void on_home_message(Home&, NodeId, const Message&, Context&) const {}
#if MISSPELT == 1
  void on_yield(Local&, Range, Context&) const {}
#elif MISSPELT == 2
  void on_yielded(Local&, Context&) const {}
#else
  void on_yielded(Local&, Range, Context&) const {}
#endif
  void on_release(Local&, Range, Context&) const {}
  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
#if MISSPELT == 3
  void on_home_pear(Home&, NodeId, PeerChange, Epoch, Context&) const {}
#else
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
#endif
};

}  // namespace

PAGETOKEN_PROTOCOL(whole, Whole)
