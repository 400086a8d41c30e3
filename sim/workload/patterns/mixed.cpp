#include "sim/workload/patterns/pattern.hpp"

namespace pagetoken::patterns {

/// Its parts are sim/workload/pattern_model.cpp's business.
PatternDefinition mixed() {
  return {
      .name = "mixed",
      .description = "Each access of a client is of a part drawn by weight; every part has streams of its own.",
      .keys =
          [] {
            return Keys{file_bytes_key(), serial_key(), threads_key()};
          },
  };
}

}  // namespace pagetoken::patterns
