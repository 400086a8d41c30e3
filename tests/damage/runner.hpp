#pragma once
// Runs the program with limits, and says how it ended.

#include <string>
#include <vector>

namespace damage {

struct Ended {
  int code = -1;          ///< of exit(), or -1
  int signal = 0;         ///< that ended it
  bool too_long = false;  ///< it was ended from here
  double cpu_s = 0;
  double wall_s = 0;
  double rss_gib = 0;
  std::string err;  ///< its first 64 KiB of standard error
};

/// Ten seconds of its own time, or of waiting: a run that others keep from the processor is not the program's fault.
inline constexpr double kMostCpuS = 10;
inline constexpr double kMostWallS = 40;
inline constexpr double kMostGib = 2;

/// What is wrong with an end, whatever the program was given: empty if nothing.
std::string wrong_with(const Ended& ended);

/// Standard output is thrown away. `arguments` begins with the program; `folder` is where it runs.
Ended run(const std::vector<std::string>& arguments, const std::string& folder);

}  // namespace damage
