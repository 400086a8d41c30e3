#include "sim/base/interrupt.hpp"

#include <csignal>
#include <initializer_list>

#include <signal.h>

namespace pagetoken {

namespace {

volatile std::sig_atomic_t flag = 0;

void on_signal(int) {
  flag = 1;
  // Either of the two may be the second.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

void watch_interrupts() {
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction before {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    // What a signal finds inside a system call goes on; loops notice the flag.
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, nullptr);
  }
}

bool interrupted() { return flag != 0; }

}  // namespace pagetoken
