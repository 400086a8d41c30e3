#pragma once
// Simulated time: integer nanoseconds, in types of their own so that an instant is not taken for a span.

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace pagetoken {

/// A span of time, in nanoseconds; may be negative. Sums beyond 292 years are not checked.
class Duration {
 public:
  constexpr Duration() = default;
  constexpr explicit Duration(std::int64_t ns) : ns_(ns) {}

  constexpr std::int64_t ns() const { return ns_; }
  constexpr double seconds() const { return static_cast<double>(ns_) * 1e-9; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  constexpr Duration& operator+=(Duration other) { return ns_ += other.ns_, *this; }
  constexpr Duration& operator-=(Duration other) { return ns_ -= other.ns_, *this; }
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration{a.ns_ + b.ns_}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration{a.ns_ - b.ns_}; }
  friend constexpr Duration operator-(Duration a) { return Duration{-a.ns_}; }
  friend constexpr Duration operator*(Duration a, std::int64_t factor) { return Duration{a.ns_ * factor}; }
  friend constexpr Duration operator*(std::int64_t factor, Duration a) { return a * factor; }
  /// How often `b`, not zero, fits into `a`, towards zero.
  friend constexpr std::int64_t operator/(Duration a, Duration b) { return a.ns_ / b.ns_; }
  friend constexpr Duration operator/(Duration a, std::int64_t divisor) { return Duration{a.ns_ / divisor}; }

 private:
  std::int64_t ns_ = 0;
};

constexpr Duration nanoseconds(std::int64_t count) { return Duration{count}; }
constexpr Duration microseconds(std::int64_t count) { return Duration{count * 1'000}; }
constexpr Duration milliseconds(std::int64_t count) { return Duration{count * 1'000'000}; }
constexpr Duration seconds(std::int64_t count) { return Duration{count * 1'000'000'000}; }

/// An instant: nanoseconds since the simulation began.
class Time {
 public:
  constexpr Time() = default;
  constexpr explicit Time(std::int64_t ns) : ns_(ns) {}
  /// Later than every instant that is reached. Nothing may be added to it.
  static constexpr Time never() { return Time{std::numeric_limits<std::int64_t>::max()}; }

  constexpr std::int64_t ns() const { return ns_; }

  friend constexpr auto operator<=>(Time, Time) = default;
  constexpr Time& operator+=(Duration span) { return ns_ += span.ns(), *this; }
  friend constexpr Time operator+(Time instant, Duration span) { return Time{instant.ns_ + span.ns()}; }
  friend constexpr Time operator+(Duration span, Time instant) { return instant + span; }
  friend constexpr Time operator-(Time instant, Duration span) { return Time{instant.ns_ - span.ns()}; }
  friend constexpr Duration operator-(Time a, Time b) { return Duration{a.ns_ - b.ns_}; }

 private:
  std::int64_t ns_ = 0;
};

/// A span for readers, in the unit that suits it, with three significant digits: "850 ns", "23.4 us", "1.5 s".
std::string format_duration(std::int64_t ns);
inline std::string format_duration(Duration span) { return format_duration(span.ns()); }

}  // namespace pagetoken
