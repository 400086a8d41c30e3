// Sweeps: the points of a grid, their order and names, conditions, and what is said of mistakes.

#include "sim/config/sweep_config.hpp"

#include <gtest/gtest.h>

#include "declarations.hpp"
#include "sim/base/error.hpp"
#include "sim/config/axis.hpp"

namespace pagetoken {
namespace {

const Json kBase = Json::parse(R"({"protocol": "lease", "workload": {"pattern": "uniform"}})");

Sweep sweep_of(const char* text) {
  Json json = Json::parse(text);
  if (!json.contains("base")) json["base"] = kBase;
  return {json, "s.json", "s.json", test_protocols()};
}

/// "PLACE: WRONG; ALLOWED" of the mistake in a sweep.
std::string complaint(const char* text) {
  try {
    sweep_of(text).points();
    return "none";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

std::vector<Json> values(const char* text) {
  const Json json = Json::parse(text);
  const std::string file = "x";
  return axis_values(Value(json, file, "/vary/~1x"));
}

bool holds(const std::string& text) {
  const Json document = Json::parse(R"({"a": 8, "b": "x", "c": {"d": 3.5}, "t": true})");
  return Expression(text, "f", "/constraint").holds([&](const std::string& pointer) -> std::optional<Json> {
    const Json::json_pointer path(pointer);
    return document.contains(path) ? std::optional<Json>(document.at(path)) : std::nullopt;
  });
}

TEST(Axis, RangesAreWrittenOut) {
  EXPECT_EQ(values(R"([3, 1, "x"])"), (std::vector<Json>{3, 1, "x"}));
  EXPECT_EQ(values(R"({"from": 1, "to": 8, "scale": "log2"})"), (std::vector<Json>{1, 2, 4, 8}));
  EXPECT_EQ(values(R"({"from": 1, "to": 300, "factor": 4, "scale": "log2"})"), (std::vector<Json>{1, 4, 16, 64, 256}));
  EXPECT_EQ(values(R"({"from": 1, "to": 100, "steps": 3, "scale": "log2"})"), (std::vector<Json>{1, 10, 100}));
  EXPECT_EQ(values(R"({"from": 0.0, "to": 1.0, "steps": 5})"), (std::vector<Json>{0.0, 0.25, 0.5, 0.75, 1.0}));
  // Whole numbers stay whole, and none comes twice.
  EXPECT_EQ(values(R"({"from": 0, "to": 1, "steps": 5})"), (std::vector<Json>{0.0, 0.25, 0.5, 0.75, 1.0}));
  EXPECT_EQ(values(R"({"from": 0, "to": 1, "steps": 2})"), (std::vector<Json>{0, 1}));
  EXPECT_EQ(values(R"({"from": 1, "to": 3, "steps": 9})"), (std::vector<Json>{1, 2, 3}));
}

TEST(Sweep, LastAxisChangesFastest) {
  const Sweep sweep = sweep_of(R"({"vary": {"/workload/pages": [8, 16], "/cluster/clients": [1, 2, 3]}})");
  EXPECT_EQ(sweep.grid_size(), 6u);
  EXPECT_EQ(sweep.points(), (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(sweep.point(0), (Json{{"/cluster/clients", 1}, {"/workload/pages", 8}}));
  EXPECT_EQ(sweep.point(1), (Json{{"/cluster/clients", 1}, {"/workload/pages", 16}}));
  EXPECT_EQ(sweep.document(5).at("/cluster/clients"_json_pointer), 3);
  EXPECT_EQ(sweep.document(5).at("/workload/pages"_json_pointer), 16);
}

TEST(Sweep, CoupledPointersAreOneAxis) {
  const Sweep sweep =
      sweep_of(R"({"vary": {"/workload/pages": [8, 16], "/cluster/clients": [1, 2], "/oracle": [true, false]},
                                   "together": [["/workload/pages", "/cluster/clients"]]})");
  EXPECT_EQ(sweep.grid_size(), 4u);
  EXPECT_EQ(sweep.point(2), (Json{{"/cluster/clients", 2}, {"/workload/pages", 16}, {"/oracle", true}}));
}

TEST(Sweep, ConstraintSeesDefaultsNamesAndValues) {
  EXPECT_EQ(
      sweep_of(R"({"vary": {"/cluster/clients": [1, 2, 3]}, "constraint": "/cluster/clients * 2 <= 4"})").points(),
      (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(sweep_of(R"({"vary": {"/cluster/clients": [1, 2]}, "constraint": "/cluster/page_bytes == 4096"})")
                .points()
                .size(),
            2u);
  EXPECT_EQ(
      sweep_of(R"({"vary": {"/guard": ["none", {"preset": "hook"}]}, "constraint": "/guard == \"hook\""})").points(),
      (std::vector<std::uint64_t>{1}));
}

TEST(Sweep, NameIsThatOfConfigurationAndSeed) {
  const Sweep grid = sweep_of(R"({"vary": {"/cluster/clients": [1, 2], "/workload/pages": [8]}})");
  const Sweep other = sweep_of(R"({"vary": {"/cluster/clients": [2]}, "base": {"protocol": "lease",
                                   "workload": {"pages": 8, "pattern": "uniform"}, "seed": 1}})");
  EXPECT_EQ(Sweep::run_name(grid.document(1), grid.seed(0)), Sweep::run_name(other.document(0), other.seed(0)));
  EXPECT_NE(Sweep::run_name(grid.document(1), grid.seed(0)), Sweep::run_name(grid.document(1), grid.seed(1)));
  EXPECT_NE(Sweep::run_name(grid.document(1), grid.seed(0)), Sweep::run_name(grid.document(0), grid.seed(0)));
}

TEST(Sweep, WrittenOutItIsTheSame) {
  const Sweep sweep = sweep_of(R"({"title": "T", "vary": {"/cluster/clients": {"from": 1, "to": 8, "scale": "log2"}},
                                   "constraint": "/cluster/clients != 2", "repetitions": 3})");
  const Sweep again(sweep.json(), "x", "x", test_protocols());
  EXPECT_EQ(again.json(), sweep.json());
  EXPECT_EQ(again.points(), sweep.points());
  EXPECT_EQ(again.seed(2), 3u);
}

TEST(Sweep, MistakesNameFilePointerAndWhatWasMeant) {
  const std::string clients = R"("/cluster/clients": [1, 2])";
  EXPECT_TRUE(complaint(R"({"vary": {"/cluster/clinets": [1]}})")
                  .starts_with(R"(s.json: /vary/~1cluster~1clinets: unknown key; did you mean "clients"?)"));
  // A value that goes with nothing is named; one that only some combinations refuse is for the run to tell.
  EXPECT_TRUE(
      complaint(R"({"vary": {"/cluster/clients": [1, -2]}})").starts_with("s.json: /vary/~1cluster~1clients/1: -2"));
  EXPECT_EQ(
      complaint(R"({"vary": {"/workload": [{"pattern": "uniform"}, {"trace": "t"}], "/cluster/clients": [0, 2]}})"),
      "none");
  EXPECT_TRUE(complaint(R"({"vary": {"/cluster/clients": []}})")
                  .starts_with("s.json: /vary/~1cluster~1clients: the list is empty"));
  EXPECT_TRUE(complaint(R"({"vary": {"/cluster/clients": [2, 2]}})").find("occurs twice") != std::string::npos);
  EXPECT_TRUE(complaint(R"({"vary": {"/seed": [2]}})").starts_with("s.json: /vary/~1seed"));
  EXPECT_TRUE(complaint(R"({"vary": {"clients": [2]}})").starts_with("s.json: /vary/clients: is no JSON pointer"));
  EXPECT_TRUE(complaint(R"({"vary": {"/cluster": [{}], "/cluster/clients": [2]}})").find("is part of") !=
              std::string::npos);
  EXPECT_TRUE(complaint(R"({"vary": {"/oracle": [true]}, "together": [["/oracle", "/orcale"]]})")
                  .starts_with(R"(s.json: /together/0/1: "/orcale" is not varied; did you mean "/oracle"?)"));
  EXPECT_TRUE(
      complaint(
          R"({"vary": {"/oracle": [true], "/cluster/clients": [1, 2]}, "together": [["/oracle", "/cluster/clients"]]})")
          .starts_with("s.json: /together/0/1: \"/cluster/clients\" has 2 values"));
  EXPECT_TRUE(complaint(R"({"vary": {"/oracle": [true]}, "constraint": "/cluster/clinets > 2"})")
                  .find(R"(did you mean "/cluster/clients"?)") != std::string::npos);
  EXPECT_TRUE(complaint(R"({"vary": {"/oracle": [true]}, "constraint": "/oracle == false"})").find("leaves no point") !=
              std::string::npos);
  EXPECT_TRUE(complaint(R"({"vary": {"/oracle": [true]}, "repeat": 3})").starts_with("s.json: /repeat: unknown key"));
}

TEST(Sweep, HugeGridIsCountedNotWrittenOut) {
  const Sweep sweep = sweep_of(R"({"vary": {"/cluster/clients": {"from": 1, "to": 1000, "steps": 1000},
      "/workload/pages": {"from": 1, "to": 1000, "steps": 1000}, "/stop/accesses": {"from": 1, "to": 1000, "steps": 1000}}})");
  EXPECT_EQ(sweep.grid_size(), 1'000'000'000u);
  EXPECT_THROW(sweep.points(), ConfigError);
}

TEST(Expression, FollowsItsGrammar) {
  EXPECT_TRUE(holds("/a == 8"));
  EXPECT_TRUE(holds("/a==8&&/b==\"x\""));
  EXPECT_TRUE(holds("/a < 8 || /c/d * 2 == 7"));
  EXPECT_TRUE(holds("2 + 3 * 2 == /a"));
  EXPECT_TRUE(holds("(2 + 3) * 2 - 2 == /a"));
  EXPECT_TRUE(holds("/a % 3 == 2"));
  EXPECT_TRUE(holds("-/a < 0"));
  EXPECT_TRUE(holds("!(/a == 7)"));
  EXPECT_TRUE(holds("! /a == 7"));  // binds looser than a comparison
  EXPECT_TRUE(holds("/t"));
  EXPECT_FALSE(holds("/t && false"));
  EXPECT_TRUE(holds("true || /nowhere == 1"));  // what is decided is not looked at
  EXPECT_TRUE(holds("/b != 8"));
  EXPECT_TRUE(holds("/b < \"y\""));
  EXPECT_FALSE(holds("/a >= 9"));
}

TEST(Expression, RefusesWhatItCannotMean) {
  for (const char* text : {"", "/a", "/a ==", "(/a == 8", "/a == 8)", "/a = 8", "x", "/a < \"x\"", "/b + 1 == 2",
                           "/t == 1 == 1", "/nowhere == 1", "/a % 0 == 1", "\"x", "-/b == 1", "!/a", "[1]"})
    EXPECT_THROW(holds(text), ConfigError) << text;
  EXPECT_THROW(holds(std::string(1000, '(')), ConfigError);
  EXPECT_THROW(holds(std::string(100000, '1')), ConfigError);
}

}  // namespace
}  // namespace pagetoken
