// damage PROGRAM SOURCE SECONDS SEED: files of every format that the program reads are damaged, and the program reads
// them. It may refuse them; it may not die, run for ever, or leave half a file. See tests/damage.sh.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <unistd.h>

#include "formats.hpp"
#include "runner.hpp"
#include "spans.hpp"

namespace {

using namespace damage;

constexpr std::string_view kOld = "what was there before\n";

std::string content_of(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}
void write(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
}

bool is_whole(const fs::path& path) {
  const std::string text = content_of(path), name = path.string();
  if (text == kOld) return true;
  if (name.ends_with(".json")) return is_json(text);
  if (name.ends_with(".html")) return text.ends_with("</html>\n");
  return name.ends_with(".bin") || text.empty() || text.ends_with("\n");
}

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// One damaged file and what the program made of it.
class Trial {
 public:
  Trial(const std::string& program, const fs::path& folder, const Format& format, Random& random)
      : program_(program), folder_(folder / "trial"), format_(format), random_(random) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "out");
    for (const auto& entry : fs::directory_iterator(folder))  // what platforms name
      if (entry.path().extension() == ".profile") fs::copy(entry.path(), folder_);
  }

  /// Empty if all went well.
  std::string go() {
    lay_out();
    fill_in();
    ended_ = run(arguments_, folder_.string());
    const std::string wrong = wrong_with(ended_);
    return wrong.empty() ? wrong_outputs() : wrong;
  }
  const Ended& ended() const { return ended_; }
  const fs::path& folder() const { return folder_; }
  const std::string& how() const { return how_; }
  std::string command() const {
    std::string line;
    for (const std::string& word : arguments_) line += (line.empty() ? "'" : " '") + word + "'";
    return line;
  }

 private:
  void lay_out() {
    const fs::path& original = format_.originals[below(format_.originals.size(), random_)];
    file_ = folder_ / original.filename();
    if (format_.in_folder) {
      fs::copy(original.parent_path(), folder_ / "dir", fs::copy_options::recursive);
      file_ = folder_ / "dir" / original.filename();
    }
    fs::remove(file_);
    const bool inside = format_.gzip && below(2, random_) == 0;
    const std::string text = inside ? unzipped(original) : content_of(original);
    const Damaged damaged =
        damage::damaged(text, format_.gzip && !inside ? Kind::bytes : format_.kind, format_.large, random_);
    how_ = damaged.how;
    write(file_, damaged.text);
    if (inside && std::system(("gzip -c '" + file_.string() + "' >'" + file_.string() + ".2' && mv '" + file_.string() +
                               ".2' '" + file_.string() + "'")
                                  .c_str()) != 0)
      std::exit(3);
  }
  std::string unzipped(const fs::path& file) const {
    const fs::path plain = folder_ / "plain";
    if (std::system(("gzip -dc '" + file.string() + "' >'" + plain.string() + "'").c_str()) != 0) std::exit(3);
    return content_of(plain);
  }
  void fill_in() {
    arguments_ = {program_};
    const bool old = below(2, random_) == 0;
    for (std::string word : format_.uses[below(format_.uses.size(), random_)]) {
      replace_all(word, "{file}", file_.string());
      replace_all(word, "{dir}", file_.parent_path().string());
      replace_all(word, "{outdir}", (folder_ / "out" / "made").string());
      if (word.starts_with("{") && word.ends_with("}") && word.find('.') != word.npos && word.find(':') == word.npos) {
        word = (folder_ / "out" / word.substr(1, word.size() - 2)).string();
        if (old) write(word, kOld);
      }
      arguments_.push_back(std::move(word));
    }
  }
  std::string wrong_outputs() const {
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "out")) {
      const std::string name = entry.path().filename().string();
      if (name.find(".tmp-") != name.npos) return "a temporary is left: " + name;
      if (entry.is_regular_file() && !is_whole(entry.path())) return "half a file: " + name;
    }
    return "";
  }

  const std::string& program_;
  fs::path folder_;
  const Format& format_;
  Random& random_;
  fs::path file_;
  std::string how_;
  std::vector<std::string> arguments_;
  Ended ended_;
};

struct Tally {
  std::map<std::string, std::map<int, unsigned>> exits;  ///< format -> exit code -> how many
  unsigned files = 0;
  unsigned failures = 0;
  double longest_s = 0;
  double largest_gib = 0;

  void print() const {
    std::map<int, unsigned> all;
    for (const auto& [format, codes] : exits) {
      std::printf("  %-36s", format.c_str());
      for (const auto& [code, count] : codes) {
        std::printf("  %d: %u", code, count);
        all[code] += count;
      }
      std::printf("\n");
    }
    std::printf("%u files, %zu formats; exits", files, exits.size());
    for (const auto& [code, count] : all) std::printf("  %d: %u", code, count);
    std::printf("; longest %.1f s of CPU, largest %.2f GiB; %u failed\n", longest_s, largest_gib, failures);
  }
};

void tell_failure(const Trial& trial, const std::string& format, const std::string& wrong, const fs::path& kept) {
  std::error_code none;
  fs::remove_all(kept, none);
  fs::copy(trial.folder(), kept, fs::copy_options::recursive, none);
  std::printf("FAILED %s, %s: %s (exit %d, signal %d, %.1f s of CPU, %.2f GiB)\n  kept in %s\n  %s\n", format.c_str(),
              trial.how().c_str(), wrong.c_str(), trial.ended().code, trial.ended().signal, trial.ended().cpu_s,
              trial.ended().rss_gib, kept.c_str(), trial.command().c_str());
  if (!trial.ended().err.empty()) std::printf("  %s\n", trial.ended().err.substr(0, 400).c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "usage: damage PROGRAM SOURCE SECONDS SEED\n"), 2;
  const std::string program = fs::canonical(argv[1]).string();
  const double seconds = std::strtod(argv[3], nullptr);
  const std::uint64_t seed = std::strtoull(argv[4], nullptr, 10);
  std::string pattern = (fs::temp_directory_path() / "pagetoken-damage-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) return std::perror("damage: a temporary folder"), 3;
  const fs::path folder = pattern;

  std::vector<std::string> missing;
  const std::vector<Format> all = formats(program, fs::canonical(argv[2]), folder, missing);
  for (const std::string& name : missing) std::printf("not tried, as there is no file of it: %s\n", name.c_str());
  std::printf("seed %llu, in %s\n", static_cast<unsigned long long>(seed), folder.c_str());
  std::fflush(stdout);
  Tally tally;
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count() < seconds;
       ++i) {
    const Format& format = all[i % all.size()];
    Random random(seed * 1'000'003 + i);  // each file by itself: it can be made again
    Trial trial(program, folder, format, random);
    const std::string wrong = trial.go();
    ++tally.files;
    ++tally.exits[format.name][trial.ended().signal != 0 ? 128 + trial.ended().signal : trial.ended().code];
    tally.longest_s = std::max(tally.longest_s, trial.ended().cpu_s);
    tally.largest_gib = std::max(tally.largest_gib, trial.ended().rss_gib);
    if (!wrong.empty())
      tell_failure(trial, format.name, wrong, folder / ("failed-" + std::to_string(++tally.failures)));
  }
  tally.print();
  if (tally.failures == 0) fs::remove_all(folder);
  return tally.failures == 0 && missing.empty() ? 0 : 1;
}
