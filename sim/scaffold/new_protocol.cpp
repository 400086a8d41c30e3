#include "sim/scaffold/new_protocol.hpp"

#include <cctype>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "sim/base/error.hpp"
#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/scaffold/templates.hpp"

namespace pagetoken {
namespace {

constexpr std::size_t kMostLetters = 32;

bool is_name(const std::string& name) {
  if (name.empty() || name.size() > kMostLetters || name.back() == '-') return false;
  if (name.front() < 'a' || name.front() > 'z') return false;
  for (const char c : name)
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') return false;
  return name.find("--") == name.npos;
}

/// my-protocol: MyProtocol
std::string class_of(const std::string& name) {
  std::string made;
  bool begins = true;
  for (const char c : name) {
    if (c != '-') made += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = c == '-';
  }
  return made;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size()) text.replace(at, what.size(), by);
}

}  // namespace

std::vector<std::string> new_protocol(const std::string& name, const std::string& parent) {
  if (!is_name(name))
    throw ConfigError(
        "", "", fmt::format("{} is no name for a protocol", quote(name)),
        fmt::format("lower-case letters, digits and single dashes, a letter first, at most {}", kMostLetters));
  const std::filesystem::path folder = std::filesystem::path(parent) / name;
  std::error_code error;
  if (std::filesystem::exists(folder, error))
    throw ConfigError(folder.string(), "", "is there already", "a new folder");
  std::filesystem::create_directories(folder, error);
  if (error) throw ConfigError(folder.string(), "", error.message(), "a folder that can be made");
  std::string symbol = name;
  replace_all(symbol, "-", "_");
  std::vector<std::string> files;
  try {
    for (const EmbeddedFile& file : protocol_templates()) {
      std::string leaf(file.name);
      replace_all(leaf, "NAME.", name + ".");
      std::string path = (folder / leaf).string();
      std::string text(file.text);
      for (const auto& [what, by] : {std::pair<std::string_view, std::string>{"@NAME@", name},
                                     {"@CLASS@", class_of(name)},
                                     {"@SYMBOL@", symbol}})
        replace_all(text, what, by);
      OutputFile output(path);
      output.write(text);
      output.commit();
      files.push_back(std::move(path));
    }
  } catch (...) {
    std::filesystem::remove_all(folder, error);
    throw;
  }
  return files;
}

}  // namespace pagetoken
