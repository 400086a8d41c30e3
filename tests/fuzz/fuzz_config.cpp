// Any bytes, read as a run's configuration with changes from the command line behind a NUL, are a configuration that
// can be written out and read again as the same, or a ConfigError of one line.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "one_line.hpp"
#include "protocols/registry/registry.hpp"
#include "sim/config/overrides.hpp"
#include "sim/config/run_config.hpp"

namespace {

using namespace pagetoken;

const std::vector<const Declaration*>& declarations() {
  static const std::vector<const Declaration*> all = [] {
    std::vector<const Declaration*> list;
    for (const Factory* factory : built_in_protocols()) list.push_back(&factory->declaration());
    return list;
  }();
  return all;
}

RunConfig bind(std::string_view text) {
  std::size_t nul = text.find('\0');
  Json json = parse_json(text.substr(0, nul), "input");
  while (nul != std::string_view::npos) {
    text.remove_prefix(nul + 1);
    nul = text.find('\0');
    apply_assignment(json, text.substr(0, nul), "--set");
  }
  return bind_run_config(json, "input", declarations());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  RunConfig config;
  try {
    config = bind({reinterpret_cast<const char*>(data), size});
  } catch (const ConfigError& error) {
    require_one_line(error);
    return 0;
  }
  const Json written = effective(config);  // what it says must be accepted, and mean the same
  if (effective(bind_run_config(written, "input", declarations())) != written) std::abort();
  return 0;
}
