#pragma once
// What the tests of workloads share: accesses of a client, files that vanish, messages of errors.

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>
#include <zlib.h>

#include "sim/base/error.hpp"
#include "sim/workload/workload.hpp"

namespace pagetoken {

inline std::vector<Access> take(const Workload& workload, std::uint32_t client, std::size_t count,
                                std::uint32_t thread = 0) {
  std::vector<Access> accesses(count);
  accesses.resize(workload.source(client, thread)->fill(accesses));
  return accesses;
}

inline std::vector<std::pair<std::uint32_t, Access>> take_serial(const Workload& workload, std::size_t count) {
  std::vector<std::pair<std::uint32_t, Access>> accesses;
  const auto source = workload.serial();
  std::pair<std::uint32_t, Access> next;
  while (accesses.size() < count && source->next(next.first, next.second)) accesses.push_back(next);
  return accesses;
}

inline Workload make(const WorkloadSpec& spec, std::uint32_t clients, std::uint64_t seed = 1) {
  return {spec, {.clients = clients, .seed = seed, .config_file = "run.json"}};
}
inline Workload make(Pattern pattern, std::uint32_t clients) { return make(default_spec(pattern), clients); }

/// What() of the ConfigError that `action` raises; empty if it raises none.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return {};
}

/// A folder of its own for each test, removed afterwards.
class FileTest : public testing::Test {
 public:
  ~FileTest() override { std::filesystem::remove_all(folder_); }

 protected:
  FileTest() : folder_(std::filesystem::temp_directory_path() / ("pagetoken_workload_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string file(const std::string& text, const std::string& name = "t.csv") const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string gzip(const std::string& text) const {
    gzFile out = gzopen(path("t.csv.gz").c_str(), "wb");
    gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
    gzclose(out);
    return path("t.csv.gz");
  }
  static std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static WorkloadSpec csv(const std::string& path, Order order = Order::serial) {
    WorkloadSpec spec;
    spec.trace = TraceSpec{.path = path, .format = "csv", .map = {}, .order = order, .page_bytes = 0};
    return spec;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace pagetoken
