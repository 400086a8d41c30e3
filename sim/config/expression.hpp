#pragma once
// The conditions of a sweep: which points of the grid are wanted.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/json/json.hpp"

namespace pagetoken {

/// A condition over JSON pointers, such as `/cluster/clients <= 64 || /protocol == "nocache"`. It has no loops, calls
/// or assignments, so that a sweep of somebody else's can be run without a second thought.
///
///     either     = both { "||" both }
///     both       = not { "&&" not }
///     not        = "!" not | comparison
///     comparison = sum [ ("==" | "!=" | "<" | "<=" | ">" | ">=") sum ]
///     sum        = product { ("+" | "-") product }
///     product    = value { ("*" | "%") value }
///     value      = number | "text" | true | false | null | pointer | "-" value | "(" either ")"
///
/// A pointer begins with "/" and ends before a blank or one of `( ) ! = < > & | + * % ,`. There is no division, which
/// would look like a pointer: multiply the other side. Numbers compare with numbers, texts with texts; == and != take
/// anything.
class Expression {
 public:
  /// The value at a pointer; nothing if there is none.
  using Lookup = std::function<std::optional<Json>(const std::string& pointer)>;

  /// `file` and `place` are what errors name. Throws ConfigError.
  Expression(std::string text, std::string file, std::string place);

  /// Throws ConfigError if a pointer leads nowhere, types do not go together, or the result is neither true nor false.
  bool holds(const Lookup& lookup) const;
  /// The same of any result: a number, a text, true or false.
  Json evaluate(const Lookup& lookup) const { return value(root_, lookup); }

  const std::string& text() const { return text_; }
  /// Every pointer that occurs, in order, repeats included.
  std::vector<std::string> pointers() const;
  [[noreturn]] void fail(std::string_view wrong, std::string_view allowed) const;

 private:
  enum class Kind : std::uint8_t { literal, pointer, negate, invert, operation };
  struct Node {
    Kind kind{};
    std::string text{};  ///< the pointer, or the operator
    Json literal{};
    std::vector<Node> operands{};
  };
  class Parser;

  Json value(const Node& node, const Lookup& lookup) const;
  Json operation(const Node& node, const Lookup& lookup) const;
  bool truth(const Node& node, const Lookup& lookup) const;
  bool ordered(const std::string& op, const Json& a, const Json& b) const;

  std::string text_;
  std::string file_;
  std::string place_;
  Node root_;
};

}  // namespace pagetoken
