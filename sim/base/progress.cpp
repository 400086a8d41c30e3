#include "sim/base/progress.hpp"

#include <cmath>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/text.hpp"

namespace pagetoken {

namespace {

constexpr std::chrono::milliseconds kBetweenUpdates{100};
constexpr std::string_view kWipe = "\r\x1b[K";

std::size_t terminal_width(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col - 1u;
  return 79;
}

void put(int descriptor, std::string_view text) {
  // A terminal that went away is no reason to stop the job.
  [[maybe_unused]] const ssize_t ignored = write(descriptor, text.data(), text.size());
}

/// "0:32", "1:02:05".
std::string clock_text(double seconds) {
  const auto s = static_cast<std::uint64_t>(std::ceil(seconds));
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

}  // namespace

std::string progress_line(std::string_view job, std::string_view unit, std::uint64_t done, std::uint64_t total,
                          double elapsed_s, std::size_t width) {
  const double rate = elapsed_s > 0 ? static_cast<double>(done) / elapsed_s : 0;
  std::string line = fmt::format("{}  {}", job, format_count(done));
  if (total > 0) line += " of " + format_count(total);
  line += fmt::format(" {}", unit);
  if (total > 0)
    line += fmt::format("  {} %", static_cast<int>(100.0 * static_cast<double>(done) / static_cast<double>(total)));
  if (rate > 0) line += "  " + format_rate(rate);
  constexpr double kLongestShownS = 100 * 3600.0;
  if (total > done && rate > 0) {
    const double left_s = static_cast<double>(total - done) / rate;
    if (left_s < kLongestShownS) line += fmt::format("  {} left", clock_text(left_s));
  }
  return one_line(line, width);
}

Progress::Progress(std::string job, std::string unit, std::uint64_t total)
    : Progress(std::move(job), std::move(unit), total, Options{}) {}

Progress::Progress(std::string job, std::string unit, std::uint64_t total, Options options)
    : job_(std::move(job)),
      unit_(std::move(unit)),
      total_(total),
      descriptor_(!options.quiet && isatty(options.descriptor) ? options.descriptor : -1),
      start_(Clock::now()),
      next_(start_ + kBetweenUpdates) {}

Progress::~Progress() { clear(); }

void Progress::update(std::uint64_t done) {
  if (descriptor_ < 0) return;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + kBetweenUpdates;
  const double elapsed_s = std::chrono::duration<double>(now - start_).count();
  put(descriptor_,
      fmt::format("{}{}", kWipe, progress_line(job_, unit_, done, total_, elapsed_s, terminal_width(descriptor_))));
  shown_ = true;
}

void Progress::clear() {
  if (shown_) put(descriptor_, kWipe);
  shown_ = false;
}

}  // namespace pagetoken
