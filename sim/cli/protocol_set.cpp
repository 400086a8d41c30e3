#include "sim/cli/protocol_set.hpp"

#include <dlfcn.h>

#include <fmt/format.h>

#include "protocols/registry/registry.hpp"
#include "sim/base/error.hpp"

namespace pagetoken {
namespace {

constexpr const char* kSymbol = "pagetoken_protocol";

const Factory* load_plugin(const std::string& path) {
  // A bare name would be looked for where the system keeps its libraries.
  const std::string file = path.find('/') == path.npos ? "./" + path : path;
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw ConfigError(path, "", fmt::format("cannot be loaded: {}", ::dlerror()), "a shared library with a protocol");
  const auto entry = reinterpret_cast<const Factory* (*)()>(::dlsym(library, kSymbol));
  if (!entry)
    throw ConfigError(path, "", fmt::format("exports no {}", kSymbol), "a shared library built against protocols/api");
  const Factory* factory = entry();
  if (!factory || factory->abi != Factory::kAbi)
    throw ConfigError(path, "", fmt::format("was built for version {} of protocols/api", factory ? factory->abi : 0),
                      fmt::format("version {}: build it again", Factory::kAbi));
  return factory;
}

}  // namespace

ProtocolSet::ProtocolSet(const std::vector<std::string>& plugins) {
  for (const Factory* factory : built_in_protocols()) add(factory);
  for (const std::string& path : plugins) {
    const Factory* factory = load_plugin(path);
    const std::string_view name = factory->declaration().name;
    if (find(name))
      throw ConfigError(path, "", fmt::format("declares protocol \"{}\", which there is already", name), "a new name");
    add(factory);
  }
}

void ProtocolSet::add(const Factory* factory) {
  factories_.push_back(factory);
  declarations_.push_back(&factory->declaration());
}

const Factory* ProtocolSet::find(std::string_view name) const {
  for (const Factory* factory : factories_)
    if (factory->declaration().name == name) return factory;
  return nullptr;
}

}  // namespace pagetoken
