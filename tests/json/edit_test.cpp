#include "sim/json/edit.hpp"

#include <gtest/gtest.h>

namespace pagetoken {
namespace {

TEST(JsonEdit, LeavesTheRestAsItIs) {
  const std::string text =
      "{ // \"a\": 0\n  \"a\" : [1,\t{\"b\\\"\": \"x,}\"} ],\n"
      "  /* } */ \"c\": -1.5e3\n}\n";
  EXPECT_EQ(with_value(text, "/c", 7),
            "{ // \"a\": 0\n  \"a\" : [1,\t{\"b\\\"\": \"x,}\"} ],\n"
            "  /* } */ \"c\": 7\n}\n");
  EXPECT_EQ(with_value(text, "/a/0", "two"),
            "{ // \"a\": 0\n  \"a\" : [\"two\",\t{\"b\\\"\": \"x,}\"} ],\n  /* } */ \"c\": -1.5e3\n}\n");
  EXPECT_EQ(with_value(text, "/a/1/b\"", true),
            "{ // \"a\": 0\n  \"a\" : [1,\t{\"b\\\"\": true} ],\n  /* } */ \"c\": -1.5e3\n}\n");
}

TEST(JsonEdit, AddsBehindTheOthersAndRemoves) {
  EXPECT_EQ(with_value(R"({"a": {}})", "/a/b", 1), R"({"a": {"b": 1}})");
  EXPECT_EQ(with_value(R"({"a": {"x": [2 ] }})", "/a/b", 1), R"({"a": {"x": [2 ], "b": 1 }})");
  EXPECT_EQ(without_member(R"({"a": 1, "b": 2, "c": 3})", "/a"), R"({"b": 2, "c": 3})");
  EXPECT_EQ(without_member(R"({"a": 1, "b": 2, "c": 3})", "/c"), R"({"a": 1, "b": 2})");
  EXPECT_EQ(without_member(R"({"a": 1})", "/a"), "{}");
  EXPECT_EQ(without_member(R"({"a": 1})", "/b"), R"({"a": 1})");
}

}  // namespace
}  // namespace pagetoken
