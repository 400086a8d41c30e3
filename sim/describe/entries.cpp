// describe: protocols, guards, patterns and formats.

#include "sim/describe/entries.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/config/workload_config.hpp"
#include "sim/describe/notes.hpp"
#include "sim/vm/program.hpp"
#include "sim/workload/csv_reader.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kGranularityNames[] = {"page", "range", "file"};
constexpr std::string_view kConsistencyNames[] = {"linearizable", "sequential", "close-to-open", "release"};
constexpr std::string_view kCachingNames[] = {"tokens", "none"};
constexpr std::string_view kRoleNames[] = {"local", "home"};

template <class E, std::size_t N>
std::string_view name_in(const std::string_view (&names)[N], E value) {
  return names[static_cast<std::size_t>(value)];
}

/// What a parameter's name ends in, where that is a unit: its last word or, for rates, the last three.
std::string_view unit_of(std::string_view name) {
  constexpr std::string_view units[] = {"bytes_per_s", "ns", "us", "ms", "s", "bytes", "pages", "permille", "percent"};
  for (const std::string_view unit : units)
    if (name.size() > unit.size() && name.ends_with(unit) && name[name.size() - unit.size() - 1] == '_') return unit;
  return "";
}

/// The steps of a path in the order in which they are compiled; what exceptional branches do stands where they lead.
OrderedJson steps_of(const Program& program) {
  OrderedJson steps = OrderedJson::array();
  for (std::size_t i = 0; i + kAbortTail < program.size(); ++i) {
    const Instruction& instruction = program[i];
    if (instruction.op == StepOp::jump || instruction.op == StepOp::end) continue;
    steps.push_back({{"step", instruction.step}, {"does", instruction.text}});
  }
  return steps;
}

/// A value of a key as JSON writes it: KeyInfo has them all as numbers.
OrderedJson value_of_key(const KeyInfo& key, double value) {
  if (key.type() == KeyType::number) return value;
  if (key.type() == KeyType::flag) return value != 0;
  if (const auto names = names_of(key); !names.empty()) return names[static_cast<std::size_t>(value)];
  return static_cast<std::int64_t>(value);
}

}  // namespace

void tell_protocol(OrderedJson& json, const Declaration& declaration) {
  json["source"] = declaration.source;
  json["granularity"] = name_in(kGranularityNames, declaration.granularity);
  json["consistency"] = name_in(kConsistencyNames, declaration.consistency);
  json["caching"] = name_in(kCachingNames, declaration.caching);
  json["has_home"] = declaration.has_home;
  json["has_extend_mode"] = declaration.has_extend_mode;
  json["hears_sync"] = declaration.hears_sync;
  json["needs_fifo"] = declaration.needs_fifo;
  json["needs_reliable"] = declaration.needs_reliable;
  json["parameters"] = OrderedJson::array();
  for (const Parameter& p : declaration.parameters)
    json["parameters"].push_back({{"name", p.name},
                                  {"default", p.default_value},
                                  {"min", p.min},
                                  {"max", p.max},
                                  {"unit", unit_of(p.name)},
                                  {"description", p.description}});
  json["messages"] = OrderedJson::array();
  for (const MessageType& m : declaration.messages)
    json["messages"].push_back({{"name", m.name},
                                {"handled_by", name_in(kRoleNames, m.role)},
                                {"bytes", m.bytes},
                                {"description", m.description}});
  json["timers"] = OrderedJson::array();
  for (const TimerType& t : declaration.timers)
    json["timers"].push_back({{"name", t.name}, {"any_time", t.any_time}, {"ticks", t.ticks}});
  if (const std::string_view notes = notes_of(declaration.name); !notes.empty()) json["notes"] = notes;
}

void tell_guard(OrderedJson& json, const GuardPreset& preset) {
  json["source"] = preset.source;
  const Json switches = switches_of(preset.scheme);
  for_each_field(preset.scheme, [&](std::string_view name, const auto&) {  // in the order of the model
    json["switches"][std::string(name)] = switches.at(std::string(name));
  });
  for (const auto& [name, meaning] : kSwitchMeanings) json["switches_meaning"][std::string(name)] = meaning;
  const Paths paths(preset.scheme, {});
  json["fault"] = steps_of(paths.of(TaskKind::access));
  json["truncate"] = steps_of(paths.of(TaskKind::truncate));
  json["revoke"] = steps_of(paths.of(TaskKind::revoke));
}

void tell_pattern(OrderedJson& json, const PatternInfo& pattern) {
  json["default_clients"] = pattern.default_clients;
  json["min_clients"] = pattern.min_clients;
  for (const KeyInfo& key : keys_of(pattern.pattern))
    json["keys"].push_back({{"name", key.key},
                            {"default", value_of_key(key, key.fallback)},
                            {"min", value_of_key(key, key.min)},
                            {"max", value_of_key(key, key.max)},
                            {"description", key.description}});
  const bool mixed = pattern.pattern == Pattern::mixed;
  if (mixed) json["parts"] = R"("parts": [{"weight": 1, "pattern": NAME, its keys}, ...])";
  json["example"] = fmt::format(R"({{"protocol": "ivy-fixed", "workload": {{"pattern": "{}"{}}}}})", pattern.name,
                                mixed ? R"(, "parts": [{"pattern": "uniform"}, {"pattern": "append"}])" : "");
}

void tell_format(OrderedJson& json, const TraceFormat& format) {
  json["available"] = true;
  json["read_by"] = format.replayed ? "workloads, and import" : "import, which makes a trace of it that workloads read";
  json["compression"] = "plain or gzip, told apart by content";
  const bool ours = format.name == "pagetoken";
  if (!format.replayed) {
    json["example"] = fmt::format("pagetoken import {} FILE -o accesses.csv", format.name);
    return;
  }
  if (ours) json["first_lines"] = fmt::format("{}N, then {}", kTraceMagic, kTraceHeader);
  json["fields"] = OrderedJson::array();
  const auto field = [&](std::string_view name, std::string_view meaning) {
    json["fields"].push_back({{"name", name}, {"meaning", meaning}});
  };
  if (ours)
    field("time_ns", "since the first access, not falling");
  else
    field("time_s, time_us, time_ns", "when; optional, in any unit of the three");
  field("client", fmt::format("who: a number from 0 to {}{}", kMaxClients - 1, ours ? "" : "; 0 without"));
  field("op", kTraceOperationsHelp);
  field("file", fmt::format("which file: a number from 0 to {}{}", kMaxFiles - 1, ours ? "" : "; 0 without"));
  if (!ours) field("page", "which page, in units of workload.page_bytes; or offset and length");
  field("offset, length", "bytes");
  if (!ours)
    json["mapping"] = "a map names each field's column, counted from 0 or by the header; else the header is read";
  json["example"] = ours ? "pagetoken run CONFIG --set '/workload={\"trace\": \"accesses.csv\"}'"
                         : "pagetoken import csv FILE.csv.gz --map client=1,op=2,file=3,page=4 -o accesses.csv";
}

}  // namespace pagetoken
