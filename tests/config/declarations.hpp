#pragma once
// Protocols that tests of the configuration name; config knows them by declaration only.

#include <array>

#include "protocols/api/declaration.hpp"

namespace pagetoken {

inline std::array<const Declaration*, 2> test_protocols() {
  static const Declaration ivy_fixed = [] {
    Declaration declaration;
    declaration.name = "ivy-fixed";
    return declaration;
  }();
  static const Declaration lease = [] {
    Declaration declaration;
    declaration.name = "lease";
    declaration.parameters = {{"term_ns", 10'000'000'000, 1'000, 1'000'000'000'000, "how long a lease is good for"},
                              {"renew", 1, 0, 1, "whether clients renew"}};
    return declaration;
  }();
  return {&ivy_fixed, &lease};
}

}  // namespace pagetoken
