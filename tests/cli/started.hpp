#pragma once
// The built program, started and not waited for.

#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pagetoken {

class Started {
 public:
  /// In a process group of its own; what it prints goes to `output` (both streams), or nowhere.
  explicit Started(const std::vector<std::string>& arguments, const std::string& output = "/dev/null")
      : pid_(::fork()) {
    if (pid_ != 0) return;
    ::setpgid(0, 0);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) std::signal(number, SIG_DFL);  // whoever tests may ignore them
    const int to = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ::dup2(to, STDOUT_FILENO);
    ::dup2(to, STDERR_FILENO);
    ::close(to);
    std::vector<char*> argv{const_cast<char*>(PAGETOKEN_PROGRAM)};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(PAGETOKEN_PROGRAM, argv.data());
    ::_exit(127);
  }
  ~Started() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Started(const Started&) = delete;
  Started& operator=(const Started&) = delete;

  bool is_running() {
    if (pid_ <= 0) return false;
    if (::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = -1;
    return pid_ > 0;
  }
  void signal(int number) const { ::kill(pid_, number); }
  void signal_group(int number) const { ::kill(-pid_, number); }
  /// Its exit code; -1 where a signal ended it, or it is not over within a minute.
  int wait() {
    for (int ms = 0; is_running() && ms < 60'000; ++ms) ::usleep(1000);
    return pid_ < 0 && WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
  }

 private:
  pid_t pid_;
  int status_ = 0;
};

}  // namespace pagetoken
