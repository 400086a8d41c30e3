#include "sim/sweep/sweep_files.hpp"

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "analysis/statistics/summary.hpp"
#include "sim/base/error.hpp"
#include "sim/base/line_file.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/base/version.hpp"
#include "sim/json/section.hpp"

namespace pagetoken {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kDamageShown = 5;

std::string file_in(const std::string& directory, std::string_view name) { return directory + "/" + std::string(name); }

}  // namespace

Json SweepRecord::json() const {
  Json json{{"format", kFormat}, {"version", kVersion}, {"sweep", sweep}, {"partial", partial}};
  if (!precision.is_null()) json["precision"] = precision;
  if (shard.of > 1) json["shard"] = {{"index", shard.index}, {"of", shard.of}};
  return json;
}

SweepRecord read_sweep_record(const std::string& directory) {
  const std::string file = file_in(directory, kSweepFile);
  const Json json = read_json_file(file);
  return bind_sweep_record(Value(json, file));
}

SweepRecord bind_sweep_record(const Value& value) {
  Section section(value);
  const Value format = section.required("format", "\"format\": 1");
  if (format.json() != kFormat)
    format.fail(fmt::format("the format is {}", shown(format.json())),
                fmt::format("this version reads format {}", kFormat));
  const Value version = section.required("version", fmt::format("\"version\": \"{}\"", kVersion));
  if (version.text() != kVersion)
    version.fail(fmt::format("these results were made by pagetoken {}", version.text()),
                 fmt::format("results of pagetoken {}", kVersion));
  SweepRecord record;
  const Value sweep = section.required("sweep", "the sweep");
  if (!sweep.json().is_object()) sweep.fail_type("the sweep, an object");
  record.sweep = sweep.json();
  record.partial = section.flag("partial", true);
  if (const std::optional<Value> precision = section.find("precision")) record.precision = precision->json();
  Section shard = section.section("shard");
  record.shard.of = static_cast<std::uint64_t>(shard.integer("of", 1, {1, INT64_MAX}));
  record.shard.index = static_cast<std::uint64_t>(shard.integer("index", 0, {0, INT64_MAX}));
  if (record.shard.index >= record.shard.of)
    shard.value().fail(fmt::format("part {} of {}", record.shard.index, record.shard.of), "an index below \"of\"");
  shard.finish();
  section.finish();
  return record;
}

Sweep recorded_sweep(const SweepRecord& record, const std::string& directory,
                     std::span<const Declaration* const> protocols) {
  const std::string file = file_in(directory, kSweepFile);
  try {
    return {record.sweep, file, file, protocols};
  } catch (const ConfigError& error) {
    if (error.file() != file || error.place().starts_with("line ")) throw;
    throw ConfigError(file, "/sweep" + error.place(), error.wrong(), error.allowed());
  }
}

void write_sweep_record(const std::string& directory, const SweepRecord& record) {
  const std::string path = file_in(directory, kSweepFile);
  const std::string text = record.json().dump(2) + "\n";
  std::error_code ignored;
  if (std::filesystem::file_size(path, ignored) == text.size() && read_config_text(path) == text) return;
  OutputFile file(path);
  file.write(text);
  file.commit();
}

std::vector<std::string> ordered_runs(const Sweep& sweep, const std::vector<const ResultsIndex*>& indices) {
  std::vector<std::string> names;
  for (const std::uint64_t point : sweep.points()) {
    const Json document = sweep.document(point);
    for (std::uint64_t r = 0;; ++r) {
      std::string name = Sweep::run_name(document, sweep.seed(r));
      bool known = r < sweep.repetitions();
      for (const ResultsIndex* index : indices) known = known || index->find(name) != nullptr;
      if (!known) break;
      names.push_back(std::move(name));
    }
  }
  return names;
}

void read_result(const ResultsIndex& index, const ResultLine& line, const std::function<void(const Value&)>& use) {
  const Json json = parse_json_line(index.read(line), index.path(), line.number);
  const std::string place = fmt::format("{}: line {}", index.path(), line.number);
  use(Value(json, place));
}

double bind_timing(const Value& value) {
  constexpr std::string_view kWriter = "a line that pagetoken sweep wrote";
  Section timing(value);
  Section perf(timing.written("perf", kWriter));
  return written_quantity(perf, "wall_s", kWriter);
}

void read_timings(const std::string& directory, const std::function<void(std::string_view, double)>& use) {
  const std::string path = file_in(directory, kTimingsFile);
  std::error_code unreadable;  // LineFile says why
  if (!std::filesystem::exists(path, unreadable) && !unreadable) return;
  LineFile file(path, "the times of a sweep's runs");
  for (std::string_view line; file.next(line) && !file.ended_in_line();) {
    const Json json = parse_json_line(line, path, file.number());
    const std::string place = fmt::format("{}: line {}", path, file.number());
    use(line, bind_timing(Value(json, place)));
  }
}

void tell_damage(const ResultsIndex& index) {
  for (std::size_t i = 0; i < index.damaged().size() && i < kDamageShown; ++i) {
    const DamagedLine& line = index.damaged()[i];
    fmt::print(stderr, "pagetoken: {}: line {}: {}; the line is left out, its run is made again by sweep\n",
               one_line(index.path()), line.number, line.reason);
  }
  if (index.damaged().size() > kDamageShown)
    fmt::print(stderr, "pagetoken: {}: and {} more lines\n", one_line(index.path()),
               index.damaged().size() - kDamageShown);
}

}  // namespace pagetoken
