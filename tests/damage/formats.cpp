#include "formats.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "runner.hpp"

namespace damage {
namespace {

// As little work as there can be, whatever else a configuration says.
const Use kShortly{"--set", R"(/stop={"accesses":200})", "--set", R"(/warmup={"accesses":10})"};

constexpr const char* kRun = R"({"protocol": "ivy-fixed", "cluster": {"clients": 3},
 "workload": {"pattern": "uniform", "pages": 4}, "warmup": {"accesses": 20}, "stop": {"accesses": 100}})";
// Most keys that there are. Its guard and protocol end every access, also on slow networks: not all do.
constexpr const char* kAllKeys = R"({"protocol": {"name": "dlm-file", "params": {"hold_ns": 0}},
 "guard": {"preset": "page-lock", "unmap_twice": false}, "engine": "event",
 "cluster": {"clients": 3, "cpus_per_client": 2, "managers": 2, "placement": "hashed", "page_bytes": 8192, "cache_pages": 9,
  "network": {"topology": "star", "latency_ns": 1000, "bandwidth_bytes_per_s": 1000000, "contention": "none",
   "small_message_bytes": 3}, "storage": {"nodes": 2, "read_ns": 4, "write_ns": 5, "bandwidth_bytes_per_s": 6000000}},
 "costs": {"preset": "2003", "hit_ns": 7},
 "workload": {"pattern": "mixed", "parts": [{"weight": 2, "pattern": "zipf", "exponent": 0.5, "via": "syscall"},
  {"pattern": "truncate-storm"}]}, "warmup": {"accesses": 8}, "stop": {"accesses": 90}, "seed": 10, "oracle": true})";
constexpr const char* kSweep = R"({"title": "t", "base": {"protocol": "ivy-fixed", "cluster": {"clients": 3},
 "workload": {"pattern": "uniform", "pages": 4}, "warmup": {"accesses": 20}, "stop": {"accesses": 100}},
 "vary": {"/protocol": ["ivy-fixed", "nocache"], "/cluster/clients": {"from": 2, "to": 3, "steps": 2, "scale": "linear"}},
 "together": [], "constraint": "/cluster/clients < 9", "repetitions": 2})";
constexpr const char* kProtocolCheck = R"({"scenario": "protocol", "protocol": "ivy-fixed", "nodes": 2, "pages": 1,
 "operations": 1, "links": "unordered", "losses": 1})";
constexpr const char* kCheckList = R"({"guard": "hook", "checks": [
 {"name": "a race", "scenario": "fault-truncate", "guard": {"preset": "frlock", "barriers": false}, "verdict": "ok",
  "states": 90, "transitions": 150}, // not measured
 {"name": "lost", "scenario": "protocol", "protocol": "ivy-fixed", "scripts": [["store 0"]], "losses": 1, "threads": 1,
  "verdict": "violated", "property": "deadlock", "steps": 7, "long": false}]})";
constexpr const char* kHistory = R"({"process": 0, "op": "w", "key": "x", "value": 1, "start_ns": 0, "end_ns": 9}
{"process": 1, "op": "r", "key": "x", "value": 1, "start_ns": 3, "end_ns": 12}
{"process": 1, "op": "sync", "kind": "open", "key": "x", "start_ns": 13, "end_ns": 14}
{"process": 0, "op": "w", "key": "y", "value": "b", "start_ns": 10, "end_ns": null}
{"process": 2, "op": "r", "key": "y", "value": null, "start_ns": 11, "end_ns": 20}
)";
constexpr const char* kPlatform = R"(<?xml version='1.0'?>
<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">
<platform version="4.1">
  <zone id="z" routing="Full">
    <host id="a" speed="1Gf"/><host id="b" speed="1Gf"/><host id="c" speed="1Gf"/>
    <link id="l" bandwidth="1GBps" latency="10us" sharing_policy="FATPIPE"/><link id="m" bandwidth="125MBps" latency="15us"/>
    <route src="a" dst="b"><link_ctn id="l"/></route><route src="a" dst="c"><link_ctn id="m"/></route>
    <route src="b" dst="c"><link_ctn id="l"/><link_ctn id="m"/></route>
  </zone>
</platform>
)";

class Maker {
 public:
  Maker(const std::string& program, fs::path source, fs::path folder)
      : program_(program), source_(std::move(source)), folder_(std::move(folder)) {}

  fs::path write(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  /// What a command writes; nothing if it does not.
  std::vector<fs::path> made(Use arguments, const std::string& name) const {
    arguments.insert(arguments.begin(), program_);
    for (std::string& word : arguments)
      if (word == "{}") word = (folder_ / name).string();
    run(arguments, folder_.string());
    if (!fs::exists(folder_ / name)) return {};
    return {folder_ / name};
  }
  /// The files of a folder of the tree whose names end so.
  std::vector<fs::path> all_in(const std::string& place, const std::string& suffix) const {
    std::vector<fs::path> found;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(source_ / place, none))
      if (entry.path().string().ends_with(suffix) && entry.is_regular_file()) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }
  fs::path zipped(const fs::path& file) const {
    const std::string command = "gzip -c '" + file.string() + "' >'" + (folder_ / file.filename()).string() + ".gz'";
    return std::system(command.c_str()) == 0 ? folder_ / (file.filename().string() + ".gz") : fs::path();
  }
  const fs::path& source() const { return source_; }
  const fs::path& folder() const { return folder_; }

 private:
  const std::string& program_;
  fs::path source_;
  fs::path folder_;
};

Use with(Use words, const Use& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}
std::vector<fs::path> joined(std::vector<fs::path> paths, const std::vector<fs::path>& more) {
  paths.insert(paths.end(), more.begin(), more.end());
  return paths;
}

void add_configurations(const Maker& make, std::vector<Format>& list) {
  const fs::path run = make.write("run.json", kRun), check = make.write("check.json", kProtocolCheck);
  const auto runs =
      joined({run, make.write("all-keys.json", kAllKeys)}, make.all_in("tests/fuzz/corpus/config", "uniform.json"));
  list.push_back(
      {"run configuration", Kind::json, true, runs, {with({"run", "{file}", "-o", "{out.json}"}, kShortly)}});
  // As large as it says, and on SimGrid, which takes its time for very many hosts.
  list.push_back(
      {"run configuration, small",
       Kind::json,
       false,
       {run},
       {{"run", "{file}", "-o", "{out.json}"}, {"run", "{file}", "--engine", "simgrid", "-o", "{out.json}"}}});
  const fs::path sweep = make.write("sweep.json", kSweep);
  list.push_back({"sweep configuration",
                  Kind::json,
                  false,
                  {sweep},
                  {{"sweep", "{file}", "-o", "{outdir}", "-j", "2"},
                   {"sweep", "{file}", "--dry-run"},
                   {"sweep", "{file}", "-o", "{outdir}", "-j", "1", "--precision", "0.5", "--max-repetitions", "3"}}});
  list.push_back(
      {"check configuration",
       Kind::json,
       true,
       joined({check}, make.all_in("configs/checks", ".json")),
       {{"check", "{file}", "--json", "{out.json}", "--counterexample", "{more.json}", "--max-states", "2000"},
        {"check", "{file}", "--worst-case", "--json", "{out.json}", "--max-states", "2000"}}});
  list.push_back({"list of checks",
                  Kind::json,
                  true,
                  {make.source() / "protocols/nocache/check.json", make.write("list.json", kCheckList)},
                  {{"check", "{file}", "--json", "{out.json}", "--max-states", "1000"},
                   {"check", "{file}", "--update", "--max-states", "1000"}}});
  list.push_back(
      {"guard file",
       Kind::json,
       true,
       make.all_in("configs/guards", ".json"),
       {with({"run", run.string(), "--set", "/guard={file}", "-o", "{out.json}"}, kShortly),
        {"check", check.string(), "--set", "/guard={file}", "--json", "{out.json}", "--max-states", "1000"}}});
}

void add_results(const Maker& make, std::vector<Format>& list) {
  const std::string run = (make.folder() / "run.json").string(), sweep = (make.folder() / "sweep.json").string();
  make.made({"sweep", sweep, "-o", (make.folder() / "results").string(), "-j", "1"}, "");
  const std::vector<Use> readers{
      {"report", "{dir}", "-o", "{out.html}", "--markdown", "{out.md}", "--csv", "{out.csv}"},
      {"merge", "{dir}", "-o", "{outdir}"},
      {"sweep", sweep, "-o", "{dir}", "-j", "1"},
      {"sweep", sweep, "-o", "{dir}", "-j", "1", "--precision", "0.9", "--max-repetitions", "3"}};
  const auto in_results = [&](const char* name) { return std::vector<fs::path>{make.folder() / "results" / name}; };
  list.push_back({"results.jsonl", Kind::lines, true, in_results("results.jsonl"), readers, true});
  list.push_back({"sweep.json", Kind::json, false, in_results("sweep.json"), readers, true});
  list.push_back({"timings.jsonl", Kind::lines, true, in_results("timings.jsonl"), readers, true});
  const auto summary = make.made({"run", run, "-o", "{}"}, "summary.json");
  const std::string good = (make.folder() / "summary.json").string();
  list.push_back({"summary",
                  Kind::json,
                  true,
                  joined(summary, make.all_in("tests/cases", "rel-summary.json")),
                  {{"report", "{file}", "-o", "{out.html}", "--markdown", "{out.md}", "--csv", "{out.csv}"},
                   {"report", good, "{file}", "--no-sequences", "-o", "{out.html}"},
                   with({"run", "{file}", "-o", "{out.json}"}, kShortly)}});
  auto checks = make.made({"check", (make.source() / "configs/checks/fault-truncate.json").string(), "--set",
                           "/guard=none", "--json", "{}"},
                          "violated.json");
  checks =
      joined(checks, make.made({"check", (make.folder() / "check.json").string(), "--json", "{}"}, "protocol.json"));
  checks = joined(checks, make.made({"check", (make.folder() / "check.json").string(), "--set", "/losses=0",
                                     "--worst-case", "--json", "{}"},
                                    "worst.json"));
  list.push_back(
      {"check result",
       Kind::json,
       true,
       checks,
       {{"report", good, "--check", "{file}", "--no-sequences", "-o", "{out.html}", "--markdown", "{out.md}"}}});
  auto paths = make.made({"check", (make.source() / "configs/checks/fault-truncate.json").string(), "--set",
                          "/guard=none", "--counterexample", "{}"},
                         "race.json");
  paths = joined(paths,
                 make.made({"check", (make.folder() / "check.json").string(), "--counterexample", "{}"}, "lost.json"));
  list.push_back({"counterexample",
                  Kind::json,
                  true,
                  paths,
                  {{"replay", "{file}", "--json", "{out.json}", "--html", "{out.html}"}}});
}

void add_traces(const Maker& make, std::vector<Format>& list) {
  const std::string run = (make.folder() / "run.json").string();
  const std::vector<Use> analyses{
      {"analyze", "{file}", "--json", "{out.json}", "--html", "{out.html}"},
      {"analyze", "{file}", "--perfetto", "{out.bin}", "--chrome", "{out.json}", "--dot", "{out.dot}"},
      {"analyze", "{file}", "--keep-going", "--validate"}};
  list.push_back(
      {"trace", Kind::lines, true, make.made({"run", run, "--trace", "{}", "--quiet"}, "trace.jsonl"), analyses});
  list.push_back({"trace, zstd", Kind::bytes, true,
                  make.made({"run", run, "--trace", "{}", "--quiet"}, "trace.jsonl.zst"), analyses});

  const auto accesses = make.all_in("tests/fuzz/corpus/trace", ".csv");
  const std::vector<Use> replays{
      with({"run", run, "--set", R"(/workload={"trace":"{file}","format":"csv"})", "--set", "/cluster={}", "-o",
            "{out.json}"},
           kShortly),
      with({"run", run, "--set", R"(/workload={"trace":"{file}","format":"pagetoken"})", "--set", "/cluster={}"},
           kShortly),
      {"import", "csv", "{file}", "-o", "{out.csv}"},
      {"import", "pagetoken", "{file}", "-o", "{out.csv}"}};
  list.push_back({"access trace", Kind::text, true, accesses, replays});
  std::vector<fs::path> zipped;
  for (const fs::path& file : accesses) zipped.push_back(make.zipped(file));
  list.push_back({"access trace, gzip", Kind::text, true, zipped, replays, false, true});
  for (const char* format : {"lackey", "strace", "darshan-dxt", "blkparse", "msr"})
    list.push_back({std::string("import ") + format,
                    Kind::text,
                    true,
                    make.all_in("tests/fuzz/corpus/import", format),
                    {{"import", format, "{file}", "-o", "{out.csv}"}}});
  Format history{"history", Kind::lines, true, {make.write("history.jsonl", kHistory)}, {}};
  for (const char* model : {"linearizable", "sequential", "close-to-open", "release"})
    history.uses.push_back(
        {"oracle", "{file}", "--model", model, "--json", "{out.json}", "--max-configurations", "100000"});
  list.push_back(history);
}

void add_others(const Maker& make, std::vector<Format>& list, const std::string& program) {
  const std::string run = (make.folder() / "run.json").string();
  const auto platforms = joined({make.write("platform.xml", kPlatform)}, make.all_in("tests/platforms", ".xml"));
  list.push_back(
      {"platform",
       Kind::text,
       true,
       platforms,
       {with({"run", run, "--engine", "simgrid", "--set", R"(/cluster/network/topology={"platform":"{file}"})", "--set",
              "/cluster/clients=1", "-o", "{out.json}"},
             kShortly)}});
  std::error_code none;
  for (const fs::path& profile : make.all_in("tests/platforms", ".profile"))
    fs::copy_file(profile, make.folder() / profile.filename(), none);
  const fs::path plugin = fs::path(program).parent_path() / "tests/cli/libplugin_mute.so";
  list.push_back({"plugin",
                  Kind::bytes,
                  true,
                  fs::exists(plugin) ? std::vector{plugin} : std::vector<fs::path>{},
                  {{"list", "--plugin", "{file}"}, {"describe", "none", "--plugin", "{file}"}}});
}

}  // namespace

std::vector<Format> formats(const std::string& program, const fs::path& source, const fs::path& folder,
                            std::vector<std::string>& missing) {
  const Maker make(program, source, folder);
  std::vector<Format> list;
  add_configurations(make, list);
  add_results(make, list);
  add_traces(make, list);
  add_others(make, list, program);
  for (Format& format : list) {
    std::erase_if(format.originals, [](const fs::path& p) { return !fs::exists(p) || fs::is_empty(p); });
    if (format.originals.empty()) missing.push_back(format.name);
  }
  std::erase_if(list, [](const Format& f) { return f.originals.empty(); });
  return list;
}

}  // namespace damage
