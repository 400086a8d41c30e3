#pragma once
// Under mpirun: rank 0 gives tasks to the other ranks. MPI itself is in a program beside this one, pagetoken-mpi, that
// passes records on.

#include <deque>
#include <memory>
#include <vector>

#include "sim/sweep/channel.hpp"
#include "sim/sweep/workers.hpp"

namespace pagetoken {

/// What a record between the ranks is.
enum class RelayFlag : std::uint32_t { hello, payload, end };

/// This process's line to the others of its mpirun.
class Relay {
 public:
  /// Nothing if this process was not started by mpirun (or srun with MPI), or alone. Throws ConfigError if
  /// pagetoken-mpi is not there, does not answer, or is alone where mpirun is said to have started more; Interrupted
  /// while it waits.
  static std::unique_ptr<Relay> join();
  /// Over a socket, which it closes, whose other end speaks as pagetoken-mpi does.
  static std::unique_ptr<Relay> over(int socket);
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint32_t rank() const { return rank_; }
  std::uint32_t ranks() const { return ranks_; }
  int socket() const { return socket_; }
  RecordReader& reader() { return reader_; }

 private:
  Relay(int socket, pid_t pid) : pid_(pid), socket_(socket) {}
  /// Waits for the greeting; false if none comes.
  bool greet();

  pid_t pid_;
  int socket_;
  std::uint32_t rank_ = 0;
  std::uint32_t ranks_ = 0;  ///< 0: not greeted
  RecordReader reader_;
};

/// The other ranks, seen from rank 0.
class RelayedWorkers final : public Workers {
 public:
  explicit RelayedWorkers(Relay& relay) : relay_(relay), given_(relay.ranks()) {}

  bool wants() const override;
  void give(const SweepTask& task) override;
  std::size_t unanswered() const override;
  std::vector<SweepReply> wait(std::chrono::milliseconds timeout) override;

 private:
  void take(std::vector<SweepReply>& replies);

  Relay& relay_;
  std::vector<std::deque<SweepTask>> given_;  ///< by rank; rank 0 has none
};

/// What the other ranks do until rank 0 ends: tasks as they come, each by a process of its own kind (`workers`). What
/// asks to stop is for rank 0 alone: a rank that left by itself would take its tasks with it.
void serve_relay(Relay& relay, Workers& workers);

}  // namespace pagetoken
