// Any bytes, read as sweep.json, as results.jsonl and as timings.jsonl, are what a sweep goes on from, or a ConfigError
// of one line.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "analysis/statistics/summary.hpp"
#include "one_line.hpp"
#include "protocols/registry/registry.hpp"
#include "sim/sweep/sweep_files.hpp"

namespace {

using namespace pagetoken;

const std::vector<const Declaration*>& declarations() {
  static const std::vector<const Declaration*> all = [] {
    std::vector<const Declaration*> list;
    for (const Factory* factory : built_in_protocols()) list.push_back(&factory->declaration());
    return list;
  }();
  return all;
}

template <class Read>
void attempt(Read read) {
  try {
    read();
  } catch (const ConfigError& error) {
    require_one_line(error);
  }
}

/// The bytes as a file that has a name.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view text) : descriptor_(::memfd_create("input", 0)) {
    if (descriptor_ < 0 || ::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      std::abort();
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string file = "input";
  attempt([&] {
    const Json json = parse_json(text, file);
    const Value value(json, file);
    attempt([&] { bind_timing(value); });
    const SweepRecord record = bind_sweep_record(value);
    const Sweep sweep = recorded_sweep(record, "here", declarations());
    if (sweep.grid_size() <= 100) sweep.point(sweep.points().front());
  });
  const MemoryFile memory(text);
  attempt([&] {
    const ResultsIndex index(memory.path());
    if (index.whole_bytes() > index.bytes()) std::abort();
    for (const auto& known : index.lines())
      attempt([&] { read_result(index, known.second, [](const Value& value) { bind_summary(value); }); });
  });
  return 0;
}
