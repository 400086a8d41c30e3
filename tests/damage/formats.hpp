#pragma once
// Every kind of file that the program reads, and the commands that read it.

#include <filesystem>
#include <string>
#include <vector>

#include "mutate.hpp"

namespace damage {

namespace fs = std::filesystem;

/// Words of a command line. {file} is the damaged file, {dir} the folder that it is in (of a sweep's results),
/// {out.EXT} a file to be written, {outdir} a folder to be made.
using Use = std::vector<std::string>;

struct Format {
  std::string name;
  Kind kind = Kind::bytes;
  bool large = true;  ///< see damaged()
  std::vector<fs::path> originals;
  std::vector<Use> uses;
  bool in_folder = false;  ///< what lies beside the file belongs to it
  bool gzip = false;       ///< half of the time what is in the compressed file is damaged, and compressed again
};

/// Makes files of those formats that the program itself writes in `folder`, and finds the others in `source`, the tree
/// of this repository. Formats of which there is no file are left out; `missing` names them.
std::vector<Format> formats(const std::string& program, const fs::path& source, const fs::path& folder,
                            std::vector<std::string>& missing);

}  // namespace damage
