// configs/schema/run.json is made from the tables of the reader, and every shipped run validates against it.
// After a change of the tables: PAGETOKEN_UPDATE=1 build/release/tests/config/test_config --gtest_filter='Schema.*'

#include "sim/config/schema.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "declarations.hpp"
#include "sim/config/run_config.hpp"

namespace pagetoken {
namespace {

const std::string kSweepSchemaFile = PAGETOKEN_SOURCE_DIR "/configs/schema/sweep.json";
const std::string kSchemaFile = PAGETOKEN_SOURCE_DIR "/configs/schema/run.json";

bool is_valid(const Json& document, const Json& schema_json = run_config_schema()) {
  valijson::Schema schema;
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
  valijson::Validator validator;
  return validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
}

TEST(Schema, FileIsWhatTheReadersTablesSay) {
  if (std::getenv("PAGETOKEN_UPDATE")) std::ofstream(kSchemaFile) << run_config_schema().dump(2) << '\n';
  EXPECT_EQ(read_json_file(kSchemaFile), run_config_schema());
}

TEST(Schema, SweepFileIsWhatTheReaderSays) {
  if (std::getenv("PAGETOKEN_UPDATE")) std::ofstream(kSweepSchemaFile) << sweep_config_schema().dump(2) << '\n';
  EXPECT_EQ(read_json_file(kSweepSchemaFile), sweep_config_schema());
}

TEST(Schema, EveryShippedSweepValidatesAndAsksAQuestion) {
  for (const auto& entry : std::filesystem::directory_iterator(PAGETOKEN_SOURCE_DIR "/configs/sweeps")) {
    if (entry.path().extension() != ".json") continue;
    EXPECT_TRUE(is_valid(read_json_file(entry.path()), sweep_config_schema())) << entry.path();
    EXPECT_FALSE(read_json_file(entry.path()).value("title", "").empty()) << entry.path();
  }
  EXPECT_FALSE(is_valid(Json{{"base", "x"}, {"vary", Json{{"clients", {1}}}}}, sweep_config_schema()));
  EXPECT_FALSE(is_valid(Json{{"base", "x"}, {"vary", Json{{"/clients", Json::array()}}}}, sweep_config_schema()));
}

TEST(Schema, EveryShippedRunValidates) {
  for (const auto& entry : std::filesystem::directory_iterator(PAGETOKEN_SOURCE_DIR "/configs/runs"))
    EXPECT_TRUE(is_valid(read_json_file(entry.path()))) << entry.path();
}

TEST(Schema, EveryKeyOfAnEffectiveConfigurationIsKnownAndNoOther) {
  const auto protocols = test_protocols();
  for (const PatternInfo& info : pattern_table()) {
    Json json{{"protocol", "lease"}, {"workload", {{"pattern", info.name}}}};
    if (info.pattern == Pattern::mixed) json["workload"]["parts"] = Json::array({{{"pattern", "zipf"}}});
    json = effective(bind_run_config(json, "x", protocols));
    EXPECT_TRUE(is_valid(json)) << json.dump(2);
    for (const char* place :
         {"", "/cluster", "/cluster/network", "/cluster/storage", "/guard", "/costs", "/workload", "/stop"}) {
      Json wrong = json;
      wrong[Json::json_pointer(place)]["surprise"] = 1;
      EXPECT_FALSE(is_valid(wrong)) << place;
    }
  }
}

}  // namespace
}  // namespace pagetoken
