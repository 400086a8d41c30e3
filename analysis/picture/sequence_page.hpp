#pragma once
// The page around a sequence diagram of a counterexample: self-contained, light and dark.

#include <string>

namespace pagetoken {

struct SequencePage {
  std::string title;
  std::string property;
  std::string fact;       ///< what contradicts what
  std::string text_html;  ///< a paragraph
  std::string svg;        ///< uses var(--ink), --dim, --paper, --bar, --hot, --warm; classes dim and head
  std::string steps;      ///< as a table of plain text
};
std::string sequence_page(const SequencePage& page);

}  // namespace pagetoken
