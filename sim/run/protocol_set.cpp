#include "sim/run/protocol_set.hpp"

#include <cstdlib>

#include <dlfcn.h>

#include <fmt/format.h>

#include "protocols/registry/registry.hpp"
#include "sim/base/elf_extent.hpp"
#include "sim/base/error.hpp"
#include "sim/base/forked.hpp"

namespace pagetoken {
namespace {

constexpr const char* kSymbol = "pagetoken_protocol";

const Factory* load_plugin(const std::string& path) {
  // A bare name would be looked for where the system keeps its libraries.
  const std::string file = path.find('/') == path.npos ? "./" + path : path;
  if (const std::string missing = missing_of_library(file); !missing.empty())
    throw ConfigError(path, "", "cannot be loaded: " + missing, "a shared library with a protocol");
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

/// Reads every text of a declaration.
std::size_t length_of(const Declaration& d) {
  std::string all = fmt::format("{}{}{}", d.name, d.summary, d.source);
  for (const Parameter& p : d.parameters) all += fmt::format("{}{}", p.name, p.description);
  for (const MessageType& m : d.messages) all += fmt::format("{}{}", m.name, m.description);
  for (const TimerType& t : d.timers) all += t.name;
  return all.size();
}

/// Loads a plugin in a process of its own first, which a damaged one may end; then here, where it says the same again.
const Factory* load_tried(const std::string& path) {
  constexpr unsigned kLimitS = 5;
  const Forked tried = run_forked(
      [&]() -> std::string {
        try {
          if (length_of(load_plugin(path)->declaration()) == 0) return "its declaration is empty";
        } catch (const ConfigError&) {
          return "";
        } catch (const std::exception& error) {
          return fmt::format("its declaration threw an exception: {}", error.what());
        }
        std::exit(0);  // which runs what the library does at the end
      },
      kLimitS);
  const std::string wrong = tried.done ? tried.result : "it ends the process that loads it";
  if (wrong.empty()) return load_plugin(path);
  throw ConfigError(path, "", "cannot be used: " + wrong, "a shared library with a protocol, built for this program");
}

}  // namespace

ProtocolSet::ProtocolSet(const std::vector<std::string>& plugins) {
  for (const Factory* factory : built_in_protocols()) add(factory);
  for (const std::string& path : plugins) {
    const Factory* factory = load_tried(path);
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
