// A protocol that never answers, as a shared library. PLUGIN_NAME and PLUGIN_ABI make it one that the program must
// refuse, PLUGIN_REFUSES one that refuses every access of a page, and PLUGIN_THROWS one that throws: in its handler,
// and where term_ns is 9 before there is any. PLUGIN_ABORTS is for one that aborts when the program ends.

#include <stdexcept>

#include "protocols/api/machine.hpp"

#ifdef PLUGIN_ABORTS
#include <cstdlib>
const struct AtTheEnd {
  ~AtTheEnd() { std::abort(); }
} at_the_end;
#endif
#ifndef PLUGIN_THROWS
#define PLUGIN_THROWS false
#endif

namespace {

using namespace pagetoken;

struct Mute {
  struct Local {
    static constexpr auto fields() { return std::tuple{}; }
  };
  struct Home {
    static constexpr auto fields() { return std::tuple{}; }
  };
  explicit Mute(const Setup& setup) {
    if (PLUGIN_THROWS && setup.parameters.at(0) == 9) throw std::runtime_error("nine");
  }
  static const Declaration& declaration() {
    static const Declaration mute = [] {
      Declaration d;
      d.name = PLUGIN_NAME;
      d.summary = "Says nothing.";
      d.parameters = {{"term_ns", 5, 1, 9, "how long it is silent"}};
      return d;
    }();
    return mute;
  }
  void on_need(Local&, [[maybe_unused]] const Need& need, [[maybe_unused]] Context& context) const {
#ifdef PLUGIN_REFUSES
    if (context.resource().kind == ResourceKind::size) return context.grant(need.mode, Source::storage);
    context.refuse(need.required, 1);
#endif
    if (PLUGIN_THROWS) throw std::runtime_error("oops");
  }
  void on_message(Local&, NodeId, const Message&, Context&) const {}
  void on_home_message(Home&, NodeId, const Message&, Context&) const {}
  void on_yielded(Local&, Range, Context&) const {}
  void on_release(Local&, Range, Context&) const {}
  void on_timer(Local&, std::uint8_t, Context&) const {}
  void on_sync(Local&, SyncKind, Context&) const {}
  void on_local(Local&, std::uint8_t, Context&) const {}
  void on_peer(Local&, NodeId, PeerChange, Epoch, Context&) const {}
  void on_home_peer(Home&, NodeId, PeerChange, Epoch, Context&) const {}
};

}  // namespace

extern "C" const Factory* pagetoken_protocol() {
  static constexpr Factory factory = [] {
    Factory f = factory_of<Mute>();
    f.abi = PLUGIN_ABI;
    return f;
  }();
  return &factory;
}
