#include "protocols/registry/registry.hpp"

namespace pagetoken {

const Factory* find_protocol(std::string_view name) {
  for (const Factory* factory : built_in_protocols())
    if (factory->declaration().name == name) return factory;
  return nullptr;
}

}  // namespace pagetoken
