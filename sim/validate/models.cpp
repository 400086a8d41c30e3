#include "sim/validate/models.hpp"

#include "sim/explore/explorer.hpp"
#include "sim/explore/models/caching_memory.hpp"
#include "sim/explore/models/german.hpp"
#include "sim/json/section.hpp"

namespace pagetoken {
namespace {

constexpr std::string_view kModelNames[] = {"german", "internal-memory", "write-through-cache"};
constexpr std::string_view kBugNames[] = {"none", "shared-grant-ignores-exclusive", "exclusive-grant-ignores-sharers",
                                          "ack-without-data"};

template <class M>
Json found(M&& model) {
  const Exploration e = explore(model, {.compare = Compare::fingerprint});
  Json json{{"states", e.states},
            {"transitions", e.transitions},
            {"depth", e.depth},
            {"verdict", name_of(e.verdict)},
            {"steps", nullptr}};
  if (e.verdict == Exploration::Verdict::violated) json["steps"] = e.path.size();
  return json;
}

Json german(std::int64_t clients, GermanBug bug) {
  switch (clients) {
    case 2: return found(German<2>(bug));
    case 3: return found(German<3>(bug));
    case 4: return found(German<4>(bug));
    default: return found(German<5>(bug));
  }
}

}  // namespace

Json explore_model(const Json& what, const std::string& file) {
  Section section(Value(what, file, "/model"));
  const std::size_t name = section.required("name", "\"name\": \"german\"").choice(kModelNames);
  if (name == 0) {
    const std::int64_t clients = section.integer("clients", 2, {2, 5});
    const auto bug = static_cast<GermanBug>(section.choice("bug", std::size_t{0}, kBugNames));
    section.finish();
    return german(clients, bug);
  }
  section.finish();
  return name == 1 ? found(InternalMemory<2, 3, 2>()) : found(WriteThroughCache<2, 1, 2, 1>());
}

}  // namespace pagetoken
