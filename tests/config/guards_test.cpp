// The presets against the table in docs/vm-model.md, "Guards", row by row.

#include "sim/config/guards.hpp"

#include <filesystem>
#include <set>

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

GuardScheme scheme(std::string_view name) {
  const GuardPreset* preset = find_guard_preset(name);
  EXPECT_TRUE(preset) << name;
  return preset ? preset->scheme : GuardScheme{};
}

TEST(Guards, PresetsHaveTheSwitchesOfTheTable) {
  const GuardScheme hook{.fs_lock_across = true, .fs_lock_in_truncate = true, .pin_scope = PinScope::until_pte};
  GuardScheme both = hook;
  both.check = Check::frlock;
  const GuardScheme page_lock{.page_lock_across = true,
                              .recheck_mapping = true,
                              .mkwrite = Mkwrite::unlocked_relock,
                              .unmap_twice = true,
                              .pin_scope = PinScope::until_page_lock};
  GuardScheme invalidate_lock = page_lock;
  invalidate_lock.invalidate_lock = InvalidateLock::fill;
  invalidate_lock.section_spans_free = true;
  invalidate_lock.mkwrite = Mkwrite::returns_locked;

  EXPECT_EQ(scheme("none"), GuardScheme{});
  EXPECT_EQ(scheme("truncate-sem"), (GuardScheme{.invalidate_lock = InvalidateLock::whole}));
  EXPECT_EQ(scheme("isize-recheck"), (GuardScheme{.check = Check::isize}));
  EXPECT_EQ(scheme("frlock"), (GuardScheme{.check = Check::frlock}));
  EXPECT_EQ(scheme("hook"), hook);
  EXPECT_EQ(scheme("nopagedone"), hook);
  EXPECT_EQ(scheme("frlock+hook"), both);
  EXPECT_EQ(scheme("truncate-count"), (GuardScheme{.check = Check::count}));
  EXPECT_EQ(scheme("seqschedlock"), (GuardScheme{.check = Check::seqsched}));
  EXPECT_EQ(scheme("page-lock"), page_lock);
  EXPECT_EQ(scheme("invalidate-lock"), invalidate_lock);
  EXPECT_EQ(scheme("notifier"), (GuardScheme{.check = Check::notifier}));
}

TEST(Guards, EveryPresetFileIsBuiltInUnderItsNameAndSaysWhereItIsFrom) {
  std::set<std::string> built_in;
  for (const GuardPreset& preset : guard_presets()) {
    built_in.insert(preset.name + ".json");
    EXPECT_FALSE(preset.source.empty() || preset.summary.empty()) << preset.name;
  }
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(PAGETOKEN_SOURCE_DIR "/configs/guards"))
    files.insert(entry.path().filename().string());
  EXPECT_EQ(built_in, files);
}

TEST(Guards, PresetFilesSpellOutEverySwitch) {
  for (const GuardPreset& preset : guard_presets()) {
    const Json json = read_json_file(PAGETOKEN_SOURCE_DIR "/configs/guards/" + preset.name + ".json");
    EXPECT_EQ(json.size(), kMemberCount<GuardScheme> + 4) << preset.name;
  }
}

TEST(Guards, AFileOfSwitchesIsNamedByItselfOrItsFile) {
  const Json json = "../../configs/guards/notifier.json";
  const std::string file = PAGETOKEN_SOURCE_DIR "/tests/config/run.json";
  EXPECT_EQ(bind_guard(Value(json, file)), (GuardConfig{"notifier", scheme("notifier")}));
}

TEST(Guards, AChangedPresetSaysWhatWasChanged) {
  const Json json{{"preset", "hook"}, {"pin_scope", "nopage"}, {"fs_lock_across", true}};
  EXPECT_EQ(bind_guard(Value(json, "x")).name, "hook, pin_scope=nopage");
}

}  // namespace
}  // namespace pagetoken
