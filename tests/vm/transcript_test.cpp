// Every task of the VM under each guard preset, alone and step by step, against the transcripts in tests/golden/vm.
// PAGETOKEN_UPDATE_GOLDEN=1 writes them anew; docs/vm-model.md, "Steps" and "Guards", is what they are reviewed
// against.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <ostream>
#include <sstream>

#include <gtest/gtest.h>

#include "bench.hpp"
#include "sim/config/guards.hpp"

namespace pagetoken {
namespace {

using bench::Bench;
using bench::call;
using bench::kBufferFile;
using bench::load;
using bench::store;

const Resource kPage = page_resource(bench::kFile, 0);
const Resource kSize = size_resource(bench::kFile);

struct Case {
  std::string name;     ///< of the file, without .txt
  std::string comment;  ///< what was there before
  std::string command;
  std::function<void(Bench&)> play;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

void play_alone(Bench& bench, const Task& task) {
  if (!bench.run(bench.start(task))) bench.say("does not end");
}

/// The data that a send from this node would carry now.
void say_parked(Bench& bench, const Resource& resource) {
  const Data data = bench.vm().take_parked(resource);
  if (!data.present) return bench.say("sends nothing");
  const bool size = resource.kind == ResourceKind::size;
  bench.say(std::string("sends ") + (size ? "size " : "v") + std::to_string(size ? data.size : data.version.value) +
            (data.dirty ? ", and the duty to write it" : ""));
}

void play_revoke(Bench& bench, const Resource& resource, Mode keep, Disposition disposition) {
  if (!bench.run(bench.revoke(resource, keep, disposition))) bench.say("does not end");
  if (disposition == Disposition::hand_over) say_parked(bench, resource);
}

/// A fault is stopped at a step, another task does what it can, then both go on in turns.
void play_interrupted(Bench& bench, const Task& fault, std::string_view at, const std::function<TaskIndex()>& other) {
  const TaskIndex first = bench.start(fault, "F");
  bench.run(first, at);
  const TaskIndex second = other();
  bool first_done = false, second_done = false;
  for (int turn = 0; turn < 8 && !(first_done && second_done); ++turn) {
    second_done = second_done || bench.run(second);
    first_done = first_done || bench.run(first);
  }
  if (!first_done) bench.say("F does not end");
  if (!second_done) bench.say("the other does not end");
}

void hold_exclusive(Bench& bench) {
  bench.hold(kPage, Mode::exclusive);
  bench.hold(kSize, Mode::exclusive);
}

Task with_buffer(Task task) {
  task.has_buffer = true;
  task.other.file = kBufferFile;
  return task;
}

std::vector<Case> access_cases() {
  return {
      {"read-fault", "Nothing is cached, no token is held.", "load", [](Bench& b) { play_alone(b, load()); }},
      {"read-fault-cached", "The page is cached and its token held EXCLUSIVE, but no PTE maps it.", "load",
       [](Bench& b) {
         b.quietly(store());
         b.quietly(call(TaskKind::munmap, 0, 1));
         play_alone(b, load());
       }},
      {"write-fault", "Nothing is cached, no token is held.", "store", [](Bench& b) { play_alone(b, store()); }},
      {"hit", "The PTE allows the access.", "store",
       [](Bench& b) {
         b.quietly(store());
         play_alone(b, store());
       }},
      {"write-on-read-only", "A read-only PTE maps the page, whose token is held SHARED.", "store",
       [](Bench& b) {
         b.quietly(load());
         play_alone(b, store());
       }},
      {"write-on-read-only-exclusive", "A read-only PTE maps the page, whose token is held EXCLUSIVE.", "store",
       [](Bench& b) {
         hold_exclusive(b);
         b.quietly(load());
         play_alone(b, store());
       }},
      {"cow-fault", "The page is cached under SHARED; the private mapping has no PTE.", "store, private mapping",
       [](Bench& b) {
         b.quietly(load());
         play_alone(b, store(0, true));
       }},
      {"cow-on-read-only", "The private mapping has a read-only PTE of the cached page.", "store, private mapping",
       [](Bench& b) {
         b.quietly(load(0, true));
         play_alone(b, store(0, true));
       }},
      {"fault-beyond", "The page is beyond i_size.", "load page 1", [](Bench& b) { play_alone(b, load(1)); }},
  };
}

std::vector<Case> invalidation_cases() {
  const auto dirty_and_copied = [](Bench& b) {
    b.quietly(store());
    b.quietly(store(0, true));
  };
  return {
      {"truncate", "The page is mapped writable and dirty, and has a private copy; the size is held SHARED.",
       "truncate to 0",
       [=](Bench& b) {
         dirty_and_copied(b);
         play_alone(b, call(TaskKind::truncate, 0, kToInfinity));
       }},
      {"punch", "The page is mapped writable and dirty, and has a private copy.", "punch page 0",
       [=](Bench& b) {
         dirty_and_copied(b);
         play_alone(b, call(TaskKind::punch, 0, 1));
       }},
      {"invalidate", "The page is mapped read-only and clean, and has a private copy.", "invalidate page 0",
       [](Bench& b) {
         b.quietly(load());
         b.quietly(store(0, true));
         play_alone(b, call(TaskKind::invalidate, 0, 1));
       }},
      {"extend", "The file has one page.", "extend to 2 pages",
       [](Bench& b) { play_alone(b, call(TaskKind::extend, 0, 2)); }},
      {"evict", "The page is mapped writable and dirty.", "evict page 0",
       [](Bench& b) {
         b.quietly(store());
         play_alone(b, call(TaskKind::evict, 0, 1));
       }},
      {"fault-meets-invalidate", "F has a read fault, and is about to take the page table lock when I invalidates.",
       "load, invalidate",
       [](Bench& b) {
         play_interrupted(b, load(), "F7", [&] { return b.start(call(TaskKind::invalidate, 0, 1), "I"); });
       }},
      {"fault-meets-truncate", "F has a read fault, and is about to take the page table lock when T truncates.",
       "load, truncate to 0",
       [](Bench& b) {
         play_interrupted(b, load(), "F7", [&] { return b.start(call(TaskKind::truncate, 0, kToInfinity), "T"); });
       }},
      {"fault-meets-revoke", "F has a read fault, and is about to take the page table lock when R revokes.",
       "load, revoke to NONE",
       [](Bench& b) {
         play_interrupted(b, load(), "F7", [&] { return b.revoke(kPage, Mode::none, Disposition::discard, "R"); });
       }},
  };
}

std::vector<Case> call_cases() {
  return {
      {"read-call", "Nothing is cached, no token is held.", "read(2) of page 0",
       [](Bench& b) { play_alone(b, call(TaskKind::read, 0, 1)); }},
      {"write-call", "Nothing is cached, no token is held; the user buffer is resident.", "write(2) to page 0",
       [](Bench& b) { play_alone(b, call(TaskKind::write, 0, 1)); }},
      {"write-call-extends", "The file has one page; the user buffer is resident.", "write(2) to pages 0 and 1",
       [](Bench& b) { play_alone(b, call(TaskKind::write, 0, 2)); }},
      {"write-call-mapped-buffer", "The user buffer maps a page of another file, which is not there yet.",
       "write(2) to page 0", [](Bench& b) { play_alone(b, with_buffer(call(TaskKind::write, 0, 1))); }},
      {"fsync", "The page is mapped writable and dirty.", "fsync",
       [](Bench& b) {
         b.quietly(store());
         play_alone(b, call(TaskKind::fsync, 0, kToInfinity));
       }},
      {"munmap", "The page is mapped writable and dirty.", "munmap",
       [](Bench& b) {
         b.quietly(store());
         play_alone(b, call(TaskKind::munmap, 0, 1));
       }},
      {"mmap", "Nothing waits for the mmap_sem.", "mmap", [](Bench& b) { play_alone(b, call(TaskKind::mmap, 0, 1)); }},
  };
}

std::vector<Case> revoke_cases() {
  const auto revoke = [](Mode keep, Disposition disposition) {
    return [=](Bench& b) {
      b.quietly(store());
      play_revoke(b, kPage, keep, disposition);
    };
  };
  const std::string dirty = "The page is mapped writable and dirty under EXCLUSIVE.";
  return {
      {"revoke-write-back", dirty, "revoke to NONE, write back", revoke(Mode::none, Disposition::write_back)},
      {"revoke-hand-over", dirty, "revoke to NONE, hand over", revoke(Mode::none, Disposition::hand_over)},
      {"revoke-discard", dirty, "revoke to NONE, discard", revoke(Mode::none, Disposition::discard)},
      {"revoke-to-shared", dirty, "revoke to SHARED, write back", revoke(Mode::shared, Disposition::write_back)},
      {"revoke-to-shared-hand-over", dirty, "revoke to SHARED, hand over",
       revoke(Mode::shared, Disposition::hand_over)},
      {"revoke-shared", "The page is mapped read-only under SHARED.", "revoke to NONE, discard",
       [](Bench& b) {
         b.quietly(load());
         play_revoke(b, kPage, Mode::none, Disposition::discard);
       }},
      {"revoke-size", "The size is held EXCLUSIVE and was changed here.", "revoke the size to NONE, write back",
       [](Bench& b) {
         b.quietly(call(TaskKind::extend, 0, 2));
         play_revoke(b, kSize, Mode::none, Disposition::write_back);
       }},
      {"revoke-size-hand-over", "The size is held EXCLUSIVE and was changed here.",
       "revoke the size to SHARED, hand over",
       [](Bench& b) {
         b.quietly(call(TaskKind::extend, 0, 2));
         play_revoke(b, kSize, Mode::shared, Disposition::hand_over);
       }},
  };
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto& group : {access_cases(), invalidation_cases(), call_cases(), revoke_cases()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

/// A section for each different transcript, headed by the presets that share it.
std::string transcript(const Case& c) {
  std::vector<std::pair<std::string, std::string>> sections;  // presets, lines
  for (const GuardPreset& preset : guard_presets()) {
    Bench bench(preset.scheme);
    c.play(bench);
    const std::string lines = joined(bench.lines());
    const auto same = std::find_if(sections.begin(), sections.end(), [&](const auto& s) { return s.second == lines; });
    if (same == sections.end())
      sections.emplace_back(preset.name, lines);
    else
      same->first += ", " + preset.name;
  }
  std::string all = "# " + c.comment + "\n";
  for (const auto& [presets, lines] : sections) all += "\n# " + presets + "\n" + c.command + "\n----\n" + lines;
  return all;
}

class Transcript : public testing::TestWithParam<Case> {};

TEST_P(Transcript, IsTheGoldenOne) {
  const std::string path = std::string(PAGETOKEN_SOURCE_DIR "/tests/golden/vm/") + GetParam().name + ".txt";
  const std::string played = transcript(GetParam());
  if (std::getenv("PAGETOKEN_UPDATE_GOLDEN")) {
    std::ofstream(path) << played;
    return;
  }
  std::ifstream file(path);
  ASSERT_TRUE(file) << path << " is missing; PAGETOKEN_UPDATE_GOLDEN=1 writes it";
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(golden.str(), played);
}

INSTANTIATE_TEST_SUITE_P(Vm, Transcript, testing::ValuesIn(cases()), [](const auto& param) {
  std::string name = param.param.name;
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace pagetoken
