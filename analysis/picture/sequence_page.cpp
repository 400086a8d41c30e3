#include "analysis/picture/sequence_page.hpp"

#include <fmt/format.h>

#include "sim/base/html.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1a1a1a; --dim: #6a6a6a; --paper: #ffffff; --bar: #c9d6e8; --hot: #b00020; --warm: #fdecea; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececec; --dim: #a0a0a0; --paper: #16181c; --bar: #33455e; --hot: #ff8a80; --warm: #3a2020; } }
body { overflow-wrap: anywhere; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
svg text { font: 13px ui-monospace, monospace; fill: var(--ink); } svg .dim { fill: var(--dim); } svg .head { font-weight: 700; font-size: 15px; }
.scroll { overflow-x: auto; } pre { overflow-x: auto; } .fact { border-left: 4px solid var(--hot); padding: .3rem .8rem; }
@media print { body { max-width: none; } })";

}  // namespace

std::string sequence_page(const SequencePage& page) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>{0}</title><style>{1}</style></head><body><main><h1>{0}</h1>\n"
      "<p class=\"fact\"><strong>{2}</strong>: {3}</p>\n<p>{4}</p>\n<div class=\"scroll\" role=\"region\" "
      "tabindex=\"0\" aria-label=\"sequence\">{5}</div>\n<h2>Steps</h2>\n"
      "<pre tabindex=\"0\">{6}</pre>\n</main></body></html>\n",
      escape_html(page.title), kStyle, escape_html(page.property), escape_html(page.fact), page.text_html, page.svg,
      escape_html(page.steps));
}

}  // namespace pagetoken
