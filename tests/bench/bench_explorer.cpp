// The explorer: German's protocol with four clients beside a search written by hand for it and beside Spin on the same
// model in the same run, and the whole-cluster check (three nodes that store to one page, VM steps included).

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <sstream>

#include <sys/resource.h>

#include "protocols/registry/registry.hpp"
#include "sim/base/version.hpp"
#include "sim/check/cluster/packed_cluster.hpp"
#include "sim/config/guards.hpp"
#include "sim/explore/explorer.hpp"
#include "sim/explore/models/german.hpp"
#include "sim/json/json.hpp"

namespace pagetoken {
namespace {

double cpu_s(int who) {
  rusage usage{};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Wall and CPU seconds, of this process or of its children.
Json timed(const char* name, int who, const std::function<Json()>& work) {
  const auto start = std::chrono::steady_clock::now();
  const double cpu = cpu_s(who);
  Json result{{"name", name}};
  result.update(work());
  result["cpu_s"] = cpu_s(who) - cpu;
  result["wall_s"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result["states_per_cpu_s"] = result["states"].get<double>() / result["cpu_s"].get<double>();
  return result;
}

Json figures(const Exploration& e) {
  return {{"verdict", name_of(e.verdict)},         {"states", e.states},
          {"transitions", e.transitions},          {"depth", e.depth},
          {"compare", name_of(e.compare)},         {"bytes", e.bytes},
          {"bytes_per_state", e.bytes_per_state()}};
}

Json german_explored(std::size_t threads, Compare compare) {
  German<4> a, b;
  German<4>* const models[] = {&a, &b};
  Json result = figures(explore<German<4>>({models, threads}, {.compare = compare}));
  result["threads"] = threads;
  return result;
}

/// What one would write for this model alone: states in a vector, an open addressing table of their numbers.
Json german_by_hand() {
  using State = German<4>::State;
  German<4> model;
  std::vector<State> states;
  std::vector<std::uint32_t> slots(std::size_t{1} << 22);
  std::uint64_t transitions = 0;
  const auto add = [&] {
    const State& s = model.state();
    std::size_t at = hash_of(reinterpret_cast<const std::uint8_t*>(&s), sizeof s) & (slots.size() - 1);
    for (; slots[at] != 0; at = (at + 1) & (slots.size() - 1))
      if (std::memcmp(&states[slots[at] - 1], &s, sizeof s) == 0) return;
    states.push_back(s);
    slots[at] = static_cast<std::uint32_t>(states.size());
  };
  for (std::size_t i = 0; i < model.initial_states(); ++i) {
    model.initial(i);
    add();
  }
  for (std::size_t i = 0; i < states.size(); ++i) {
    model.state() = states[i];
    const std::size_t count = model.choices();
    if (model.check()) return {{"verdict", "violated"}, {"states", states.size()}};
    transitions += count;
    for (std::size_t choice = 0; choice < count; ++choice) {
      if (choice != 0) model.state() = states[i];
      model.take(choice);
      add();
    }
  }
  const std::size_t bytes = states.capacity() * sizeof(State) + slots.size() * sizeof(std::uint32_t);
  return {{"verdict", "ok"},
          {"states", states.size()},
          {"transitions", transitions},
          {"bytes", bytes},
          {"bytes_per_state", static_cast<double>(bytes) / static_cast<double>(states.size())}};
}

/// Spin's own search of the same model; null if there is no spin.
Json german_by_spin() {
  if (std::system("command -v spin >/dev/null") != 0) {
    std::fputs("bench_explorer: no spin here (./dev setup installs it)\n", stderr);
    return nullptr;
  }
  char folder[] = "/tmp/pagetoken-spin-XXXXXX";
  if (!mkdtemp(folder)) throw std::runtime_error("cannot make a folder for spin");
  const std::string in_folder = "cd " + std::string(folder) + " && ";
  const std::string build = in_folder + "spin -a -DN=4 " PAGETOKEN_SOURCE_DIR
                                        "/tests/bench/german.pml >/dev/null && "
                                        "cc -O3 -DSAFETY -DNOREDUCE -DVECTORSZ=4096 -o pan pan.c";
  Json result;
  if (std::system(build.c_str()) == 0)
    result = timed("german_4_spin", RUSAGE_CHILDREN, [&]() -> Json {
      if (std::system((in_folder + "./pan -m2000000 -w22 >out").c_str()) != 0)
        throw std::runtime_error("pan has failed");
      std::stringstream out;
      out << std::ifstream(std::string(folder) + "/out").rdbuf();
      const std::string text = out.str();
      std::smatch states, transitions, memory;
      if (!std::regex_search(text, states, std::regex("([0-9]+) states, stored")) ||
          !std::regex_search(text, transitions, std::regex("([0-9]+) transitions")) ||
          !std::regex_search(text, memory, std::regex("([0-9.]+)\\s+total actual memory usage")))
        throw std::runtime_error("pan's output is not understood");
      const double bytes = std::stod(memory[1]) * 1e6;
      return {{"states", std::stoull(states[1])},
              {"transitions", std::stoull(transitions[1])},
              {"bytes", bytes},
              {"bytes_per_state", bytes / std::stod(states[1])}};
    });
  std::filesystem::remove_all(folder);
  return result;
}

Json cluster_explored(const char* protocol, std::size_t threads, bool symmetry) {
  const Factory* factory = find_protocol(protocol);
  const auto machine = factory->make({3, {}});
  const Paths paths(find_guard_preset("page-lock")->scheme, {.refault_write = true});
  ClusterModel::Options options;
  options.shape.clients = 3;
  options.scripts.assign(
      3, {{TaskKind::access, true, FileId{0}, one_page(0)}, {TaskKind::access, false, FileId{0}, one_page(0)}});
  ClusterModel a(options, *machine, paths), b(options, *machine, paths);
  ClusterModel* const models[] = {&a, &b};
  const Exploration found = explore_cluster({models, threads}, {.max_states = 1'000'000, .symmetry = symmetry});
  Json result = figures(found);
  result["protocol"] = protocol;
  result["threads"] = threads;
  if (symmetry) result["states_in_orbits"] = found.orbits_states;
  return result;
}

/// Runs what is named with `only`, or everything if that is empty.
Json run_all(std::string_view only) {
  Json runs = Json::array();
  const auto run = [&](const char* name, const std::function<Json()>& work) {
    if (only.empty() || only == name) runs.push_back(timed(name, RUSAGE_SELF, work));
  };
  run("german_4_by_hand", german_by_hand);
  for (const std::size_t threads : {1u, 2u}) run("german_4", [&] { return german_explored(threads, Compare::exact); });
  run("german_4", [] { return german_explored(1, Compare::fingerprint); });
  if (only.empty() || only == "german_4_spin")
    if (Json spin = german_by_spin(); !spin.is_null()) runs.push_back(std::move(spin));
  for (const char* protocol : {"ivy-fixed", "ivy-dynamic"})
    for (const std::size_t threads : {1u, 2u})
      run("cluster_3_nodes_1_page", [&] { return cluster_explored(protocol, threads, false); });
  for (const std::size_t threads : {1u, 2u})
    run("cluster_3_nodes_1_page_symmetry", [&] { return cluster_explored("ivy-fixed", threads, true); });
  return runs;
}

}  // namespace
}  // namespace pagetoken

/// An argument is the name of the runs to make.
int main(int count, char** arguments) try {
  using namespace pagetoken;
  const Json runs = run_all(count > 1 ? arguments[1] : "");
  std::puts(Json({{"benchmark", "explorer"}, {"version", kVersion}, {"runs", runs}}).dump(2).c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench_explorer: %s\n", error.what());
  return 3;
}
