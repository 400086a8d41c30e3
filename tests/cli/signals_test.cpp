// What asks the program to stop, as a user meets it: it stops wherever it is, keeps what was done, and leaves nothing
// else behind.

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "started.hpp"
#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

using Json = nlohmann::json;
constexpr int kInterrupted = 130;

class Signals : public testing::Test {
 protected:
  Signals()
      : folder_(std::filesystem::path(testing::TempDir()) /
                (std::string("signals_") + testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Signals() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return path(name);
  }
  /// A run that never ends by itself.
  static Json endless() {
    return {{"protocol", "ivy-fixed"},
            {"cluster", {{"clients", 4}}},
            {"workload", {{"pattern", "uniform"}, {"pages", 8}}},
            {"warmup", {{"accesses", 0}}},
            {"stop", {{"accesses", 1'000'000'000'000}}}};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  std::uintmax_t bytes_there() const {
    std::uintmax_t sum = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) sum += entry.file_size();
    return sum;
  }

  std::filesystem::path folder_;
};

TEST_F(Signals, EachThatAsksToStopKeepsWhatWasDoneAndNoTemporaryFile) {
  const std::string config = write("run.json", endless().dump());
  const std::uintmax_t before = bytes_there();
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    SCOPED_TRACE(strsignal(number));
    Started run({"run", config, "-o", path("summary.json"), "--trace", path("trace.jsonl")});
    while (bytes_there() == before && run.is_running()) ::usleep(500);
    run.signal(number);
    EXPECT_EQ(run.wait(), kInterrupted);
    EXPECT_EQ(names(), (std::vector<std::string>{"run.json", "summary.json", "trace.jsonl"}));
    EXPECT_EQ(Json::parse(content_of(path("summary.json")))["partial"], true);
    std::filesystem::remove(path("summary.json"));
    std::filesystem::remove(path("trace.jsonl"));
  }
}

// As by timeout(1), Slurm, systemd or a terminal that is closed: every process of the group is signalled.
TEST_F(Signals, GroupThatIsSignalledLosesAndInventsNoRun) {
  Json run = endless();
  run["stop"]["accesses"] = 2000;
  const std::string config =
      write("s.json", Json{{"base", run}, {"vary", {{"/cluster/clients", {2, 3, 4}}}}, {"repetitions", 16}}.dump());
  ASSERT_EQ(run_program("sweep " + config + " -j 2 -o " + path("calm")).code, 0);
  const std::string results = path("disturbed/results.jsonl");
  for (const int number : {SIGTERM, SIGHUP, SIGINT}) {
    SCOPED_TRACE(strsignal(number));
    const std::string kept = content_of(results);
    Started sweep({"sweep", config, "-j", "2", "-o", path("disturbed")});
    while (content_of(results).size() <= kept.size() && sweep.is_running()) ::usleep(200);
    sweep.signal_group(number);
    if (number != SIGINT) sweep.signal(number);
    EXPECT_EQ(sweep.wait(), kInterrupted);
    EXPECT_EQ(Json::parse(content_of(path("disturbed/sweep.json")))["partial"], true);
    EXPECT_EQ(content_of(results).find("\"error\""), std::string::npos) << content_of(results);
  }
  ASSERT_EQ(run_program("sweep " + config + " -j 2 -o " + path("disturbed")).code, 0);
  EXPECT_EQ(content_of(results), content_of(path("calm/results.jsonl")));
  EXPECT_EQ(content_of(path("disturbed/sweep.json")), content_of(path("calm/sweep.json")));
}

/// A pipe that a process waits for: this side is open once the other has begun to open its own.
class Pipe {
 public:
  explicit Pipe(std::string path) : path_(std::move(path)) { EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0); }
  ~Pipe() {
    if (writer_ >= 0) ::close(writer_);
    std::filesystem::remove(path_);
  }
  void open_for(Started& reader) {
    while ((writer_ = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK)) < 0 && errno == ENXIO && reader.is_running())
      ::usleep(500);
  }
  void write(const std::string& text) const {
    EXPECT_EQ(::write(writer_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

 private:
  std::string path_;
  int writer_ = -1;
};

struct Reader {
  const char* name;
  std::vector<std::string> arguments;  ///< "PIPE" stands for the pipe
  std::string begins_with{};           ///< what is read before the wait
};

class SignalledReader : public Signals, public testing::WithParamInterface<Reader> {};

TEST_P(SignalledReader, StopsAtTheFirst) {
  Json traced = endless();
  traced["workload"] = {{"trace", path("pipe")}, {"format", "csv"}};
  const std::string config = write("traced.json", traced.dump());
  std::filesystem::create_directory(path("results"));
  Json sweep = {{"base", endless()}, {"vary", {{"/cluster/clients", {2}}}}};
  write("s.json", sweep.dump());
  Pipe pipe(path("pipe"));
  std::vector<std::string> arguments = GetParam().arguments;
  for (std::string& argument : arguments) {
    if (argument == "PIPE") argument = path("pipe");
    if (argument == "TRACED") argument = config;
    if (argument == "OUT") argument = path("out");
  }
  Started program(arguments, path("said"));
  pipe.open_for(program);
  if (!GetParam().begins_with.empty()) pipe.write(GetParam().begins_with);
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), kInterrupted);
  EXPECT_EQ(content_of(path("said")), "pagetoken: interrupted\n");
  for (const std::string& name : names()) EXPECT_FALSE(name.starts_with("out")) << name;
}

const Reader kReaders[] = {
    {"Configuration", {"run", "PIPE"}},
    {"HalfAConfiguration", {"run", "PIPE"}, "{\"protocol\": "},
    {"TraceOfAWorkload", {"run", "TRACED", "-o", "OUT"}, "# time_us client op file page\n0,0,r,0,1\n"},
    {"Import", {"import", "csv", "PIPE", "--map", "client=0,op=1,page=2", "-o", "OUT"}, "0,r,1\n"},
    {"ImportOfCalls", {"import", "strace", "PIPE", "-o", "OUT"}},
    {"Trace", {"analyze", "PIPE"}},
    {"HalfATrace", {"analyze", "PIPE"}, "{\"format\""},
    {"Validation", {"analyze", "--validate", "PIPE"}},
    {"History", {"oracle", "PIPE"}, "{\"process\": 0, \"op\": \"w\", \"key\": \"x\", \"value\": 1, "},
    {"Check", {"check", "PIPE"}},
    {"Replay", {"replay", "PIPE"}},
    {"Sweep", {"sweep", "PIPE", "-o", "OUT"}},
    {"Report", {"report", "PIPE", "-o", "OUT"}},
};
INSTANTIATE_TEST_SUITE_P(All, SignalledReader, testing::ValuesIn(kReaders),
                         [](const auto& test) { return std::string(test.param.name); });

// A writer that nobody reads waits, too.
TEST_F(Signals, WaitForWhoReadsAPipeEnds) {
  const std::string config = write("run.json", endless().dump());
  const std::string pipe = path("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  Started run({"run", config, "--trace", pipe, "-o", path("summary.json")}, path("said"));
  int reader = -1;
  // Once it has opened the pipe, it writes until there is no room.
  while ((reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK)) < 0) ::usleep(500);
  char byte = 0;
  while (::read(reader, &byte, 1) <= 0 && run.is_running()) ::usleep(500);
  run.signal(SIGTERM);
  EXPECT_EQ(run.wait(), kInterrupted) << content_of(path("said"));
  ::close(reader);
  EXPECT_EQ(Json::parse(content_of(path("summary.json")))["partial"], true);
}

TEST_F(Signals, StandardStreamThatIsClosedIsReplaced) {
  Json run = endless();
  run["stop"]["accesses"] = 100;
  const std::string config = write("s.json", Json{{"base", run}, {"vary", {{"/cluster/clients", {2, 3}}}}}.dump());
  const std::string program = "timeout 20 '" PAGETOKEN_PROGRAM "' ";
  const auto code_of = [&](const std::string& line) { return WEXITSTATUS(std::system((program + line).c_str())); };
  EXPECT_EQ(code_of("sweep " + config + " --dry-run >&- 2>" + path("err")), 2);
  EXPECT_EQ(content_of(path("err")), "pagetoken: standard output: cannot be written: Bad file descriptor\n");
  EXPECT_EQ(code_of("sweep " + config + " -o " + path("out") + " <&- 2>&- >/dev/null"), 0);
  EXPECT_EQ(code_of("sweep " + config + " -o " + path("all-closed") + " <&- 2>&- >&-"), 2);
  EXPECT_EQ(content_of(path("all-closed/results.jsonl")), content_of(path("out/results.jsonl")));
  EXPECT_EQ(content_of(path("err")), "pagetoken: standard output: cannot be written: Bad file descriptor\n");
}

TEST_F(Signals, OutputThatNobodyReadsEndsAsAFullDisk) {
  const std::string line = "{ '" PAGETOKEN_PROGRAM "' list 2>" + path("err") + "; echo $? >" + path("code") + "; } | :";
  std::system(line.c_str());
  // The list fits into the pipe if the other side has not gone yet.
  if (content_of(path("code")) != "0\n") {
    EXPECT_EQ(content_of(path("code")), "2\n");
    EXPECT_EQ(content_of(path("err")), "pagetoken: standard output: cannot be written: Broken pipe\n");
  }
}

TEST_F(Signals, RanksThatDoNotComeAreAMistake) {
  Json run = endless();
  run["stop"]["accesses"] = 100;
  const std::string config = write("s.json", Json{{"base", run}, {"vary", {{"/cluster/clients", {2, 3}}}}}.dump());
  const std::string line = "OMPI_COMM_WORLD_SIZE=3 timeout 20 '" PAGETOKEN_PROGRAM "' sweep " + config + " -o " +
                           path("out") + " >" + path("said") + " 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 2);
  const std::string said = content_of(path("said"));
  if (std::string(PAGETOKEN_MPI_RELAY).empty())
    EXPECT_NE(said.find("pagetoken-mpi: is missing"), std::string::npos) << said;
  else
    EXPECT_TRUE(said.starts_with("pagetoken: sweep: OMPI_COMM_WORLD_SIZE: says that there are 3 ranks")) << said;
}

}  // namespace
}  // namespace pagetoken
