// list, describe, import: what they say.

#include <nlohmann/json.hpp>

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;

Json json_of(const std::string& arguments) {
  const Outcome outcome = run_program(arguments);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  return Json::parse(outcome.out);
}
std::vector<std::string> names(const Json& list) {
  std::vector<std::string> result;
  for (const Json& entry : list) result.push_back(entry["name"]);
  return result;
}

TEST(List, HasEveryGuardAndPatternInTheOrderOfTheDocumentation) {
  const Json all = json_of("list --json");
  EXPECT_EQ(all.size(), 5u);
  const std::vector<std::string> guards{"none",         "truncate-sem", "isize-recheck",   "frlock",
                                        "hook",         "nopagedone",   "frlock+hook",     "truncate-count",
                                        "seqschedlock", "page-lock",    "invalidate-lock", "notifier"};
  EXPECT_EQ(names(all["guards"]), guards);
  EXPECT_EQ(all["patterns"].size(), 14u);
  EXPECT_EQ(all["scenarios"].size(), 16u);
  EXPECT_EQ(json_of("list guards --json").size(), 1u);
}

TEST(List, EveryNameCanBeDescribed) {
  const Json all = json_of("list --json");
  for (const auto& [kind, list] : all.items())
    for (const std::string& name : names(list)) {
      const Json thing = json_of("describe --json '" + name + "'");
      EXPECT_EQ(thing["name"], name);
      EXPECT_EQ(thing["kind"].get<std::string>() + "s", kind);
      EXPECT_EQ(run_program("describe '" + name + "'").code, 0);
    }
}

TEST(Describe, ProtocolHasItsCertifiedCostsBesideTheMeanOfARun) {
  const Json costs = json_of("describe ivy-fixed --json")["costs"];
  const auto of = [&](const std::string& event) {
    for (const Json& row : costs)
      if (row["event"] == event) return row;
    return Json();
  };
  EXPECT_EQ(of("WMISS_EXCL")["messages_most"], 3);
  EXPECT_EQ(of("WMISS_SHARED")["messages_most"], 5);
  for (const Json& row : costs) {
    if (row["messages_mean"].is_null()) continue;  // the run did not meet it
    EXPECT_GE(row["messages_mean"], row["messages_least"]) << row;
    EXPECT_LE(row["messages_mean"], row["messages_most"]) << row;
    EXPECT_LE(row["hops_mean"], row["hops_most"]) << row;
  }
}

TEST(Describe, AFileOfSwitchesHasThePathsThatItCompilesTo) {
  const Json preset = json_of("describe page-lock --json");
  const Json same = json_of("describe " PAGETOKEN_SOURCE_DIR "/configs/guards/page-lock.json --json");
  EXPECT_EQ(same, preset);
  const std::string path = testing::TempDir() + "describe_" + std::to_string(::getpid()) + ".json";
  std::ofstream(path) << R"({"preset": "page-lock", "unmap_twice": false})";
  const Json changed = json_of("describe " + path + " --json");
  EXPECT_EQ(changed["kind"], "guard");
  EXPECT_EQ(changed["name"], "page-lock, unmap_twice=false");
  EXPECT_EQ(changed["fault"], preset["fault"]);
  EXPECT_LT(changed["truncate"].size(), preset["truncate"].size());
  const std::string text = run_program("describe " + path).out;
  EXPECT_NE(text.find("unmap_twice"), std::string::npos) << text;
  std::ofstream(path) << R"({"preset": "page-lock", "unmap_twcie": false})";
  expect_refused("describe " + path, path + ": /unmap_twcie: ");
  std::filesystem::remove(path);
  expect_refused("describe " + path, path);
}

TEST(Describe, GuardHasItsSwitchesAndSource) {
  const Json guard = json_of("describe frlock --json");
  EXPECT_EQ(guard["switches"]["check"], "frlock");
  EXPECT_EQ(guard["switches"]["state_first"], true);
  EXPECT_NE(guard["source"].get<std::string>().find("A. Arcangeli"), std::string::npos);
}

TEST(Describe, PatternHasItsKeysWithDefaults) {
  const Json keys = json_of("describe zipf --json")["keys"];
  const auto exponent =
      std::find_if(keys.begin(), keys.end(), [](const Json& key) { return key["name"] == "exponent"; });
  ASSERT_NE(exponent, keys.end());
  EXPECT_EQ((*exponent)["default"], 0.99);
}

TEST(Describe, FormatIsAvailableIfImportReadsIt) {
  for (const std::string& name : names(json_of("list formats --json")["formats"])) {
    EXPECT_EQ(json_of("describe " + name + " --json")["available"], true) << name;
    expect_refused("import " + name + " /no/such -o /dev/null", "/no/such: ");
  }
  EXPECT_EQ(json_of("describe strace --json")["read_by"], "import, which makes a trace of it that workloads read");
}

TEST(Describe, FieldsOfACsvAreThoseThatImportTakes) {
  const std::string file = testing::TempDir() + "/fields_" + std::to_string(::getpid()) + ".csv";
  std::ofstream(file) << "1,2,r,3,4,5\n";
  const Json csv = json_of("describe csv --json");
  for (const Json& field : csv.at("fields")) {
    std::istringstream names(field["name"].get<std::string>());
    for (std::string name; std::getline(names >> std::ws, name, ',');) {
      std::string command = "import csv '";
      command.append(file).append("' -o /dev/null --map ").append(name).append("=0");
      const Outcome outcome = run_program(command);
      EXPECT_EQ(outcome.err.find("unknown field"), std::string::npos) << outcome.err;
    }
  }
  // The values that are promised, too: numbers for clients and files, and these words for operations.
  const std::string command = "import csv '" + file + "' -o /dev/null --map client=0,file=1,op=2,offset=4,length=5";
  for (const char* op : {"r", "w", "read", "write", "append", "truncate", "extend", "punch", "fsync"}) {
    std::ofstream(file) << "1,2," << op << ",3,4,5\n";
    EXPECT_EQ(run_program(command).code, 0) << op;
  }
  std::filesystem::remove(file);
}

TEST(Describe, PluginIsAProtocolLikeAnyOther) {
  const Json mute = json_of("describe mute --json --plugin '" PLUGIN_MUTE "'");
  EXPECT_EQ(mute["kind"], "protocol");
  const Json term{{"name", "term_ns"}, {"default", 5}, {"min", 1},
                  {"max", 9},          {"unit", "ns"}, {"description", "how long it is silent"}};
  EXPECT_EQ(mute["parameters"], Json::array({term}));
}

TEST(Describe, ColorsOnlyWhenAsked) {
  EXPECT_EQ(run_program("describe none").out.find('\x1b'), std::string::npos);
  EXPECT_NE(run_program("describe none --color always").out.find("\x1b[1m"), std::string::npos);
}

TEST(Import, WritesATraceAndSaysWhatIsInIt) {
  const std::filesystem::path folder = testing::TempDir();
  const std::string in = (folder / ("in_" + std::to_string(::getpid()) + ".csv")).string();
  const std::string out = in + ".pt";
  std::ofstream(in) << "# t_us,client,op,file,page\n1,0,r,0,3\n2,1,w,0,3\n";
  const Outcome outcome =
      run_program("import csv '" + in + "' --map time_us=0,client=1,op=2,file=3,page=4 -o '" + out + "'");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("2 accesses of 2 rows")) << outcome.out;
  EXPECT_NE(content_of(out).find("pagetoken accesses"), std::string::npos);
  EXPECT_EQ(run_program("--quiet import csv '" + in + "' -o '" + out + "'").out, "");
  std::filesystem::remove(in);
  std::filesystem::remove(out);
}

}  // namespace
}  // namespace pagetoken
