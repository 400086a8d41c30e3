#include "sim/config/expression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/text.hpp"

namespace pagetoken {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxLength = 4096;  // operators that follow each other nest in the tree
constexpr std::string_view kGrammar =
    "pointers, numbers, \"texts\", true, false, null and || && ! == != < <= > >= + - * % ( )";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool ends_pointer(char c) {
  return is_blank(c) || std::string_view("()!=<>&|+*%,\"").find(c) != std::string_view::npos;
}

}  // namespace

/// Descends by precedence; `depth_` keeps a hostile text from using up the stack.
class Expression::Parser {
 public:
  explicit Parser(const Expression& owner) : owner_(owner), text_(owner.text_) {}

  Node parse() {
    Node node = level(0);
    skip_blanks();
    if (at_ != text_.size()) fail(fmt::format("{} is not expected", quote(text_.substr(at_))));
    return node;
  }

 private:
  /// The binary operators, from the loosest to the tightest; a longer one stands before its beginning.
  static std::span<const std::string_view> operators(std::size_t level) {
    static constexpr std::array<std::string_view, 1> either{"||"};
    static constexpr std::array<std::string_view, 1> both{"&&"};
    static constexpr std::array<std::string_view, 6> comparison{"==", "!=", "<=", ">=", "<", ">"};
    static constexpr std::array<std::string_view, 2> sum{"+", "-"};
    static constexpr std::array<std::string_view, 2> product{"*", "%"};
    switch (level) {
      case 0: return either;
      case 1: return both;
      case 2: return comparison;
      case 3: return sum;
      default: return product;
    }
  }
  static constexpr std::size_t kComparison = 2;
  static constexpr std::size_t kLevels = 5;

  Node level(std::size_t l) {
    if (l == kLevels) return primary();
    if (l == kComparison && take_not()) {
      enter();
      Node inner = level(kComparison);
      --depth_;
      return {Kind::invert, "!", {}, {std::move(inner)}};
    }
    Node left = level(l + 1);
    for (;;) {
      const std::string_view op = take_any(operators(l));
      if (op.empty()) return left;
      Node right = level(l + 1);
      left = {Kind::operation, std::string(op), {}, {std::move(left), std::move(right)}};
      if (l == kComparison) return left;
    }
  }

  Node primary() {
    skip_blanks();
    if (at_ == text_.size()) fail("ends where a value should follow");
    const char c = text_[at_];
    if (c == '(' || c == '-') {
      ++at_;
      enter();
      Node inner = c == '(' ? level(0) : primary();
      --depth_;
      if (c == '-') return {Kind::negate, "-", {}, {std::move(inner)}};
      if (take_any(std::array<std::string_view, 1>{")"}).empty()) fail("a \")\" is missing");
      return inner;
    }
    if (c == '/') return {Kind::pointer, std::string(take_while([](char d) { return !ends_pointer(d); })), {}, {}};
    return {Kind::literal, "", literal(), {}};
  }

  Json literal() {
    const std::size_t start = at_;
    if (text_[at_] == '"') {
      for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_)
        if (text_[at_] == '\\') ++at_;
      at_ = std::min(at_ + 1, text_.size());
    } else {
      take_while([](char d) { return !ends_pointer(d); });
    }
    const std::string_view token = text_.substr(start, at_ - start);
    Json value = Json::parse(token, nullptr, false);
    if (value.is_discarded() || value.is_structured()) fail(fmt::format("{} is no value", quote(token)));
    return value;
  }

  bool take_not() {
    skip_blanks();
    if (!text_.substr(at_).starts_with('!') || text_.substr(at_).starts_with("!=")) return false;
    ++at_;
    return true;
  }
  std::string_view take_any(std::span<const std::string_view> tokens) {
    skip_blanks();
    for (const std::string_view token : tokens) {
      if (!text_.substr(at_).starts_with(token)) continue;
      at_ += token.size();
      return token;
    }
    return {};
  }
  template <class Predicate>
  std::string_view take_while(Predicate wanted) {
    const std::size_t start = at_;
    while (at_ < text_.size() && wanted(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void enter() {
    if (++depth_ > kMaxDepth) fail("nests too deep");
  }
  [[noreturn]] void fail(std::string_view wrong) const {
    owner_.fail(fmt::format("at character {}: {}", at_ + 1, wrong), kGrammar);
  }

  const Expression& owner_;
  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Expression::Expression(std::string text, std::string file, std::string place)
    : text_(std::move(text)), file_(std::move(file)), place_(std::move(place)) {
  if (text_.size() > kMaxLength) fail(fmt::format("has {} characters", text_.size()), "at most 4096");
  root_ = Parser(*this).parse();
}

void Expression::fail(std::string_view wrong, std::string_view allowed) const {
  throw ConfigError(file_, place_, wrong, allowed);
}

std::vector<std::string> Expression::pointers() const {
  std::vector<std::string> found;
  const std::function<void(const Node&)> visit = [&](const Node& node) {
    if (node.kind == Kind::pointer) found.push_back(node.text);
    for (const Node& operand : node.operands) visit(operand);
  };
  visit(root_);
  return found;
}

bool Expression::holds(const Lookup& lookup) const { return truth(root_, lookup); }

bool Expression::truth(const Node& node, const Lookup& lookup) const {
  const Json result = value(node, lookup);
  if (!result.is_boolean()) fail(fmt::format("{} is neither true nor false", shown(result)), "a condition");
  return result.get<bool>();
}

Json Expression::value(const Node& node, const Lookup& lookup) const {
  switch (node.kind) {
    case Kind::literal: return node.literal;
    case Kind::pointer: {
      std::optional<Json> found = lookup(node.text);
      if (!found) fail(fmt::format("{} leads nowhere", quote(node.text)), "a pointer into the run's configuration");
      return *std::move(found);
    }
    case Kind::invert: return !truth(node.operands[0], lookup);
    case Kind::negate: {
      const Json operand = value(node.operands[0], lookup);
      if (!operand.is_number()) fail(fmt::format("\"-\" in front of {}", shown(operand)), "a number");
      return -operand.get<double>();
    }
    case Kind::operation: return operation(node, lookup);
  }
  return {};
}

Json Expression::operation(const Node& node, const Lookup& lookup) const {
  const std::string& op = node.text;
  if (op == "||") return truth(node.operands[0], lookup) || truth(node.operands[1], lookup);
  if (op == "&&") return truth(node.operands[0], lookup) && truth(node.operands[1], lookup);
  const Json a = value(node.operands[0], lookup);
  const Json b = value(node.operands[1], lookup);
  if (op == "==") return a == b;
  if (op == "!=") return a != b;
  if (op[0] == '<' || op[0] == '>') return ordered(op, a, b);
  if (!a.is_number() || !b.is_number())
    fail(fmt::format("{} {} {}", shown(a), op, shown(b)), "arithmetic takes two numbers");
  const double x = a.get<double>();
  const double y = b.get<double>();
  if (op == "+") return x + y;
  if (op == "-") return x - y;
  if (op == "*") return x * y;
  if (y == 0) fail(fmt::format("{} % 0", shown(a)), "a divisor that is not 0");
  return std::fmod(x, y);
}

bool Expression::ordered(const std::string& op, const Json& a, const Json& b) const {
  const bool numbers = a.is_number() && b.is_number();
  if (!numbers && !(a.is_string() && b.is_string()))
    fail(fmt::format("{} {} {}", shown(a), op, shown(b)), "a comparison takes two numbers or two texts");
  const int order = numbers ? (a < b   ? -1
                               : b < a ? 1
                                       : 0)
                            : a.get_ref<const std::string&>().compare(b.get_ref<const std::string&>());
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

}  // namespace pagetoken
