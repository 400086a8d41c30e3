// `validate`: a number that is off is found, whatever row it is of; rows that are wrong in themselves are told.

#include "sim/validate/validate.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "sim/base/error.hpp"

namespace pagetoken {
namespace {

const ProtocolSet& protocols() {
  static const ProtocolSet set;
  return set;
}

/// The first case of each row: rows with the same name, of the cross-table, count by their file.
std::vector<ValidationCase> one_of_each() {
  std::map<std::string, ValidationCase> rows;
  for (const ValidationCase& c : shipped_validation()) rows.emplace(c.file, c);
  std::vector<ValidationCase> cases;
  for (const auto& [file, c] : rows) cases.push_back(c);
  return cases;
}

class Row : public testing::TestWithParam<ValidationCase> {};

TEST_P(Row, HoldsAndIsOffByOneWrongConstant) {
  ValidationCase row = GetParam();
  const Validated right = validate(row, protocols());
  EXPECT_EQ(right.verdict, ValidationVerdict::ok) << row.name << ": " << right.ours << " " << right.reason;
  if (row.published.is_string())
    row.published = row.published == "ok" ? "violated" : "ok";
  else if (row.tolerance == 0)
    row.published = row.published.get<double>() + 1;
  else
    row.published = row.published.get<double>() * (1 + 3 * row.tolerance);
  EXPECT_EQ(validate(row, protocols()).verdict, ValidationVerdict::off) << row.name;
}

INSTANTIATE_TEST_SUITE_P(Shipped, Row, testing::ValuesIn(one_of_each()), [](const auto& one) {
  std::string name = one.param.file.substr(one.param.file.rfind('/') + 1);
  name.resize(name.size() - std::string(".json").size());
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
});

TEST(Rows, AreNamedOnceAndSayWhereTheyAreFrom) {
  std::set<std::string> names;
  for (const ValidationCase& c : shipped_validation()) {
    EXPECT_TRUE(names.insert(c.name).second) << c.name;
    for (const std::string& text : {c.source, c.section, c.set_up, c.unit}) EXPECT_FALSE(text.empty()) << c.name;
  }
  for (const char* name : {"ping-pong/ivy-fixed", "path-reversal/N=16", "cross-table/gpfs-range/UPGRADE", "german/N=5"})
    EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Rows, ArePickedByTheBeginningsOfTheirNames) {
  EXPECT_EQ(shipped_validation("ping-pong").size(), 2u);
  EXPECT_EQ(shipped_validation("ping-pong/ivy-fixed").size(), 1u);
  EXPECT_THROW(shipped_validation("pingpong"), ConfigError);
}

Json row_json() {
  return {{"row", "toy"},
          {"source", "nobody"},
          {"section", "nowhere"},
          {"kind", "exact"},
          {"unit", "messages"},
          {"set_up", "two clients"},
          {"run",
           {{"protocol", "nocache"},
            {"workload", {{"pattern", "ping-pong"}}},
            {"warmup", {{"accesses", 0}}},
            {"stop", {{"accesses", 10}}}}},
          {"ours", "/messages/total"},
          {"cases", Json::array({{{"case", "a"}, {"published", 20}}})}};
}

Validated toy(const Json& json) { return validate(bind_validation(json, "toy.json").front(), protocols()); }

TEST(Toy, IsWhatItShouldBe) {
  const Validated right = toy(row_json());
  EXPECT_EQ(right.verdict, ValidationVerdict::ok);
  const Json json = validation_json({right}).front();
  for (const char* key :
       {"name", "source", "section", "kind", "set_up", "published", "ours", "interval", "tolerance", "unit", "verdict"})
    EXPECT_TRUE(json.contains(key)) << key;
  EXPECT_EQ(json.at("name"), "toy/a");
  EXPECT_EQ(json.at("kind"), "exact");
  EXPECT_EQ(json.at("ours"), 20);
  EXPECT_EQ(json.at("interval"), Json({20.0, 20.0}));
}

TEST(Toy, IsSkippedWithoutItsProtocol) {
  Json json = row_json();
  json["run"]["protocol"] = "teleport";
  const Validated skipped = toy(json);
  EXPECT_EQ(skipped.verdict, ValidationVerdict::skipped);
  EXPECT_EQ(validation_json({skipped}).front().at("ours"), nullptr);
  EXPECT_EQ(validation_summary({skipped}),
            "0 of 0 numbers hold, from 0 published sources; 1 skipped, whose protocols are not there");
}

TEST(Toy, IsOffWhereItCannotBeRun) {
  Json json = row_json();
  json["run"]["workload"]["pages"] = 0;
  EXPECT_EQ(toy(json).verdict, ValidationVerdict::off);
  EXPECT_NE(toy(json).reason.find("/workload/pages"), std::string::npos) << toy(json).reason;
  json = row_json();
  json["ours"] = "/messages/nothing";
  EXPECT_EQ(toy(json).verdict, ValidationVerdict::off);
}

TEST(Toy, IsTheSameOnOneThreadAndOnTwo) {
  const std::vector<ValidationCase> rows = shipped_validation("cross-table/nocache");
  EXPECT_EQ(validation_json(validate_all(rows, protocols(), {.jobs = 1})),
            validation_json(validate_all(rows, protocols(), {.jobs = 2})));
}

std::string refused(const Json& json) {
  try {
    bind_validation(json, "toy.json");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Toy, SaysWhatIsWrongWithARow) {
  Json json = row_json();
  json.erase("source");
  EXPECT_NE(refused(json).find("toy.json: /cases/0"), std::string::npos) << refused(json);
  json = row_json();
  json["kind"] = "exactly";
  EXPECT_NE(refused(json).find("exact"), std::string::npos) << refused(json);
  json = row_json();
  json["check"] = Json::object();
  EXPECT_NE(refused(json).find("one of run, check, worst_case, model"), std::string::npos) << refused(json);
  json = row_json();
  json["tolerance"] = 0.1;
  EXPECT_NE(refused(json).find("tolerance"), std::string::npos) << refused(json);
  json = row_json();
  json["cases"].push_back(json["cases"][0]);
  EXPECT_NE(refused(json).find("stands twice"), std::string::npos) << refused(json);
  json = row_json();
  json["cases"][0]["set"] = {{"no-pointer", 1}};
  EXPECT_NE(refused(json).find("no-pointer"), std::string::npos) << refused(json);
  json = row_json();
  json["colour"] = "red";
  EXPECT_NE(refused(json).find("colour"), std::string::npos) << refused(json);
}

}  // namespace
}  // namespace pagetoken
