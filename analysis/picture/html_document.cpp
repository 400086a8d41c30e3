#include "analysis/picture/html_document.hpp"

#include <cmath>

#include <fmt/format.h>

#include "analysis/picture/asset.hpp"
#include "sim/base/html.hpp"

namespace pagetoken {
namespace {

PAGETOKEN_ASSET(page_style, "style.css")
PAGETOKEN_ASSET(page_script, "script.js")

std::string cell_html(const TableCell& cell, bool is_first) {
  const std::string value =
      cell.number && std::isfinite(*cell.number) ? fmt::format(" data-value=\"{:.10g}\"", *cell.number) : "";
  std::string text = escape_html(cell.text);
  if (!cell.pick.empty())
    text = fmt::format("<button type=\"button\" data-pick=\"{}\" aria-pressed=\"false\">{}</button>",
                       escape_html(cell.pick), text);
  if (is_first) return fmt::format("<th scope=\"row\"{}>{}</th>", value, text);
  return fmt::format("<td{}{}>{}</td>", cell.number ? "" : " class=\"text\"", value, text);
}

}  // namespace

void HtmlDocument::section(const std::string& id, const std::string& title) {
  if (open_) body_ += "</section>\n";
  open_ = true;
  contents_.emplace_back(id, title);
  body_ += fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n", id, escape_html(title));
}

void HtmlDocument::paragraph(std::string_view text, std::string_view kind) {
  body_ += kind.empty() ? fmt::format("<p>{}</p>\n", escape_html(text))
                        : fmt::format("<p class=\"{}\">{}</p>\n", kind, escape_html(text));
}

void HtmlDocument::list(const std::vector<std::string>& items) {
  body_ += "<ul>\n";
  for (const std::string& item : items) body_ += fmt::format("<li>{}</li>\n", escape_html(item));
  body_ += "</ul>\n";
}

void HtmlDocument::table(const std::string& id, const ReportTable& table, bool high) {
  body_ += fmt::format(
      "<div class=\"scroll{2}\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\"><table class=\"data\" "
      "id=\"{1}\"><caption>{0}</caption>\n<thead><tr>",
      escape_html(table.caption), id, high ? "" : " low");
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const bool is_text = i == 0 || (!table.rows.empty() && i < table.rows[0].size() && !table.rows[0][i].number);
    body_ += fmt::format("<th scope=\"col\" aria-sort=\"none\"{}><button type=\"button\">{}</button></th>",
                         is_text ? " class=\"text\"" : "", escape_html(table.columns[i]));
  }
  body_ += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    body_ += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) body_ += cell_html(row[i], i == 0);
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table></div>\n";
}

std::string HtmlDocument::finish(const std::string& title, const std::vector<std::string_view>& scripts,
                                 std::string_view more_style) {
  if (open_) body_ += "</section>\n";
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" "
      "content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n";
  out += fmt::format("<title>{0}</title>\n<style>\n{1}{2}</style>\n</head>\n<body>\n<header>\n<h1>{0}</h1>\n",
                     escape_html(title), page_style(), more_style);
  out += "<nav aria-label=\"Sections\"><ul>";
  for (const auto& [id, name] : contents_) out += fmt::format("<li><a href=\"#{}\">{}</a></li>", id, escape_html(name));
  out += "</ul></nav>\n</header>\n<main>\n" + body_ + "</main>\n";
  for (const std::string_view script : scripts) {
    out += "<script>\n";
    out += script;
    out += "\n</script>\n";
  }
  out += "<script>\n";
  out += page_script();
  out += "</script>\n</body>\n</html>\n";
  return out;
}

std::string script_json(std::string_view json) {
  std::string out;
  for (const char c : json) {
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  }
  return out;
}

}  // namespace pagetoken
