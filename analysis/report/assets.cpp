#include "analysis/report/assets.hpp"

// The assembler puts each file between two labels; REPORT_FOLDER is where they are.
#define PAGETOKEN_ASSET(label, file)                       \
  asm(".pushsection .rodata\n"                             \
      ".hidden " #label ", " #label "_end\n"               \
      ".global " #label ", " #label "_end\n" #label ":\n"  \
      ".incbin \"" REPORT_FOLDER "/" file "\"\n" #label "_end:\n" \
      ".popsection\n");                                    \
  extern "C" const char label[];                           \
  extern "C" const char label##_end[];

PAGETOKEN_ASSET(pagetoken_chart_library, "bundle/charts.js")
PAGETOKEN_ASSET(pagetoken_chart_licenses, "bundle/LICENSES.txt")
PAGETOKEN_ASSET(pagetoken_page_style, "page.css")
PAGETOKEN_ASSET(pagetoken_page_script, "page.js")

namespace pagetoken {

std::string_view chart_library() { return {pagetoken_chart_library, pagetoken_chart_library_end}; }
std::string_view chart_licenses() { return {pagetoken_chart_licenses, pagetoken_chart_licenses_end}; }
std::string_view page_style() { return {pagetoken_page_style, pagetoken_page_style_end}; }
std::string_view page_script() { return {pagetoken_page_script, pagetoken_page_script_end}; }

}  // namespace pagetoken
