#pragma once
// How far a long job is, for whoever watches a terminal.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pagetoken {

/// The line that Progress shows, at most `width` characters: "checking  1.2 M of 5 M states  24 %  118 k/s  0:32 left".
/// `total` 0 = not known: no share and no time left. The rate is the mean over `elapsed_s`, in seconds.
std::string progress_line(std::string_view job, std::string_view unit, std::uint64_t done, std::uint64_t total,
                          double elapsed_s, std::size_t width);

/// One line on a terminal, rewritten in place at most ten times a second, and gone when the object is. Silent where
/// stderr is no terminal, and when told to be quiet. Belongs to one thread.
class Progress {
 public:
  struct Options {
    bool quiet = false;
    int descriptor = 2;  ///< stderr; borrowed
  };
  /// `job`: what is being done; `unit`: what is counted, in the plural; `total`: how many there will be, 0 = not known.
  Progress(std::string job, std::string unit, std::uint64_t total);
  Progress(std::string job, std::string unit, std::uint64_t total, Options options);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of `total` are done. Cheap enough for every few microseconds (it reads a clock), not for every event.
  void update(std::uint64_t done);

  /// Wipes the line, so that something else can be printed; the next update brings it back.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  std::string job_;
  std::string unit_;
  std::uint64_t total_;
  int descriptor_;  ///< -1 = silent
  Clock::time_point start_;
  Clock::time_point next_;  ///< when the line may be written again
  bool shown_ = false;
};

}  // namespace pagetoken
