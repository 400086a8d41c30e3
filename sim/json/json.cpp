#include "sim/json/json.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/input_file.hpp"

namespace pagetoken {
namespace {

constexpr const char* kDocument = "a JSON document, comments included, of at most 16 MiB";

/// "line 7, column 3", both counted from 1, the column in bytes.
std::string place(std::string_view text, std::size_t offset) {
  std::size_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] != '\n') continue;
    ++line;
    line_start = i + 1;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(offset - line_start + 1);
}

/// Length of the UTF-8 sequence that starts at `at` (RFC 3629: no surrogates, nothing overlong), 0 if it is none.
std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xc2 && first <= 0xdf   ? 2
                             : (first & 0xf0) == 0xe0         ? 3
                             : first >= 0xf0 && first <= 0xf4 ? 4
                                                              : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  const unsigned second = byte(1);
  const bool excluded = (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
                        (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f);
  return excluded ? 0 : length;
}

/// The parser takes a NUL for the end of the text, and looks at no bytes of comments: both are judged before.
void require_clean_bytes(std::string_view text, const std::string& file) {
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\0') throw ConfigError(file, place(text, at), "a NUL byte", "JSON text in UTF-8");
    const std::size_t length = utf8_length(text, at);
    if (length == 0) throw ConfigError(file, place(text, at), "invalid UTF-8", "JSON text in UTF-8");
    at += length;
  }
}

/// Builds a document from the parser's events and refuses what a plain DOM would accept: duplicates, deep nesting.
class JsonBuilder {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  JsonBuilder(std::string_view text, const std::string& file) : text_(text), file_(file) {}
  Json take() { return std::move(root_); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(number_integer_t value) { return add(value); }
  bool number_unsigned(number_unsigned_t value) { return add(value); }
  bool number_float(number_float_t value, const string_t&) { return add(value); }
  bool string(string_t& value) { return add(std::move(value)); }
  bool binary(binary_t&) { return false; }  // JSON text has none
  bool start_object(std::size_t) { return enter(Json::object()); }
  bool start_array(std::size_t) { return enter(Json::array()); }
  bool end_object() { return leave(); }
  bool end_array() { return leave(); }

  bool key(string_t& name) {
    if (open_.back()->contains(name))
      throw ConfigError(file_, pointer_below(pointer(), name), "the key occurs twice", "each key once");
    key_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const Json::exception& error) {
    // "[json.exception...] parse error at line 3, column 5: syntax error while parsing value - WRONG; expected ALLOWED"
    std::string_view message = error.what();
    message.remove_prefix(std::min(message.size(), message.find("] ") + 2));
    if (message.starts_with("parse error at line")) message.remove_prefix(message.find(": ") + 2);
    const std::size_t expected = message.rfind("; expected ");
    const std::string wrong(message.substr(0, expected));
    const std::string allowed(expected == message.npos ? kDocument : message.substr(expected + 2));
    const std::size_t offset = std::min(position > 0 ? position - 1 : 0, text_.size());
    throw ConfigError(file_, place(text_, offset), wrong, allowed);
  }

 private:
  template <class T>
  bool add(T&& value) {
    slot() = std::forward<T>(value);
    return true;
  }
  Json& slot() {
    if (open_.empty()) return root_;
    Json& parent = *open_.back();
    if (parent.is_object()) return parent[key_];
    return parent.emplace_back(nullptr);
  }
  bool enter(Json container) {
    if (open_.size() == kMaxJsonDepth)
      throw ConfigError(file_, pointer(), "nesting is deeper than " + std::to_string(kMaxJsonDepth) + " levels",
                        "at most " + std::to_string(kMaxJsonDepth));
    Json& at = slot();
    if (!open_.empty()) names_.push_back(open_.back()->is_object() ? key_ : std::to_string(open_.back()->size() - 1));
    at = std::move(container);
    open_.push_back(&at);  // stays valid: a parent grows only after its child has been left
    return true;
  }
  bool leave() {
    open_.pop_back();
    if (!names_.empty()) names_.pop_back();
    return true;
  }
  std::string pointer() const {
    std::string result;
    for (const std::string& name : names_) result = pointer_below(result, name);
    return result;
  }

  std::string_view text_;
  const std::string& file_;
  Json root_;
  std::vector<Json*> open_;
  std::vector<std::string> names_;  // from the root to open_.back()
  std::string key_;
};

}  // namespace

std::string read_config_text(const std::filesystem::path& path) {
  const std::string file = path.string();
  if (file.find('\0') != std::string::npos) throw ConfigError(file, "", "a NUL byte in the file name", "a file name");
  InputFile input(file);
  if (input.error() == EISDIR) throw ConfigError(file, "", "is a directory", kDocument);
  std::string text;
  if (!input.is_open() || !input.read_all(text, kMaxConfigBytes))
    throw ConfigError(file, "", "cannot be read: " + std::generic_category().message(input.error()), "a readable file");
  if (text.size() > kMaxConfigBytes) throw ConfigError(file, "", "is longer than 16 MiB", kDocument);
  return text;
}

Json parse_json(std::string_view text, const std::string& file) {
  require_clean_bytes(text, file);
  if (text.find_first_not_of(" \t\r\n") == text.npos) throw ConfigError(file, "", "is empty", kDocument);
  JsonBuilder builder(text, file);
  Json::sax_parse(text.begin(), text.end(), &builder, Json::input_format_t::json, true, true);
  return builder.take();
}

Json parse_json_line(std::string_view text, const std::string& file, std::uint64_t line) {
  try {
    return parse_json(text, file);
  } catch (const ConfigError& error) {
    constexpr std::string_view kFirst = "line 1, ";  // of the text, which has no other
    const std::string& inside = error.place();
    const std::string rest = inside.starts_with(kFirst) ? inside.substr(kFirst.size()) : inside;
    throw ConfigError(file, fmt::format("line {}{}{}", line, rest.empty() ? "" : ", ", rest), error.wrong(),
                      error.allowed());
  }
}

Json read_json_file(const std::filesystem::path& path) { return parse_json(read_config_text(path), path.string()); }

std::string pointer_below(const std::string& pointer, std::string_view key) {
  std::string result = pointer + "/";
  for (const char c : key) {
    if (c == '~')
      result += "~0";
    else if (c == '/')
      result += "~1";
    else
      result += c;
  }
  return result;
}

std::vector<std::string> keys_of_pointer(std::string_view pointer, const std::string& origin) {
  const auto fail = [&](std::string_view wrong) {
    throw ConfigError(origin, pointer, wrong, "a JSON pointer, for instance /cluster/clients");
  };
  std::vector<std::string> keys;
  if (pointer.empty()) return keys;
  if (pointer.front() != '/') fail("does not begin with \"/\"");
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const char c = pointer[i];
    if (c == '/') {
      keys.emplace_back();
    } else if (c != '~') {
      keys.back() += c;
    } else {
      const char escaped = i + 1 < pointer.size() ? pointer[++i] : ' ';
      if (escaped != '0' && escaped != '1') fail("\"~\" is not followed by 0 or 1");
      keys.back() += escaped == '0' ? '~' : '/';
    }
  }
  if (keys.size() >= kMaxJsonDepth) fail(fmt::format("has {} keys", keys.size()));
  return keys;
}

namespace {
/// The number that a pointer's key is to an array, if it is one.
std::optional<std::size_t> index_in(const Json& array, const std::string& key) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  const bool is_number = error == std::errc{} && end == key.data() + key.size() && (key.size() == 1 || key[0] != '0');
  return is_number && index < array.size() ? std::optional(index) : std::nullopt;
}
}  // namespace

const Json* find_at(const Json& document, const std::string& pointer) {
  const Json* at = &document;
  for (const std::string& key : keys_of_pointer(pointer, pointer)) {
    if (at->is_object()) {
      const auto found = at->find(key);
      if (found == at->end()) return nullptr;
      at = &*found;
    } else {
      const std::optional<std::size_t> index = at->is_array() ? index_in(*at, key) : std::nullopt;
      if (!index) return nullptr;
      at = &at->at(*index);
    }
  }
  return at;
}

std::string shown(const Json& value) {
  if (value.is_array()) return "an array of " + std::to_string(value.size());
  if (value.is_object()) return "an object";
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pagetoken
