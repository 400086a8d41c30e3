// Whatever is wrong is said on one line: the file, where in it, what was found, what is allowed.

#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

#include <gtest/gtest.h>

#include "declarations.hpp"
#include "sim/base/error.hpp"
#include "sim/config/run_config.hpp"

namespace pagetoken {
namespace {

namespace fs = std::filesystem;

struct BadInput {
  std::string name;
  std::string text;
  std::string says;  ///< how the line goes on after the file's name
};
void PrintTo(const BadInput& input, std::ostream* out) { *out << input.name; }

std::string nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }
std::string with(const std::string& keys) {
  return R"({"protocol": "ivy-fixed", "workload": {"pattern": "uniform"}, )" + keys + "}";
}
std::string with_workload(const std::string& workload) {
  return R"({"protocol": "ivy-fixed", "workload": )" + workload + "}";
}
std::string with_protocol(const std::string& protocol) {
  return R"({"workload": {"pattern": "uniform"}, "protocol": )" + protocol + "}";
}

class Folder : public testing::Test {
 protected:
  Folder() : path_(fs::path(testing::TempDir()) / ("config_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() override { fs::remove_all(path_); }
  std::string write(const std::string& text, const std::string& name = "run.json") const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  fs::path path_;
};

std::string complaint(const std::string& path, const Overrides& overrides = {}) {
  const auto protocols = test_protocols();
  try {
    load_run_config(path, overrides, protocols);
  } catch (const ConfigError& error) {
    const std::string line = error.what();
    EXPECT_EQ(line.find_first_of("\n\r\t"), line.npos) << line;
    EXPECT_LT(line.size(), 1700u);
    return line;
  }
  return "accepted";
}

class BadText : public Folder, public testing::WithParamInterface<BadInput> {};

TEST_P(BadText, IsRefusedInOneLineThatSaysWhereAndWhy) {
  const std::string path = write(GetParam().text);
  const std::string line = complaint(path);
  ASSERT_TRUE(line.starts_with(path + ": ")) << line;
  EXPECT_TRUE(line.substr(path.size() + 2).starts_with(GetParam().says)) << line << "\nwanted: " << GetParam().says;
}

const BadInput kBroken[] = {
    {"Empty", "", "is empty"},
    {"Blank", " \n\t ", "is empty"},
    {"OnlyAComment", "// nothing\n", "line 2, column 1: syntax error while parsing value - unexpected end of input"},
    {"Unclosed", "{\n  \"seed\": 1\n",
     "line 3, column 1: syntax error while parsing object - unexpected end of input; expected '}'"},
    {"TrailingComma", "{\"seed\": 1,}", "line 1, column 12: syntax error while parsing object key"},
    {"TwoDocuments", "{} {}", "line 1, column 4: syntax error while parsing value"},
    {"BareWord", "{\"seed\": yes}", "line 1, column 10: "},
    {"HugeNumber", "{\"seed\": 1e999}", "line 1, column 14: number overflow"},
    {"UnclosedComment", "{} /* so", "line 1, column 9: "},
    {"NulByte", std::string("{}\n\0{", 5), "line 2, column 1: a NUL byte"},
    {"InvalidUtf8", "{\"seed\xff\": 1}", "line 1, column 7: invalid UTF-8"},
    {"InvalidUtf8InAComment", "// \xc0\x80\n{}", "line 1, column 4: invalid UTF-8"},
    {"Surrogate", "{\"a\": \"\xed\xa0\x80\"}", "line 1, column 8: invalid UTF-8"},
    {"DuplicateKey", R"({"cluster": {"clients": 1, "clients": 2}})", "/cluster/clients: the key occurs twice"},
    {"TooDeep", nested(65), "/0/0/0"},
    {"MuchTooDeep", std::string(5'000'000, '['), "/0/0/0"},
    {"MuchTooDeepObjects",
     [] {
       std::string s;
       for (int i = 0; i < 100'000; ++i) s += "{\"a\":";
       return s;
     }(),
     "/a/a/a"},
    {"TooLong", std::string((16 << 20) + 1, ' '), "is longer than 16 MiB"},
    {"ScalarDocument", "7", "found 7; expected an object"},
    {"ArrayDocument", "[1, 2]", "found an array of 2; expected an object"},
    {"ControlCharactersInAKey",
     "{\"a\\u001b[31m\\n\": 1, \"protocol\": \"ivy-fixed\", \"workload\": {\"pattern\": \"uniform\"}}",
     "/a\\x1b[31m\\n: unknown key"},
};

const BadInput kWrong[] = {
    {"NoProtocol", R"({"workload": {"pattern": "uniform"}})",
     R"("protocol" is missing; write for instance "protocol": "ivy-fixed")"},
    {"NoWorkload", R"({"protocol": "ivy-fixed"})", R"("workload" is missing)"},
    {"MisspeltRequiredKey", R"({"protocl": "ivy-fixed"})", R"(/protocl: unknown key; did you mean "protocol"?)"},
    {"UnknownProtocol", with_protocol(R"("ivy-fixd")"),
     R"(/protocol: unknown protocol "ivy-fixd"; did you mean "ivy-fixed"? allowed: ivy-fixed, lease)"},
    {"ProtocolOfWrongType", with_protocol("7"), "/protocol: found 7; expected a protocol's name"},
    {"UnknownParameter", with_protocol(R"({"name": "lease", "params": {"term": 1}})"),
     "/protocol/params/term: unknown key; "},
    {"ParameterOutOfRange", with_protocol(R"({"name": "lease", "params": {"term_ns": 1}})"),
     "/protocol/params/term_ns: 1 is out of range; allowed: an integer from 1000 to 1000000000000"},
    {"ParameterNull", with_protocol(R"({"name": "lease", "params": {"term_ns": null}})"),
     "/protocol/params/term_ns: found null"},
    {"FlagForANumber", with_protocol(R"({"name": "lease", "params": {"term_ns": true}})"),
     "/protocol/params/term_ns: found true; expected an integer"},
    {"UnknownKey", with(R"("sead": 1)"), R"(/sead: unknown key; did you mean "seed"?)"},
    {"UnknownNestedKey", with(R"("cluster": {"network": {"latency": 1}})"), "/cluster/network/latency: unknown key; "},
    {"StringForAnInteger", with(R"("cluster": {"clients": "8"})"),
     R"(/cluster/clients: found "8"; expected an integer from 0 to 1048576)"},
    {"FractionForAnInteger", with(R"("seed": 1.5)"), "/seed: found 1.5; expected an integer"},
    {"NegativeSeed", with(R"("seed": -1)"), "/seed: -1 is out of range"},
    {"SeedBeyond63Bits", with(R"("seed": 18446744073709551615)"), "/seed: 18446744073709551615 is out of range"},
    {"SeedBeyond64Bits", with(R"("seed": 1e30)"), "/seed: 1e+30 is out of range"},
    {"NoClients", with(R"("cluster": {"clients": 0})"), "/cluster/clients: 0 is out of range"},
    {"PageNoPowerOfTwo", with(R"("cluster": {"page_bytes": 1000})"), "/cluster/page_bytes: 1000 is no power of two"},
    {"TooManyColocatedManagers", with(R"("cluster": {"managers": 20, "placement": "colocated"})"),
     "/cluster/managers: 20 managers"},
    {"UnknownPlacement", with(R"("cluster": {"placement": "hashd"})"),
     R"(/cluster/placement: unknown value "hashd"; did you mean "hashed"?)"},
    {"UnknownTopology", with(R"("cluster": {"network": {"topology": "fat_tree"}})"),
     R"(/cluster/network/topology: unknown value "fat_tree"; did you mean "fat-tree"?)"},
    {"PlatformWithoutFile", with(R"("cluster": {"network": {"topology": {}}})"),
     R"(/cluster/network/topology: "platform" is missing)"},
    {"UnknownTopologyKey", with(R"("cluster": {"network": {"topology": {"name": "rack", "nodes_per_rak": 4}}})"),
     R"(/cluster/network/topology/nodes_per_rak: unknown key; did you mean "nodes_per_rack"?)"},
    {"KeyOfAnotherTopology", with(R"("cluster": {"network": {"topology": {"name": "rack", "dimensions": [4]}}})"),
     "/cluster/network/topology/dimensions: unknown key; "},
    {"FatTreeOfUnevenLists",
     with(R"("cluster": {"network": {"topology": {"name": "fat-tree", "down": [4, 4], "up": [1]}}})"),
     "/cluster/network/topology/up: 1 levels; as many as \"down\" has: 2"},
    {"FatTreeWithTwoLinksANode",
     with(R"("cluster": {"network": {"topology": {"name": "fat-tree", "down": [4], "up": [2]}}})"),
     "/cluster/network/topology/up: 2 switches above a node"},
    {"TorusWithoutASide", with(R"("cluster": {"network": {"topology": {"name": "torus", "dimensions": [4, 0]}}})"),
     "/cluster/network/topology/dimensions/1: 0 is out of range"},
    {"HugeTorus", with(R"("cluster": {"network": {"topology": {"name": "torus", "dimensions": [65536, 65536]}}})"),
     "/cluster/network/topology: it has 4.295e+09 places"},
    {"DragonflyOfTooManyGroups",
     with(R"("cluster": {"network": {"topology": {"name": "dragonfly", "groups": 5, "routers": 4}}})"),
     "/cluster/network/topology/groups: 5 groups of 4 routers"},
    {"PlatformForEvents", with(R"("cluster": {"network": {"topology": {"platform": "x.xml"}}})"),
     "/cluster/network/topology: the event engine does not read SimGrid's platform files"},
    {"UnknownModel", with(R"("simgrid": {"network_model": "CM2"})"),
     R"(/simgrid/network_model: unknown value "CM2"; did you mean "CM02"?)"},
    {"OptionOfWrongType", with(R"("simgrid": {"options": {"network/TCP-gamma": [0]}})"),
     "/simgrid/options/network~1TCP-gamma: found an array of 1; expected a text"},
    {"FluidEvents", with(R"("cluster": {"network": {"contention": "fluid"}})"),
     "/cluster/network/contention: the event engine"},
    {"ZeroBandwidth", with(R"("cluster": {"network": {"bandwidth_bytes_per_s": 0}})"),
     "/cluster/network/bandwidth_bytes_per_s: 0 is out of range"},
    {"ThreadsDisagree",
     R"({"protocol": "lease", "workload": {"pattern": "uniform", "threads": 2}, "cluster": {"threads_per_client": 3}})",
     "/cluster/threads_per_client: 3 threads, but the workload has 2"},
    {"ThreadsOfATrace", R"({"protocol": "lease", "workload": {"trace": "t"}, "cluster": {"threads_per_client": 3}})",
     "/cluster/threads_per_client: 3 threads, but the workload has 1; a trace has one"},
    {"UnknownGuard", with(R"("guard": "pagelock")"),
     R"(/guard: unknown guard "pagelock"; did you mean "page-lock"? allowed: none, truncate-sem)"},
    {"UnknownPreset", with(R"("guard": {"preset": "frlok"})"),
     R"(/guard/preset: unknown guard "frlok"; did you mean "frlock"?)"},
    {"UnknownSwitch", with(R"("guard": {"preset": "frlock", "state_frist": false})"),
     R"(/guard/state_frist: unknown key; did you mean "state_first"?)"},
    {"SwitchOfWrongType", with(R"("guard": {"preset": "frlock", "state_first": 0})"),
     "/guard/state_first: found 0; expected true or false"},
    {"UnknownSwitchValue", with(R"("guard": {"check": "isise"})"),
     R"(/guard/check: unknown value "isise"; did you mean "isize"?)"},
    {"UnknownCosts", with(R"("costs": "2004")"),
     R"(/costs: unknown value "2004"; did you mean "2003"? allowed: modern, 2003)"},
    {"UnknownStep", with(R"("costs": {"hitt_ns": 5})"), R"(/costs/hitt_ns: unknown key; did you mean "hit_ns"?)"},
    {"NegativeStep", with(R"("costs": {"hit_ns": -5})"), "/costs/hit_ns: -5 is out of range"},
    {"NegativeSigma", with(R"("costs": {"sigma": -0.1})"),
     "/costs/sigma: -0.1 is out of range; allowed: a number from 0 to 5"},
    {"UnknownPattern", with_workload(R"({"pattern": "zipff"})"),
     R"(/workload/pattern: unknown value "zipff"; did you mean "zipf"?)"},
    {"KeyOfAnotherPattern", with_workload(R"({"pattern": "uniform", "exponent": 1})"),
     "/workload/exponent: unknown key; "},
    {"FractionOutOfRange", with_workload(R"({"pattern": "uniform", "write_fraction": 1.1})"),
     "/workload/write_fraction: 1.1 is out of range"},
    {"PatternAndTrace", with_workload(R"({"pattern": "uniform", "trace": "t"})"),
     R"(/workload/pattern: "pattern" beside "trace")"},
    {"NeitherPatternNorTrace", with_workload("{}"), R"(/workload: "pattern" is missing)"},
    {"MixedWithoutParts", with_workload(R"({"pattern": "mixed"})"), R"(/workload: "parts" is missing)"},
    {"MixedOfMixed", with_workload(R"({"pattern": "mixed", "parts": [{"pattern": "mixed"}]})"),
     "/workload/parts/0/pattern: "},
    {"UnknownTraceField", with_workload(R"({"trace": "t", "map": {"clent": 1}})"),
     R"(/workload/map/clent: unknown field; did you mean "client"?)"},
    {"UnknownOrder", with_workload(R"({"trace": "t", "order": "close"})"),
     R"(/workload/order: unknown value "close"; did you mean "closed"?)"},
    {"TwoStops", with(R"("stop": {"accesses": 1, "time_ns": 1})"), R"(/stop: both "accesses" and "time_ns")"},
    {"OracleOne", with(R"("oracle": 1)"), "/oracle: found 1; expected true or false"},
    {"UnknownEngine", with(R"("engine": "simgird")"),
     R"(/engine: unknown value "simgird"; did you mean "simgrid"? allowed: event, simgrid)"},
};

std::string name_of_case(const testing::TestParamInfo<BadInput>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Broken, BadText, testing::ValuesIn(kBroken), name_of_case);
INSTANTIATE_TEST_SUITE_P(Wrong, BadText, testing::ValuesIn(kWrong), name_of_case);

using BadFile = Folder;

TEST_F(BadFile, MissingIsNamed) {
  EXPECT_EQ(complaint("/no/such.json"), "/no/such.json: cannot be read: No such file or directory; a readable file");
}

TEST_F(BadFile, DirectoryIsNamed) {
  EXPECT_TRUE(complaint(path_.string()).starts_with(path_.string() + ": is a directory"));
}

TEST_F(BadFile, UnreadableIsNamed) {
  // Not even root reads a process's memory at address 0.
  EXPECT_EQ(complaint("/proc/self/mem"), "/proc/self/mem: cannot be read: Input/output error; a readable file");
}

TEST_F(BadFile, EndlessDeviceIsCutOff) {
  EXPECT_TRUE(complaint("/dev/zero").starts_with("/dev/zero: is longer than 16 MiB"));
}

TEST_F(BadFile, GuardFileIsNamedInsteadOfTheRun) {
  write(R"({"check": "isise"})", "guard.json");
  const std::string path = write(with(R"("guard": "./guard.json")"));
  const std::string expected =
      (path_ / "guard.json").string() + ": /check: unknown value \"isise\"; did you mean \"isize\"?";
  EXPECT_TRUE(complaint(path).starts_with(expected)) << complaint(path);
}

struct BadOverride {
  std::string set;
  std::string says;
};
void PrintTo(const BadOverride& override, std::ostream* out) { *out << override.set; }
class BadSet : public Folder, public testing::WithParamInterface<BadOverride> {};

TEST_P(BadSet, IsRefused) {
  const std::string path = write(with(R"("seed": 1)"));
  const std::string line = complaint(path, {.set = {GetParam().set}});
  EXPECT_NE(line.find(GetParam().says), line.npos) << line;
}
INSTANTIATE_TEST_SUITE_P(, BadSet,
                         testing::Values(BadOverride{"/seed", "--set: /seed: has no \"=\"; POINTER=VALUE"},
                                         BadOverride{"seed=1", "--set: seed: does not begin with \"/\""},
                                         BadOverride{"/a~2=1", "--set: /a~2: \"~\" is not followed"},
                                         BadOverride{"/seed/x=1", "--set: /seed/x: leads into 1, which has no members"},
                                         BadOverride{"/sede=1", "/sede: unknown key; did you mean \"seed\"?"},
                                         BadOverride{"/seed=x", "/seed: found \"x\"; expected an integer"},
                                         BadOverride{"=5", ": found 5; expected an object"},
                                         BadOverride{"/guard/state_frist=false", "/guard/state_frist: unknown key"},
                                         BadOverride{"/workload/pattern/0=1",
                                                     "--set: /workload/pattern/0: leads into \"uniform\""}));

}  // namespace
}  // namespace pagetoken
