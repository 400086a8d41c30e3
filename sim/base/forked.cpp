#include "sim/base/forked.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <system_error>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/base/interrupt.hpp"

namespace pagetoken {
namespace {

struct Pipe {
  std::array<int, 2> ends{};
  Pipe() {
    if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  }
  int reader() const { return ends[0]; }
  int writer() const { return ends[1]; }
};

void write_all(int to, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(to, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    done += static_cast<std::size_t>(written);
  }
}

[[noreturn]] void be_child(const std::function<std::string()>& work, unsigned limit_s, const Pipe& result,
                           const Pipe& errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  leave_interrupts_to_parent();
  std::signal(SIGABRT, SIG_DFL);
  ::alarm(limit_s);
  const rlimit no_core{0, 0};  // an end before its time is expected here
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::close(result.reader());
  ::close(errors.reader());
  ::dup2(errors.writer(), STDERR_FILENO);
  int status = 1;
  try {
    write_all(result.writer(), work());
    status = 0;
  } catch (const std::exception& error) {
    write_all(STDERR_FILENO, std::string(error.what()) + "\n");
  }
  std::fflush(stdout);
  ::_exit(status);
}

/// Reads both pipes to their ends, or until the user asks to stop.
void drain(int result, std::string& into_result, int errors, std::string& into_errors) {
  std::array<pollfd, 2> open{{{result, POLLIN, 0}, {errors, POLLIN, 0}}};
  const std::array<std::string*, 2> into{&into_result, &into_errors};
  std::array<char, 65'536> buffer{};
  while ((open[0].fd >= 0 || open[1].fd >= 0) && !interrupted()) {
    if (::poll(open.data(), open.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      const ssize_t got = ::read(open[i].fd, buffer.data(), buffer.size());
      if (got > 0)
        into[i]->append(buffer.data(), static_cast<std::size_t>(got));
      else if (got == 0 || errno != EINTR)
        open[i].fd = -1;
    }
  }
}

}  // namespace

Forked run_forked(const std::function<std::string()>& work, unsigned limit_s) {
  const Pipe result;
  const Pipe errors;
  std::fflush(stdout);
  std::fflush(stderr);
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) be_child(work, limit_s, result, errors);
  ::close(result.writer());
  ::close(errors.writer());
  Forked forked;
  drain(result.reader(), forked.result, errors.reader(), forked.errors);
  ::close(result.reader());
  ::close(errors.reader());
  if (interrupted()) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  stop_if_interrupted();
  forked.done = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return forked;
}

}  // namespace pagetoken
