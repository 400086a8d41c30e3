#include "sim/cli/demo_trace.hpp"

// The assembler puts the file between two labels; DEMO_TRACE is its path.
asm(R"(
  .pushsection .rodata
  .hidden pagetoken_demo_trace, pagetoken_demo_trace_end
  .global pagetoken_demo_trace, pagetoken_demo_trace_end
pagetoken_demo_trace:
  .incbin ")" DEMO_TRACE R"("
pagetoken_demo_trace_end:
  .popsection
)");

extern "C" const char pagetoken_demo_trace[];
extern "C" const char pagetoken_demo_trace_end[];

namespace pagetoken {

std::string_view demo_trace() { return {pagetoken_demo_trace, pagetoken_demo_trace_end}; }

}  // namespace pagetoken
