// JSON that is read with its place: nothing that is missing is read, and what is wrong is named.

#include <string>

#include <gtest/gtest.h>

#include "sim/base/error.hpp"
#include "sim/json/section.hpp"

namespace pagetoken {
namespace {

const std::string kFile = "f.json";

template <class Read>
std::string refusal(Read read) {
  try {
    read();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(FindAt, FollowsPointersAndEndsWhereTheyDo) {
  const Json json = parse_json(R"({"a": {"b/c": [1, {"d~": null}]}, "": 5})", kFile);
  EXPECT_EQ(*find_at(json, "/a/b~1c/0"), 1);
  EXPECT_TRUE(find_at(json, "/a/b~1c/1/d~0")->is_null());
  EXPECT_EQ(*find_at(json, "/"), 5);
  EXPECT_EQ(find_at(json, ""), &json);
  for (const char* pointer : {"/b", "/a/b", "/a/b~1c/2", "/a/b~1c/01", "/a/b~1c/-", "/a/b~1c/-1", "/a/b~1c/x",
                              "/a/b~1c/99999999999999999999999", "/a/b~1c/0/x"})
    EXPECT_EQ(find_at(json, pointer), nullptr) << pointer;
  EXPECT_THROW(find_at(json, "a"), ConfigError);
  EXPECT_THROW(find_at(json, "/~2"), ConfigError);
}

TEST(Section, KeyThatAProgramWroteIsMissing) {
  const Json json = parse_json(R"({"a": {"b": 1}})", kFile);
  Section section(Section(Value(json, kFile)).written("a", "what x writes"));
  EXPECT_EQ(section.written("b", "what x writes").integer({0, 9}), 1);
  EXPECT_EQ(refusal([&] { section.written("c", "what x writes"); }), "f.json: /a: \"c\" is missing; what x writes");
}

TEST(Value, MembersAreNamed) {
  const Json json = parse_json(R"({"x": {"a/b": 1, "c": "d"}})", kFile);
  const auto members = Section(Value(json, kFile)).required("x", "").members();
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0].first, "a/b");
  EXPECT_EQ(members[0].second.pointer(), "/x/a~1b");
  EXPECT_EQ(refusal([&] { members[1].second.members(); }), "f.json: /x/c: found \"d\"; expected an object");
}

TEST(ParseLine, NamesTheLineOfTheFile) {
  EXPECT_EQ(parse_json_line("{\"a\": 1}", kFile, 7).at("a"), 1);
  EXPECT_TRUE(refusal([] { parse_json_line("{\"a\" 1}", kFile, 7); }).starts_with("f.json: line 7, column 6: "));
  EXPECT_TRUE(refusal([] {
                parse_json_line("{\"a\": 1, \"a\": 2}", kFile, 7);
              }).starts_with("f.json: line 7, /a: the key occurs twice"));
  EXPECT_EQ(refusal([] { parse_json_line("", kFile, 7); }).substr(0, 16), "f.json: line 7: ");
}

}  // namespace
}  // namespace pagetoken
