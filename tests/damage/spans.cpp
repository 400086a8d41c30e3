#include "spans.hpp"

#include <cctype>

namespace damage {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool whole() {
    if (!value(0)) return false;
    blanks();
    return at_ == text_.size();
  }
  std::vector<Span> take() { return std::move(found_); }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take_char(char c) {
    blanks();
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void blanks() {
    for (;;) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
      const std::string_view rest = text_.substr(at_);
      if (rest.starts_with("//"))
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (rest.starts_with("/*") && rest.find("*/", 2) != rest.npos)
        at_ += rest.find("*/", 2) + 2;
      else
        return;
    }
  }
  bool string() {
    if (!take_char('"')) return false;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == '"')
        return ++at_, true;
    }
    return false;
  }
  bool word() {
    const std::size_t begin = at_;
    while (std::isalnum(static_cast<unsigned char>(peek())) != 0 || peek() == '-' || peek() == '+' || peek() == '.')
      ++at_;
    return at_ > begin;
  }
  bool value(int depth) {
    blanks();
    if (depth > 200) return false;
    if (peek() == '"') return string();
    if (peek() == '{') return container('}', true, depth);
    if (peek() == '[') return container(']', false, depth);
    return word();
  }
  bool container(char close, bool keys, int depth) {
    ++at_;
    std::size_t member_begin = at_;
    if (take_char(close)) return true;
    for (;;) {
      if (keys && (!string() || !take_char(':'))) return false;
      blanks();
      const std::size_t index = found_.size();
      found_.push_back({at_, 0, member_begin, 0});
      if (!value(depth + 1)) return false;
      found_[index].end = at_;
      const bool more = take_char(',');
      found_[index].member_end = at_;
      if (more) {
        member_begin = at_;
        continue;
      }
      // The last one takes the comma before it along.
      if (member_begin > 0 && text_[member_begin - 1] == ',') found_[index].member_begin = member_begin - 1;
      return take_char(close);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Span> found_;
};

}  // namespace

std::vector<Span> values_of(std::string_view text) {
  Scanner scanner(text);
  if (!scanner.whole()) return {};
  return scanner.take();
}

bool is_json(std::string_view text) { return Scanner(text).whole(); }

}  // namespace damage
