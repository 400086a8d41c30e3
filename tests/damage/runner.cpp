#include "runner.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace damage {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

[[noreturn]] void be_program(const std::vector<std::string>& arguments, const std::string& folder, int err) {
  ::setpgid(0, 0);
  const rlimit cpu{static_cast<rlim_t>(kMostCpuS) + 1, static_cast<rlim_t>(kMostCpuS) + 2}, core{0, 0};
  const rlimit file{rlim_t{1} << 30, rlim_t{1} << 30};
  ::setrlimit(RLIMIT_CPU, &cpu);
  ::setrlimit(RLIMIT_CORE, &core);
  ::setrlimit(RLIMIT_FSIZE, &file);
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, 0);
  ::dup2(nothing, 1);
  ::dup2(err, 2);
  ::close(err);
  std::vector<char*> raw;
  for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  if (::chdir(folder.c_str()) == 0) ::execv(raw[0], raw.data());
  ::_exit(127);
}

/// Reads until the other side has closed, or the time is over; false: over.
bool drain(int from, std::string& text, double limit_s) {
  const auto began = std::chrono::steady_clock::now();
  char block[4096];
  for (;;) {
    const double left = limit_s - std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    pollfd ready{from, POLLIN, 0};
    if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left * 1000)) == 0) return false;
    const ssize_t got = ::read(from, block, sizeof block);
    if (got <= 0) return true;
    if (text.size() < 65'536) text.append(block, static_cast<std::size_t>(got));
  }
}

}  // namespace

std::string wrong_with(const Ended& e) {
  if (e.too_long) return "it did not end in " + std::to_string(static_cast<int>(kMostWallS)) + " s";
  if (e.signal == SIGXCPU || e.signal == SIGKILL || e.cpu_s > kMostCpuS) return "more than 10 s of CPU";
  if (e.signal != 0) return "signal " + std::to_string(e.signal);
  if (e.rss_gib > kMostGib) return "more than 2 GiB of memory";
  if (e.code != 0 && e.code != 1 && e.code != 2 && e.code != 4) return "exit code " + std::to_string(e.code);
  if (e.code != 2) return "";
  if (e.err.empty()) return "exit code 2 without a word";
  for (std::size_t at = 0; at < e.err.size(); at = std::min(e.err.find('\n', at), e.err.size()) + 1)
    if (!std::string_view(e.err).substr(at).starts_with("pagetoken: ")) return "exit code 2 with more than its lines";
  return "";
}

Ended run(const std::vector<std::string>& arguments, const std::string& folder) {
  int err[2];
  if (::pipe2(err, O_CLOEXEC) != 0) std::exit(3);
  const auto began = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) std::exit(3);
  if (child == 0) be_program(arguments, folder, err[1]);
  ::close(err[1]);
  Ended ended;
  ended.too_long = !drain(err[0], ended.err, kMostWallS);
  ::close(err[0]);
  if (ended.too_long) ::kill(-child, SIGKILL);
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  ended.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (WIFEXITED(status)) ended.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  ended.cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
  ended.rss_gib = static_cast<double>(used.ru_maxrss) / (1 << 20);
  return ended;
}

}  // namespace damage
