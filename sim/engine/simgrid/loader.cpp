// Finds the library that links SimGrid and loads it, once.

#include "sim/engine/simgrid/loader.hpp"

#include <filesystem>
#include <vector>

#include <dlfcn.h>

#include "sim/base/error.hpp"
#include "sim/engine/simgrid/entry.hpp"

namespace pagetoken {
namespace {

constexpr const char* kLibrary = "pagetoken_simgrid.so";

/// Beside the program, where it is installed, and where it was built.
std::vector<std::filesystem::path> places_to_look() {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  return {folder / kLibrary, folder / ".." / "lib" / "pagetoken" / kLibrary, PAGETOKEN_SIMGRID_LIBRARY};
}

const SimGridEntry* load() {
  std::string why = "it is not there";
  for (const std::filesystem::path& path : places_to_look()) {
    if (!std::filesystem::exists(path)) continue;
    void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (const void* entry = library ? ::dlsym(library, kSimGridEntrySymbol) : nullptr)
      return static_cast<const SimGridEntry*>(entry);
    why = ::dlerror();
  }
  throw ConfigError(kLibrary, "", "the engine simgrid cannot be loaded: " + why, "a complete installation");
}

}  // namespace

const SimGridEntry& simgrid_entry() {
  static const SimGridEntry* entry = load();
  return *entry;
}

bool has_kernel_transport() { return simgrid_entry().has_kernel_transport; }

std::unique_ptr<Carrier> make_simgrid_carrier(const SimGridSetup& setup) { return simgrid_entry().make(setup); }

}  // namespace pagetoken
