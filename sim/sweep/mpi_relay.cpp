// pagetoken-mpi SOCKET: passes records between a pagetoken process and those of the other ranks. Started by
// `pagetoken sweep` under mpirun, and by nobody else. It waits in poll(), not in MPI, so that it takes no CPU from the
// simulations. Signals are for the process that started it: it ends when that one closes the socket.

#include <cstdlib>
#include <string>

#include <poll.h>

#include <mpi.h>

#include "channel.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define PAGETOKEN_LEAKS_ARE_LOOKED_FOR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PAGETOKEN_LEAKS_ARE_LOOKED_FOR
#endif
#endif
#ifdef PAGETOKEN_LEAKS_ARE_LOOKED_FOR
/// What MPI's modules keep until the process ends cannot be told from a leak once they are unloaded.
extern "C" int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() { return 1; }
#endif

namespace {

using pagetoken::RecordReader;
using pagetoken::RecordWriter;

constexpr std::uint32_t kHello = 0;
constexpr int kEndTag = 1000;                                // rank 0 is done; and the answer to it
constexpr std::size_t kMostWaiting = std::size_t{16} << 20;  // bytes that the process has not read

class Relay {
 public:
  explicit Relay(int socket) : socket_(socket) {
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
    writer_.add({.peer = static_cast<std::uint32_t>(rank_), .flag = kHello},
                {reinterpret_cast<const char*>(&ranks_), sizeof ranks_});
  }

  void run() {
    int idle_ms = 0;
    for (bool open = true; open && !ended_;) {
      bool worked = false;
      while (!ended_ && writer_.waiting() < kMostWaiting && pass_to_process()) worked = true;
      open = writer_.flush(socket_) && exchange(idle_ms, worked);
      idle_ms = worked ? 0 : 1;
    }
    end();
  }

 private:
  /// Waits for the process, which may write, or read what is there for it. False when it is gone.
  bool exchange(int idle_ms, bool& worked) {
    pollfd ready{socket_, static_cast<short>(writer_.waiting() > 0 ? POLLIN | POLLOUT : POLLIN), 0};
    if (::poll(&ready, 1, idle_ms) <= 0 || (ready.revents & ~POLLOUT) == 0) return true;
    worked = true;
    if (!reader_.fill(socket_, false)) return false;
    while (const auto record = reader_.next()) pass_to_rank(*record);
    return true;
  }

  static void pass_to_rank(const RecordReader::Record& record) {
    MPI_Send(record.bytes.data(), static_cast<int>(record.bytes.size()), MPI_BYTE, static_cast<int>(record.header.peer),
             static_cast<int>(record.header.flag), MPI_COMM_WORLD);
  }

  /// False when nothing has come.
  bool pass_to_process() {
    int found = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &found, &status);
    if (!found) return false;
    const std::string text = receive(status);
    if (status.MPI_TAG == kEndTag)
      ended_ = true;
    else
      writer_.add(
          {.peer = static_cast<std::uint32_t>(status.MPI_SOURCE), .flag = static_cast<std::uint32_t>(status.MPI_TAG)},
          text);
    return true;
  }

  static std::string receive(const MPI_Status& status) {
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    std::string text(static_cast<std::size_t>(bytes), '\0');
    MPI_Recv(text.data(), bytes, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    return text;
  }

  /// Rank 0 tells the others, and takes what they were about to send before they heard of it: a rank whose message
  /// nobody takes would wait in MPI_Send for ever, and everybody for it in MPI_Finalize.
  void end() {
    if (rank_ != 0) {
      while (!ended_) ended_ = drop_one();
      MPI_Send(nullptr, 0, MPI_BYTE, 0, kEndTag, MPI_COMM_WORLD);
      return;
    }
    for (int other = 1; other < ranks_; ++other) MPI_Send(nullptr, 0, MPI_BYTE, other, kEndTag, MPI_COMM_WORLD);
    for (int answers = 0; answers < ranks_ - 1;) answers += drop_one() ? 1 : 0;
  }

  /// Whether it was the end.
  static bool drop_one() {
    MPI_Status status;
    MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
    receive(status);
    return status.MPI_TAG == kEndTag;
  }

  int socket_;
  int rank_ = 0;
  int ranks_ = 1;
  bool ended_ = false;  ///< rank 0 is done
  RecordReader reader_;
  RecordWriter writer_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  MPI_Init(nullptr, nullptr);
  Relay(std::atoi(argv[1])).run();
  MPI_Finalize();
  return 0;
}
