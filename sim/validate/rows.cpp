#include "sim/validate/rows.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/json/section.hpp"
#include "sim/validate/embedded.hpp"

namespace pagetoken {
namespace {

constexpr double kUsualTolerance = 0.01;
constexpr std::int64_t kUsualRepetitions = 5;
constexpr std::string_view kSubjectKeys[] = {"run", "check", "worst_case", "model"};

/// A row and one of its cases together: what the case says stands in place of what the row says, and "set" changes the
/// configuration.
Json together(const Json& row, const Json& own) {
  Json all = row;
  all.erase("cases");
  all.update(own);
  return all;
}

void bind_subject(Section& section, ValidationCase& c) {
  std::vector<std::string_view> said;
  for (std::size_t i = 0; i < std::size(kSubjectKeys); ++i)
    if (const std::optional<Value> value = section.find(kSubjectKeys[i])) {
      said.push_back(kSubjectKeys[i]);
      if (!value->json().is_object()) value->fail_type("an object");
      c.subject = static_cast<ValidationSubject>(i);
      c.what = value->json();
    }
  if (said.size() != 1)
    section.value().fail(fmt::format("{} of what makes our number", said.size()),
                         fmt::format("one of {}", fmt::join(kSubjectKeys, ", ")));
  const std::optional<Value> set = section.find("set");
  if (!set) return;
  if (!set->json().is_object()) set->fail_type("an object of pointers and values");
  for (const auto& [pointer, value] : set->json().items()) {
    try {
      c.what[Json::json_pointer(pointer)] = value;
    } catch (const Json::exception&) {
      set->fail(fmt::format("\"{}\" leads nowhere", pointer), "a JSON pointer into the configuration");
    }
  }
}

/// The protocol of a configuration, by name or as an object with a name.
std::string protocol_of(const Json& what) {
  const auto found = what.find("protocol");
  if (found == what.end()) return {};
  if (found->is_string()) return *found;
  const auto name = found->is_object() ? found->find("name") : found->end();
  return found->is_object() && name != found->end() && name->is_string() ? name->get<std::string>() : "";
}

ValidationCase bind_case(const Json& json, const std::string& file, const std::string& place) {
  Section section(Value(json, file, place));
  section.find("$schema");
  ValidationCase c;
  c.file = file;
  c.name = fmt::format("{}/{}", section.required("row", "\"row\": \"ping-pong\"").text(),
                       section.required("case", "\"case\": \"N=16\"").text());
  c.source = section.required("source", "who published it").text();
  c.section = section.required("section", "where, and what it says").text();
  c.derived = section.flag("derived", false);
  c.set_up = section.required("set_up", "what is run, in words").text();
  c.unit = section.required("unit", "\"unit\": \"messages\"").text();
  c.kind = static_cast<ValidationKind>(section.required("kind", "\"kind\": \"exact\"").choice(kValidationKindNames));
  const Value published = section.required("published", "the number");
  if (!published.json().is_number() && !published.json().is_string()) published.fail_type("a number or a text");
  if (published.json().is_string() && c.kind != ValidationKind::exact && c.kind != ValidationKind::shape)
    published.fail("a text", fmt::format("a number, as the row is {}", kValidationKindNames[static_cast<int>(c.kind)]));
  c.published = published.json();
  const bool is_exact = c.kind == ValidationKind::exact || c.kind == ValidationKind::shape;
  c.tolerance = section.number("tolerance", is_exact ? 0 : kUsualTolerance, {0, 1});
  if (is_exact && c.tolerance != 0) section.find("tolerance")->fail("a tolerance", "none, where the kind is exact");
  bind_subject(section, c);
  c.protocol = protocol_of(c.what);
  c.ours = section.required("ours", "\"ours\": \"/messages/total\"").text();
  c.per = section.text("per", "");
  c.repetitions = static_cast<std::uint32_t>(section.integer(
      "repetitions", is_exact || c.subject != ValidationSubject::run ? 1 : kUsualRepetitions, {1, 1000}));
  section.finish();
  return c;
}

}  // namespace

std::vector<ValidationCase> bind_validation(const Json& json, const std::string& file) {
  const Value top(json, file);
  if (!json.is_object()) top.fail_type("an object, a row of published numbers");
  const auto cases = json.find("cases");
  if (cases == json.end() || !cases->is_array() || cases->empty())
    top.fail("no cases", "\"cases\": [{\"case\": \"N=2\", \"published\": 1}]");
  std::vector<ValidationCase> all;
  std::set<std::string> names;
  for (std::size_t i = 0; i < cases->size(); ++i) {
    const std::string place = fmt::format("/cases/{}", i);
    if (!cases->at(i).is_object()) Value(cases->at(i), file, place).fail_type("an object");
    all.push_back(bind_case(together(json, cases->at(i)), file, place));
    if (!names.insert(all.back().name).second)
      Value(cases->at(i), file, place).fail(fmt::format("\"{}\" stands twice", all.back().name), "a name once");
  }
  return all;
}

namespace {
std::vector<ValidationCase> named(std::vector<ValidationCase> all, const std::string& prefix) {
  std::erase_if(all, [&](const ValidationCase& c) { return !c.name.starts_with(prefix); });
  if (all.empty()) throw ConfigError("--only", "", fmt::format("no row's name begins with \"{}\"", prefix), "ROW/CASE");
  return all;
}
}  // namespace

std::vector<ValidationCase> shipped_validation(const std::string& prefix) {
  std::vector<ValidationCase> all;
  for (const EmbeddedFile& row : embedded_validation()) {
    const std::string file(row.name);
    for (ValidationCase& c : bind_validation(parse_json(row.text, file), file)) all.push_back(std::move(c));
  }
  return named(std::move(all), prefix);
}

std::vector<ValidationCase> load_validation(const std::string& folder, const std::string& prefix) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".json") files.push_back(entry.path().string());
  if (error) throw ConfigError(folder, "", error.message(), "a folder of rows, as configs/validation");
  std::sort(files.begin(), files.end());
  std::vector<ValidationCase> all;
  for (const std::string& file : files)
    for (ValidationCase& c : bind_validation(read_json_file(file), file)) all.push_back(std::move(c));
  return named(std::move(all), prefix);
}

}  // namespace pagetoken
