#include "sim/explore/exploration.hpp"

namespace pagetoken {

const char* name_of(Exploration::Verdict verdict) {
  switch (verdict) {
    case Exploration::Verdict::ok: return "ok";
    case Exploration::Verdict::violated: return "violated";
    case Exploration::Verdict::unknown: return "unknown";
  }
  return "unknown";
}

std::string why_unknown(const std::string& reason) {
  return reason == "actors" ? "more actors move than fairness tells apart" : reason + " reached";
}

const char* name_of(Compare compare) { return compare == Compare::exact ? "exact" : "128-bit fingerprint"; }

std::string transcript(const Exploration& found) {
  std::string text = found.broken.property.name() + ": " + found.broken.text + "\n";
  for (std::size_t i = 0; i < found.path.size(); ++i) {
    if (found.cycle == i) text += "again and again:\n";
    text += "  " + found.path[i].text + "\n";
  }
  return text;
}

}  // namespace pagetoken
