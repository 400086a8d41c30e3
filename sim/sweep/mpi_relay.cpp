// pagetoken-mpi SOCKET: passes records between a pagetoken process and those of the other ranks. Started by
// `pagetoken sweep` under mpirun, and by nobody else. It waits in poll(), not in MPI, so that it takes no CPU from the
// simulations.

#include <cstdlib>
#include <string>

#include <poll.h>

#include <mpi.h>

#include "channel.hpp"

namespace {

using pagetoken::RecordHeader;
using pagetoken::RecordReader;

constexpr std::uint32_t kHello = 0;
constexpr int kEndTag = 1000;  // rank 0 is done

void pass_to_rank(const RecordReader::Record& record) {
  MPI_Send(record.bytes.data(), static_cast<int>(record.bytes.size()), MPI_BYTE, static_cast<int>(record.header.peer),
           static_cast<int>(record.header.flag), MPI_COMM_WORLD);
}

/// False when there is nothing more to come.
bool pass_to_process(int socket, bool& worked) {
  for (;;) {
    int found = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &found, &status);
    if (!found) return true;
    worked = true;
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    std::string text(static_cast<std::size_t>(bytes), '\0');
    MPI_Recv(text.data(), bytes, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (status.MPI_TAG == kEndTag) return false;
    RecordHeader header;
    header.peer = static_cast<std::uint32_t>(status.MPI_SOURCE);
    header.flag = static_cast<std::uint32_t>(status.MPI_TAG);
    if (!send_record(socket, header, text)) return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int socket = std::atoi(argv[1]);
  MPI_Init(nullptr, nullptr);
  int rank = 0;
  int ranks = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  RecordHeader hello;
  hello.peer = static_cast<std::uint32_t>(rank);
  hello.flag = kHello;
  send_record(socket, hello, {reinterpret_cast<const char*>(&ranks), sizeof ranks});

  RecordReader reader;
  int idle_ms = 0;
  for (;;) {
    bool worked = false;
    if (!pass_to_process(socket, worked)) break;
    pollfd ready{socket, POLLIN, 0};
    if (::poll(&ready, 1, idle_ms) > 0) {
      worked = true;
      if (!reader.fill(socket, false)) break;
      while (const auto record = reader.next()) pass_to_rank(*record);
    }
    idle_ms = worked ? 0 : 1;
  }
  if (rank == 0)
    for (int other = 1; other < ranks; ++other) MPI_Send(nullptr, 0, MPI_BYTE, other, kEndTag, MPI_COMM_WORLD);
  MPI_Finalize();
  return 0;
}
