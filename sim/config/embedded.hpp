#pragma once
// Files of configs/ that are built into the program, so that it works wherever it is installed.

#include <span>
#include <string_view>

namespace pagetoken {

struct EmbeddedFile {
  std::string_view name;  ///< as in the source tree, "configs/guards/none.json"
  std::string_view text;
};

/// The guard presets, in the order of docs/vm-model.md, "Guards".
std::span<const EmbeddedFile> embedded_guards();

}  // namespace pagetoken
