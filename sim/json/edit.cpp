#include "sim/json/edit.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace pagetoken {
namespace {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};
/// A member of an object, or an element of an array, whose key is empty and begins where its value does.
struct Child {
  std::string key{};
  std::size_t begin = 0;  ///< of the key
  Span value{};
};

/// Finds its way through a text that is known to be right.
class Scanner {
 public:
  explicit Scanner(const std::string& text) : text_(text) {}

  Span whole() {
    at_ = 0;
    return value();
  }
  /// What an object or array holds; `container` is its place.
  std::vector<Child> children(Span container) {
    std::vector<Child> children;
    const bool is_object = text_[container.begin] == '{';
    at_ = container.begin + 1;
    for (space(); text_[at_] != '}' && text_[at_] != ']'; space()) {
      Child child{.begin = at_};
      if (is_object) {
        child.key = Json::parse(taken(string()));
        space();
        ++at_;  // the colon
      }
      child.value = value();
      if (!is_object) child.begin = child.value.begin;
      children.push_back(std::move(child));
      space();
      if (text_[at_] == ',') ++at_;
    }
    return children;
  }

 private:
  std::string taken(Span span) const { return text_.substr(span.begin, span.end - span.begin); }

  /// Blanks and comments.
  void space() {
    for (; at_ < text_.size(); ++at_) {
      if (std::isspace(static_cast<unsigned char>(text_[at_]))) continue;
      if (text_.compare(at_, 2, "//") == 0)
        at_ = std::min(text_.find('\n', at_), text_.size() - 1);
      else if (text_.compare(at_, 2, "/*") == 0)
        at_ = text_.find("*/", at_) + 1;
      else
        return;
    }
  }
  Span string() {
    const std::size_t begin = at_++;
    for (; text_[at_] != '"'; ++at_)
      if (text_[at_] == '\\') ++at_;
    return {begin, ++at_};
  }
  Span value() {
    space();
    const std::size_t begin = at_;
    if (text_[at_] == '"') return string();
    if (text_[at_] == '{' || text_[at_] == '[') {
      children({begin, begin});
      return {begin, ++at_};
    }
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '-' ||
                                  text_[at_] == '+' || text_[at_] == '.'))
      ++at_;
    return {begin, at_};
  }

  const std::string& text_;
  std::size_t at_ = 0;
};

/// The children of what the pointer's last key is, or would be, in.
std::vector<Child> siblings(const std::string& text, const std::vector<std::string>& keys, Span& container) {
  Scanner scanner(text);
  container = scanner.whole();
  for (std::size_t k = 0;; ++k) {
    std::vector<Child> children = scanner.children(container);
    if (text[container.begin] == '[')
      for (std::size_t i = 0; i < children.size(); ++i) children[i].key = std::to_string(i);
    if (k + 1 == keys.size()) return children;
    bool found = false;
    for (const Child& child : children) {
      if (child.key != keys[k]) continue;
      container = child.value;
      found = true;
    }
    if (!found) throw std::logic_error("there is nothing at " + keys[k]);
  }
}

}  // namespace

std::string with_value(std::string text, const std::string& pointer, const Json& value) {
  const std::vector<std::string> keys = keys_of_pointer(pointer, "");
  Span container;
  const std::vector<Child> children = siblings(text, keys, container);
  for (const Child& child : children)
    if (child.key == keys.back())
      return text.replace(child.value.begin, child.value.end - child.value.begin, value.dump());
  const std::string member = Json(keys.back()).dump() + ": " + value.dump();
  if (children.empty()) return text.insert(container.begin + 1, member);
  return text.insert(children.back().value.end, ", " + member);
}

std::string without_member(std::string text, const std::string& pointer) {
  const std::vector<std::string> keys = keys_of_pointer(pointer, "");
  Span container;
  const std::vector<Child> children = siblings(text, keys, container);
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children[i].key != keys.back()) continue;
    const std::size_t begin = i > 0 ? children[i - 1].value.end : children[i].begin;
    const std::size_t end = i > 0 || i + 1 == children.size() ? children[i].value.end : children[i + 1].begin;
    return text.erase(begin, end - begin);
  }
  return text;
}

}  // namespace pagetoken
