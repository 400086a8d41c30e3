#include "sim/base/interrupt.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string_view>

#include <signal.h>
#include <unistd.h>

#include "sim/base/temporaries.hpp"

namespace pagetoken {

namespace {

constexpr std::array kStops{SIGINT, SIGTERM, SIGHUP};
constexpr std::int64_t kEcho_ms = 250;
constexpr int kPatience_s = 5;
constexpr int kInterruptedCode = 130;

// Handlers may run in any thread.
std::atomic<int> asked_by = 0;  // the first signal; 0: none yet
std::atomic<bool> noticed = false;
std::atomic<std::int64_t> asked_at_ms = 0;
std::atomic<int> waited_s = 0;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<std::int64_t>::is_always_lock_free);

std::int64_t clock_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

bool is_echo(int number, int first) {
  return number != SIGINT && first != SIGINT && clock_ms() - asked_at_ms < kEcho_ms;
}

void on_stop(int number) {
  const int reason = errno;
  int first = 0;
  if (asked_by.compare_exchange_strong(first, number)) {
    asked_at_ms = clock_ms();
    ::alarm(1);
  } else if (!is_echo(number, first)) {
    remove_temporaries();
    std::signal(number, SIG_DFL);
    std::raise(number);  // takes effect when this handler returns
  }
  errno = reason;
}

/// Comes every second for as long as nobody has noticed. It interrupts system calls, too: the first signal may have
/// come just before one that waits for ever.
void on_alarm(int) {
  if (noticed) return;
  if (++waited_s < kPatience_s) {
    ::alarm(1);
    return;
  }
  remove_temporaries();
  constexpr std::string_view kWord = "pagetoken: interrupted; what was under way is lost\n";
  [[maybe_unused]] const ssize_t told = ::write(STDERR_FILENO, kWord.data(), kWord.size());
  ::_exit(kInterruptedCode);
}

/// Without SA_RESTART: who waits for a file shall hear of it.
void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  for (const int stop : kStops) sigaddset(&action.sa_mask, stop);
  sigaddset(&action.sa_mask, SIGALRM);
  sigaction(number, &action, nullptr);
}

}  // namespace

void watch_interrupts() {
  for (const int number : kStops) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) handle(number, on_stop);
  }
  handle(SIGALRM, on_alarm);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

bool interrupted() {
  if (asked_by.load(std::memory_order_relaxed) == 0) return false;
  noticed = true;
  return true;
}

void leave_interrupts_to_parent() {
  for (const int number : kStops) std::signal(number, SIG_IGN);
  std::signal(SIGALRM, SIG_DFL);
  ::alarm(0);
  asked_by = 0;
}

}  // namespace pagetoken
