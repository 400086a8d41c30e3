#pragma once
// The protocols of this process: those built in, and those of --plugin.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/api/machine.hpp"

namespace pagetoken {

class ProtocolSet {
 public:
  /// Loads the shared libraries at `plugins`, which stay loaded until the process ends. Throws ConfigError for a file
  /// that cannot be loaded, exports no `pagetoken_protocol`, was built against another version of protocols/api, or
  /// declares a name that is taken.
  explicit ProtocolSet(const std::vector<std::string>& plugins = {});

  /// Null if there is none of that name.
  const Factory* find(std::string_view name) const;
  /// The built-in ones by name, then plugins in the order given.
  std::span<const Factory* const> factories() const { return factories_; }
  std::span<const Declaration* const> declarations() const { return declarations_; }

 private:
  void add(const Factory* factory);

  std::vector<const Factory*> factories_;
  std::vector<const Declaration*> declarations_;  // of factories_, in the same order
};

}  // namespace pagetoken
