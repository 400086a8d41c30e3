// A line that is wrong: exit code 2 and one line that names what was meant.

#include "tests/support/program.hpp"

namespace pagetoken {
namespace {

struct Misuse {
  std::string arguments;
  std::string says;
};
void PrintTo(const Misuse& misuse, std::ostream* out) { *out << misuse.arguments; }
class Misused : public testing::TestWithParam<Misuse> {};

TEST_P(Misused, LineIsAnsweredByOneLineAndExitCodeTwo) { expect_refused(GetParam().arguments, GetParam().says); }

INSTANTIATE_TEST_SUITE_P(
    , Misused,
    testing::Values(Misuse{"", "no command; allowed: "},
                    Misuse{"lsit", "unknown command \"lsit\"; did you mean \"list\"? allowed: "},
                    Misuse{"\"$(printf 'li\\nst')\"", "unknown command \"li\\nst\"; did you mean \"list\"?"},
                    Misuse{"list gards",
                           "list: unknown value \"gards\"; did you mean \"guards\"? allowed: protocols, guards"},
                    Misuse{"list --jsn", "unknown option \"--jsn\"; did you mean \"--json\"?"},
                    Misuse{"list --jsn=3", "unknown option \"--jsn\"; did you mean \"--json\"?"},
                    Misuse{"list -x", "unknown option \"-x\"; allowed: --help"},
                    Misuse{"--versoin", "unknown option \"--versoin\"; did you mean \"--version\"?"},
                    Misuse{"list --color=blue", "--color: unknown value \"blue\"; allowed: auto, always, never"},
                    Misuse{"describe", "describe: NAME is required; see pagetoken describe --help"},
                    Misuse{"describe --jso", "unknown option \"--jso\"; did you mean \"--json\"?"},
                    Misuse{"describe pagelock", "describe: unknown name \"pagelock\"; did you mean \"page-lock\"?"},
                    Misuse{"describe ''", "describe: unknown name \"\""},
                    Misuse{"describe none extra", "describe: unexpected argument \"extra\""},
                    Misuse{"import csv", "import: "}, Misuse{"import csv /no/such -o /tmp/x", "/no/such: "},
                    Misuse{"import cvs /no/such -o /tmp/x", "FORMAT: unknown format \"cvs\"; did you mean \"csv\"?"},
                    Misuse{"import csv /no/such -o /tmp/x --map client", "--map: found \"client\"; FIELD=COLUMN"},
                    Misuse{"import csv /no/such -o /tmp/x --map op=1,op=2", "--map: field \"op\" occurs twice"},
                    Misuse{"list --plugin", "list: --plugin: "},
                    Misuse{"list --plugin nope.so", "nope.so: cannot be loaded: "},
                    Misuse{"list --plugin '" PAGETOKEN_SOURCE_DIR "/CMakeLists.txt'",
                           PAGETOKEN_SOURCE_DIR "/CMakeLists.txt: cannot be loaded: "},
                    Misuse{"list --plugin '" PLUGIN_OTHER_ABI "'",
                           PLUGIN_OTHER_ABI ": was built for version 999 of protocols/api; version 3"},
                    Misuse{"list --plugin '" PLUGIN_MUTE "' --plugin '" PLUGIN_MUTE "'",
                           PLUGIN_MUTE ": declares protocol \"mute\", which there is"}));

TEST(Usage, HelpIsEverywhereAndShowsAnExample) {
  for (const std::string command : {"", "list", "describe", "import"}) {
    const Outcome outcome = run_program(command + " --help");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_NE(outcome.out.find("Example:\n  pagetoken " + command), std::string::npos) << outcome.out;
  }
}

TEST(Usage, VersionIsOneLine) {
  const Outcome outcome = run_program("--version");
  EXPECT_EQ(outcome.code, 0);
  EXPECT_TRUE(outcome.out.starts_with("pagetoken 0.")) << outcome.out;
}

TEST(Usage, FullDiskIsAMistakeOfTheUser) {
  EXPECT_EQ(std::system("'" PAGETOKEN_PROGRAM "' list >/dev/full 2>/dev/null") >> 8, 2);
}

}  // namespace
}  // namespace pagetoken
