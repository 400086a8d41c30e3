#include "sim/check/exploration.hpp"

namespace pagetoken {

const char* name_of(Exploration::Verdict verdict) {
  switch (verdict) {
    case Exploration::Verdict::ok: return "ok";
    case Exploration::Verdict::violated: return "violated";
    case Exploration::Verdict::unknown: return "unknown";
  }
  return "unknown";
}

const char* name_of(Compare compare) { return compare == Compare::exact ? "exact" : "128-bit fingerprint"; }

}  // namespace pagetoken
