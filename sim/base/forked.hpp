#pragma once
// Work in a process of its own: for what may end the process, or may be done only once in one.

#include <functional>
#include <string>

namespace pagetoken {

struct Forked {
  bool done = false;   ///< the work returned; else the process ended otherwise, or took too long
  std::string result;  ///< what the work returned
  std::string errors;  ///< what it wrote to stderr
};

/// Calls `work` in a child of this process and hands back what it returns. The child leaves without running this
/// process's exit handlers; an exception of `work` counts as an end before its time, its what() in `errors`. The child
/// is ended after `limit_s` seconds, and when the user asks to stop: then Interrupted is thrown. This process must have
/// no other threads that matter to `work`.
Forked run_forked(const std::function<std::string()>& work, unsigned limit_s);

}  // namespace pagetoken
