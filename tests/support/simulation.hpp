#pragma once
// Runs simulations in this process, from the shipped configurations or from small ones, and hands back their summaries.

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "sim/base/forked.hpp"
#include "sim/run/simulate.hpp"

namespace pagetoken {

inline const ProtocolSet& protocols() {
  static const ProtocolSet set;
  return set;
}

inline std::string shipped(const std::string& name) { return PAGETOKEN_SOURCE_DIR "/configs/runs/" + name + ".json"; }

inline Json run_shipped(const std::string& name, std::vector<std::string> set = {},
                        std::optional<std::int64_t> seed = {}) {
  const Overrides overrides{.set = std::move(set), .seed = seed};
  return summary_json(simulate(load_run_config(shipped(name), overrides, protocols().declarations()), protocols()));
}

inline Json run_config(const Json& config) {
  return summary_json(simulate(bind_run_config(config, "test", protocols().declarations()), protocols()));
}

/// The same in a process of its own, which a run on SimGrid takes: a process has one engine.
inline Json run_apart(const Json& config) {
  const Forked run = run_forked([&] { return run_config(config).dump(); }, 250);
  EXPECT_TRUE(run.done) << run.errors;
  return run.done ? Json::parse(run.result) : Json();
}

/// A file that is gone when the test is over.
class ScratchFile {
 public:
  explicit ScratchFile(const std::string& name, const std::string& text = {})
      : path_(std::filesystem::path(testing::TempDir()) / (std::to_string(::getpid()) + "_" + name)) {
    if (!text.empty()) std::ofstream(path_, std::ios::binary) << text;
  }
  ~ScratchFile() { std::filesystem::remove_all(path_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Accesses one after another, "client op page" each, say "0 r 5"; `more` is merged into the configuration.
inline Json run_accesses(const std::string& protocol, const std::vector<std::string>& accesses,
                         const Json& more = Json::object()) {
  std::string text = "# t_us,client,op,file,page\n";
  for (std::size_t i = 0; i < accesses.size(); ++i) {
    const std::string& a = accesses[i];
    text += std::to_string(i) + "," + a.substr(0, 1) + "," + a.substr(2, 1) + ",0," + a.substr(4) + "\n";
  }
  const ScratchFile trace("accesses.csv", text);
  Json config = {{"protocol", protocol},
                 {"cluster", {{"clients", 2}}},
                 {"workload", {{"trace", trace.path()}, {"format", "csv"}, {"order", "serial"}}}};
  config.merge_patch(more);
  return run_config(config);
}

/// Messages of pages and ranges, those about sizes left out.
inline std::uint64_t page_messages(const Json& summary) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : summary["messages"]["by_type"].items())
    if (!name.starts_with("SIZE_")) sum += count["count"].get<std::uint64_t>();
  return sum;
}

/// A number at a JSON pointer.
inline double at(const Json& summary, const char* pointer) {
  return summary.at(Json::json_pointer(pointer)).get<double>();
}

/// The workload of docs/protocols.md, "Published results": one page, four nodes drawn uniformly, one access at a time.
inline Json run_single_page(double write_fraction, std::uint64_t accesses) {
  return run_config(
      {{"protocol", "ivy-fixed"},
       {"cluster", {{"clients", 4}}},
       {"workload", {{"pattern", "uniform"}, {"pages", 1}, {"write_fraction", write_fraction}, {"serial", true}}},
       {"stop", {{"accesses", accesses}}}});
}

}  // namespace pagetoken
