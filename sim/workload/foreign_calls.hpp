#pragma once
// System calls on files, as strace and valgrind tell of them: which descriptor is which file, and where in it.

#include <map>
#include <string>
#include <vector>

#include "sim/workload/foreign_trace.hpp"

namespace pagetoken {

/// A call that has returned.
struct FileCall {
  std::string_view name;  ///< "pread64"
  std::vector<std::string_view> arguments;
  std::uint64_t result = 0;    ///< not negative: calls that failed did nothing
  std::string_view path;       ///< what openat's name argument says; else empty
  std::string_view described;  ///< path of the first argument's descriptor, where the trace says so
};

/// The files that one process has open. Threads share them.
class OpenFiles {
 public:
  /// The mapping of a shared file at an address, or nothing.
  struct Mapping {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    FileId file{};
    std::uint64_t offset = 0;
  };
  explicit OpenFiles(ForeignTrace& trace) : trace_(trace) {}
  /// Adds the accesses that the call makes; false if it is none on a file.
  void call(const FileCall& call, std::int64_t time_ns, std::uint32_t client);
  const Mapping* mapping(std::uint64_t address) const;

 private:
  struct Open {
    bool known = false;  ///< a regular file, as far as its name tells
    FileId file{};
    std::uint64_t position = 0;
    bool append = false;
  };
  Open* descriptor(const FileCall& call);
  void open(const FileCall& call);
  void transfer(const FileCall& call, std::int64_t time_ns, std::uint32_t client);
  void map(const FileCall& call);

  ForeignTrace& trace_;
  std::map<std::uint64_t, Open> open_;
  std::map<std::uint64_t, Mapping> mappings_;  ///< by begin
};

}  // namespace pagetoken
