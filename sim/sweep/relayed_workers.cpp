#include "sim/sweep/relayed_workers.hpp"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/interrupt.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kDepth = 2;  // tasks on their way to a rank: it never waits for the network
constexpr const char* kSizeVariables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};

/// How many ranks the launcher says there are, and where; 1 where there is none.
struct Launcher {
  long ranks = 1;
  const char* variable = "";
};

Launcher launcher_of_ranks() {
  for (const char* name : kSizeVariables)
    if (const char* text = std::getenv(name)) return {std::strtol(text, nullptr, 10), name};
  return {};
}

std::string relay_program() {
  std::error_code ignored;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (self.parent_path() / "pagetoken-mpi").string();
}

/// The shape in which a task and its reply travel.
std::string with_task(const SweepTask& task, std::string_view bytes) {
  return std::string(reinterpret_cast<const char*>(&task), sizeof task).append(bytes);
}

SweepTask task_of(const RecordReader::Record& record) {
  SweepTask task;
  assert(record.bytes.size() >= sizeof task);
  std::memcpy(&task, record.bytes.data(), sizeof task);
  return task;
}

/// Where the user asked to stop, the other ranks were asked, too.
[[noreturn]] void connection_broke() {
  stop_if_interrupted();
  throw std::runtime_error("the connection to the other ranks broke; the same command goes on where this ended");
}

[[noreturn]] void be_relay(const std::string& program, int socket, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  // Who asks this process to stop asks all of its group; the relay is needed until the others have heard of it.
  leave_interrupts_to_parent();
  const std::string number = std::to_string(socket);
  ::execl(program.c_str(), program.c_str(), number.c_str(), nullptr);
  ::_exit(127);
}

}  // namespace

std::unique_ptr<Relay> Relay::join() {
  const Launcher launcher = launcher_of_ranks();
  if (launcher.ranks < 2) return nullptr;
  const std::string program = relay_program();
  if (::access(program.c_str(), X_OK) != 0)
    throw ConfigError(program, "", "is missing, and mpirun needs it",
                      "a build with libopenmpi-dev installed; or sweep --shard i/n, which needs no MPI");
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
    throw std::system_error(errno, std::generic_category(), "no socket for MPI");
  ::fcntl(ends[0], F_SETFD, FD_CLOEXEC);  // the relay, which has only the other end, must see it close
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "no process for MPI");
  if (pid == 0) be_relay(program, ends[1], parent);
  ::close(ends[1]);
  std::unique_ptr<Relay> relay(new Relay(ends[0], pid));
  if (!relay->greet()) throw ConfigError(program, "", "MPI did not start", "what mpirun says above");
  if (relay->ranks_ < 2)
    throw ConfigError("sweep", launcher.variable,
                      fmt::format("says that there are {} ranks, and MPI has started one", launcher.ranks),
                      "mpirun of the MPI that pagetoken was built with; without mpirun, no such variable");
  return relay;
}

std::unique_ptr<Relay> Relay::over(int socket) {
  std::unique_ptr<Relay> relay(new Relay(socket, -1));
  if (!relay->greet()) throw std::runtime_error("no greeting");
  return relay;
}

/// Tasks may have come with the greeting: they stay in the reader.
bool Relay::greet() {
  for (;;) {
    if (const auto hello = reader_.next()) {
      rank_ = hello->header.peer;
      std::memcpy(&ranks_, hello->bytes.data(), sizeof ranks_);
      return true;
    }
    stop_if_interrupted();
    pollfd ready{socket_, POLLIN, 0};
    if (::poll(&ready, 1, -1) > 0 && !reader_.fill(socket_, false)) return false;
  }
}

Relay::~Relay() {
  ::close(socket_);
  if (pid_ < 0) return;
  if (ranks_ == 0) ::kill(pid_, SIGKILL);  // it may wait for ranks that do not come
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool RelayedWorkers::wants() const {
  return std::any_of(given_.begin() + 1, given_.end(), [](const auto& tasks) { return tasks.size() < kDepth; });
}

void RelayedWorkers::give(const SweepTask& task) {
  const auto rank = std::min_element(given_.begin() + 1, given_.end(),
                                     [](const auto& a, const auto& b) { return a.size() < b.size(); });
  rank->push_back(task);
  const auto peer = static_cast<std::uint32_t>(rank - given_.begin());
  if (!send_record(relay_.socket(), {.peer = peer, .flag = static_cast<std::uint32_t>(RelayFlag::payload)},
                   with_task(task, {})))
    connection_broke();
}

std::size_t RelayedWorkers::unanswered() const {
  std::size_t count = 0;
  for (const auto& tasks : given_) count += tasks.size();
  return count;
}

std::vector<SweepReply> RelayedWorkers::wait(std::chrono::milliseconds timeout) {
  std::vector<SweepReply> replies;
  take(replies);
  if (!replies.empty()) return replies;
  pollfd ready{relay_.socket(), POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(timeout.count())) <= 0) return replies;
  if (!relay_.reader().fill(relay_.socket(), false)) connection_broke();
  take(replies);
  return replies;
}

void RelayedWorkers::take(std::vector<SweepReply>& replies) {
  while (auto record = relay_.reader().next()) {
    SweepReply reply{.task = task_of(*record)};
    reply.bytes = record->bytes.substr(sizeof reply.task);
    // A worker of that rank died: its rank says so in the reply's place.
    if (record->header.flag != static_cast<std::uint32_t>(RelayFlag::payload)) std::swap(reply.bytes, reply.death);
    std::erase(given_[record->header.peer], reply.task);
    replies.push_back(std::move(reply));
  }
}

void serve_relay(Relay& relay, Workers& workers) {
  std::deque<SweepTask> waiting;
  for (;;) {
    while (const auto record = relay.reader().next()) waiting.push_back(task_of(*record));
    while (!waiting.empty() && workers.wants()) {
      workers.give(waiting.front());
      waiting.pop_front();
    }
    pollfd ready{relay.socket(), POLLIN, 0};
    if (::poll(&ready, 1, workers.unanswered() > 0 ? 0 : -1) > 0) {
      if (!relay.reader().fill(relay.socket(), false)) return;
      continue;
    }
    for (const SweepReply& reply : workers.wait(std::chrono::milliseconds(5))) {
      const auto flag = reply.death.empty() ? RelayFlag::payload : RelayFlag::end;
      if (!send_record(relay.socket(), {.peer = 0, .flag = static_cast<std::uint32_t>(flag)},
                       with_task(reply.task, reply.death.empty() ? reply.bytes : reply.death)))
        return;
    }
  }
}

}  // namespace pagetoken
