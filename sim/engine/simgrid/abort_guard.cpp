#include "sim/engine/simgrid/abort_guard.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "sim/base/temporaries.hpp"

namespace pagetoken {
namespace {

constexpr int kUsage = 2;

Running::Whose whose_turn = Running::Whose::ours;
int log_of_simgrid = -1;
std::array<char, 512> beginning{};  // of the line

void tell(std::string_view text) {
  [[maybe_unused]] const ssize_t told = ::write(STDERR_FILENO, text.data(), text.size());
}

/// Allocates nothing: it may be the allocator that gave up.
void on_abort(int number) {
  if (whose_turn == Running::Whose::ours) {
    std::signal(number, SIG_DFL);
    std::raise(number);
    return;
  }
  remove_temporaries();
  std::fflush(nullptr);  // SimGrid's log
  static std::array<char, 512> complaint{};
  const ssize_t got = ::pread(log_of_simgrid, complaint.data(), complaint.size(), 0);
  std::string_view said(complaint.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  said = said.substr(0, said.find('\n'));
  tell(beginning.data());
  tell(said.empty() ? " without a word" : ": ");
  tell(said);
  tell("; a platform that SimGrid can run\n");
  ::_exit(kUsage);
}

}  // namespace

AbortGuard::AbortGuard(const std::string& file) : log_(::memfd_create("simgrid", 0)) {
  log_of_simgrid = log_;
  const std::string line = "pagetoken: " + file + ": SimGrid gave up";
  std::memcpy(beginning.data(), line.c_str(), std::min(line.size(), beginning.size() - 1));
  std::signal(SIGABRT, on_abort);
}

AbortGuard::~AbortGuard() {
  std::signal(SIGABRT, SIG_DFL);
  ::close(log_);
}

std::vector<std::string> AbortGuard::engine_arguments() const {
  return {"--log=root.app:file:/proc/self/fd/" + std::to_string(log_), "--log=root.fmt:%m%n"};
}

Running::Running(Whose whose) : before_(whose_turn) { whose_turn = whose; }
Running::~Running() { whose_turn = before_; }

}  // namespace pagetoken
