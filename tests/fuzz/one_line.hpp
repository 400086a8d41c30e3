#pragma once
// What every refusal must be.

#include <cstdlib>

#include "sim/base/error.hpp"

/// One line, with nothing in it that a terminal obeys.
inline void require_one_line(const pagetoken::ConfigError& error) {
  for (const char* c = error.what(); *c != '\0'; ++c)
    if (static_cast<unsigned char>(*c) < 0x20) std::abort();
}
