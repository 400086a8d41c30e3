#include "sim/workload/patterns/keys.hpp"

namespace pagetoken {
namespace {
using Spec = WorkloadSpec;
}  // namespace

KeyInfo pages_key(double fallback, std::string_view description) {
  return {"pages", &Spec::pages, fallback, 1, static_cast<double>(kMaxPages), description};
}

KeyInfo write_fraction_key(double fallback) {
  return {"write_fraction", &Spec::write_fraction, fallback, 0, 1, "probability that an access is a write"};
}

KeyInfo access_bytes_key() {
  return {"access_bytes",
          &Spec::access_bytes,
          0,
          0,
          kMaxBytes,
          "length of an access, from the start of its page; 0 = the whole page"};
}

KeyInfo record_bytes_key() {
  return {"record_bytes", &Spec::access_bytes, 0, 0, kMaxBytes, "length of an access; 0 = the whole page"};
}

KeyInfo via_key(Via fallback) {
  return {"via", &Spec::via, static_cast<double>(fallback),
          0,     1,          "loads and stores (mmap), or read(2) and write(2) (syscall)"};
}

KeyInfo think_key() {
  return {"think_ns", &Spec::think_ns, 0, 0, kMaxNs, "mean delay of a thread before each of its accesses"};
}

KeyInfo file_bytes_key() {
  return {"file_bytes",
          &Spec::file_bytes,
          0,
          0,
          0x1p52,
          "size of every file at the start; 0 = what the largest access needs"};
}

KeyInfo serial_key() {
  return {"serial", &Spec::serial, 0, 0, 1, "one access at a time in the whole cluster, by a client drawn uniformly"};
}

KeyInfo threads_key() {
  return {"threads", &Spec::threads, 1, 1, 1024, "threads of each client, each with its own accesses"};
}

Keys with_common_keys(Keys first, Via via, Keys last) {
  Keys keys = std::move(first);
  keys.push_back({"files", &Spec::files, 1, 1, static_cast<double>(kMaxFiles), "files that are accessed alike"});
  keys.push_back(
      {"first_file", &Spec::first_file, 0, 0, static_cast<double>(kMaxFiles - 1), "number of the first of them"});
  keys.push_back(think_key());
  keys.push_back({"think", &Spec::think, 0, 0, 1, "distribution of that delay: constant or exponential"});
  keys.push_back(via_key(via));
  keys.push_back(file_bytes_key());
  keys.push_back(serial_key());
  keys.push_back(threads_key());
  keys.insert(keys.end(), last.begin(), last.end());
  return keys;
}

}  // namespace pagetoken
