#pragma once
// SimGrid aborts on what it does not like in a platform, also in the middle of a run: that is a mistake of the user's,
// and told as one.

#include <string>
#include <vector>

namespace pagetoken {

/// While one lives, an abort in what SimGrid does (not in what it calls) ends the process with exit code 2 and one line
/// on stderr: `file`, and what SimGrid complained of. One at a time.
class AbortGuard {
 public:
  explicit AbortGuard(const std::string& file);
  ~AbortGuard();
  AbortGuard(const AbortGuard&) = delete;
  AbortGuard& operator=(const AbortGuard&) = delete;

  /// For SimGrid's engine: its log goes where the guard finds it, a message a line.
  std::vector<std::string> engine_arguments() const;

 private:
  int log_ = -1;
};

/// Says for as long as it lives whose code runs.
class Running {
 public:
  enum class Whose { ours, simgrid };
  explicit Running(Whose whose);
  ~Running();
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Whose before_;
};

}  // namespace pagetoken
