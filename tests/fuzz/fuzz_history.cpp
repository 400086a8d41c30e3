// Any bytes, read as a history, are judged by every model, or refused by a ConfigError of one line.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "one_line.hpp"
#include "sim/oracle/history/history.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pagetoken;
  try {
    const History history = parse_history({reinterpret_cast<const char*>(data), size}, "input", "");
    JudgeOptions options;
    options.max_configurations = 10'000;
    for (std::size_t model = 0; model < std::size(kModelNames); ++model) {
      const Judgement j = judge(history, static_cast<ConsistencyModel>(model), options);
      for (const std::uint32_t i : j.contradiction) line_of(history, history.entries.at(i));
    }
  } catch (const ConfigError& error) {
    require_one_line(error);
  }
  return 0;
}
