#include "sim/sweep/relayed_workers.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "sim/base/error.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kDepth = 2;  // tasks on their way to a rank: it never waits for the network
constexpr const char* kSizeVariables[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};

/// How many ranks the launcher says there are; 1 where there is none.
long ranks_of_launcher() {
  for (const char* name : kSizeVariables)
    if (const char* text = std::getenv(name)) return std::strtol(text, nullptr, 10);
  return 1;
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

}  // namespace

std::unique_ptr<Relay> Relay::join() {
  if (ranks_of_launcher() < 2) return nullptr;
  const std::string program = relay_program();
  if (::access(program.c_str(), X_OK) != 0)
    throw ConfigError(program, "", "is missing, and mpirun needs it",
                      "a build with libopenmpi-dev installed; or sweep --shard i/n, which needs no MPI");
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
    throw std::runtime_error(fmt::format("no socket for MPI: {}", std::strerror(errno)));
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error(fmt::format("no process for MPI: {}", std::strerror(errno)));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(0);
    ::close(ends[0]);
    const std::string socket = std::to_string(ends[1]);
    ::execl(program.c_str(), program.c_str(), socket.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::unique_ptr<Relay> relay(new Relay);
  relay->pid_ = pid;
  relay->socket_ = ends[0];
  for (;;) {
    if (const auto hello = relay->reader_.next()) {
      relay->rank_ = hello->header.peer;
      std::memcpy(&relay->ranks_, hello->bytes.data(), sizeof relay->ranks_);
      return relay;
    }
    if (!relay->reader_.fill(relay->socket_, true))
      throw ConfigError(program, "", "MPI did not start", "what mpirun says above");
  }
}

Relay::~Relay() {
  ::close(socket_);
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
    throw std::runtime_error("the connection to the other ranks broke; the same command goes on where this ended");
}

std::size_t RelayedWorkers::unanswered() const {
  std::size_t count = 0;
  for (const auto& tasks : given_) count += tasks.size();
  return count;
}

std::vector<SweepReply> RelayedWorkers::wait(std::chrono::milliseconds timeout) {
  std::vector<SweepReply> replies;
  pollfd ready{relay_.socket(), POLLIN, 0};
  if (::poll(&ready, 1, static_cast<int>(timeout.count())) <= 0) return replies;
  if (!relay_.reader().fill(relay_.socket(), false))
    throw std::runtime_error("the connection to the other ranks broke; the same command goes on where this ended");
  while (auto record = relay_.reader().next()) {
    SweepReply reply;
    std::memcpy(&reply.task, record->bytes.data(), sizeof reply.task);
    reply.bytes = record->bytes.substr(sizeof reply.task);
    // A worker of that rank died: its rank says so in the reply's place.
    if (record->header.flag != static_cast<std::uint32_t>(RelayFlag::payload)) std::swap(reply.bytes, reply.death);
    std::erase(given_[record->header.peer], reply.task);
    replies.push_back(std::move(reply));
  }
  return replies;
}

void serve_relay(Relay& relay, Workers& workers) {
  std::deque<SweepTask> waiting;
  for (;;) {
    while (!waiting.empty() && workers.wants()) {
      workers.give(waiting.front());
      waiting.pop_front();
    }
    pollfd ready{relay.socket(), POLLIN, 0};
    if (::poll(&ready, 1, workers.unanswered() > 0 ? 0 : -1) > 0) {
      if (!relay.reader().fill(relay.socket(), false)) return;
      while (const auto record = relay.reader().next()) {
        SweepTask& task = waiting.emplace_back();
        std::memcpy(&task, record->bytes.data(), sizeof task);
      }
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
