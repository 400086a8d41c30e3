#pragma once
// A page that needs nothing else: sections, tables that sort and are saved as CSV, figures. It opens from disk, in the
// dark, on a phone and on paper.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pagetoken {

struct TableCell {
  std::string text;
  std::optional<double> number{};  ///< what it is sorted by, and what CSV has
  std::string pick{};              ///< if not empty, the cell is a button that scripts know by this (data-pick)
};

struct ReportTable {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<TableCell>> rows;  ///< the first cell of a row names it
};

/// Text is escaped, but where a function says that it takes HTML.
class HtmlDocument {
 public:
  /// A section with a heading, which the contents list; it ends where the next one begins.
  void section(const std::string& id, const std::string& title);
  void html(std::string_view html) { body_ += html; }
  /// `kind`: "" or "note".
  void paragraph(std::string_view text, std::string_view kind = "");
  void list(const std::vector<std::string>& items);
  /// `id` is unique in the page, and names the file that the table is saved in. `high`: with many rows, it scrolls.
  void table(const std::string& id, const ReportTable& table, bool high = true);

  /// The whole page. Scripts run in their order, before the one that every page has.
  std::string finish(const std::string& title, const std::vector<std::string_view>& scripts,
                     std::string_view more_style = "");

 private:
  std::vector<std::pair<std::string, std::string>> contents_;
  std::string body_;
  bool open_ = false;
};

/// JSON as it stands in a script element: no HTML parser ends it early.
std::string script_json(std::string_view json);

}  // namespace pagetoken
