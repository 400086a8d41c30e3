// pagetoken analyze --validate: is a trace one that the program could have written?

#include "sim/cli/validate_trace.hpp"

#include <fmt/format.h>

#include "sim/base/output_file.hpp"
#include "sim/base/text.hpp"
#include "sim/json/json.hpp"
#include "sim/replay/handler_replay.hpp"

namespace pagetoken {

ExitCode validate_trace(const std::string& path, const std::vector<std::string>& plugins,
                        const std::optional<std::string>& json) {
  const ProtocolSet protocols(plugins);
  TraceReader reader = TraceReader::from_file(path);
  HandlerReplay model(reader.head(), path, protocols);
  const std::optional<Contradiction> wrong = validate(reader, model);
  if (json) {
    Json result{{"verdict", wrong ? "violated" : "ok"},
                {"protocol", model.protocol()},
                {"lines", reader.line_number()},
                {"handlers", model.handlers()}};
    if (wrong)
      result.update({{"line", wrong->line}, {"node", wrong->node}, {"model", wrong->model}, {"trace", wrong->trace}});
    if (json->empty() || *json == "-") {
      fmt::print("{}\n", result.dump(2));
    } else {
      OutputFile file(*json);
      file.write(result.dump(2) + "\n");
      file.commit();
    }
  } else if (wrong) {
    fmt::print("violated: line {}, node {}: {} would not have taken this step\n  model: {}\n  trace: {}\n", wrong->line,
               wrong->node, model.protocol(), wrong->model, wrong->trace);
  } else {
    fmt::print("ok: {} lines, in which {} handlers of {} did what they do again\n", format_count(reader.line_number()),
               format_count(model.handlers()), model.protocol());
  }
  return wrong ? ExitCode::violation : ExitCode::ok;
}

}  // namespace pagetoken
