#pragma once
// SimGrid's own network model, whose class its version 3.32 keeps to itself: declared again as far as it is called, for
// that version only. What is declared here has to have the same virtual functions in the same order.

#include <string>
#include <vector>

#include <simgrid/kernel/resource/Model.hpp>
#include <simgrid/kernel/resource/NetworkModelIntf.hpp>
#include <simgrid/s4u/Host.hpp>
#include <simgrid/version.h>

#define PAGETOKEN_SIMGRID_KERNEL (SIMGRID_VERSION_MAJOR == 3 && SIMGRID_VERSION_MINOR == 32)

#if PAGETOKEN_SIMGRID_KERNEL
namespace simgrid::kernel::resource {

class StandardLinkImpl;

class NetworkModel : public Model, public NetworkModelIntf {
 public:
  virtual StandardLinkImpl* create_link(const std::string& name, const std::vector<double>& bandwidths) = 0;
  virtual StandardLinkImpl* create_wifi_link(const std::string& name, const std::vector<double>& bandwidths) = 0;
  /// Begins a flow; the caller has a reference to the action and must drop it once the action has ended.
  virtual Action* communicate(s4u::Host* from, s4u::Host* to, double bytes, double rate) = 0;
};

}  // namespace simgrid::kernel::resource
#endif
