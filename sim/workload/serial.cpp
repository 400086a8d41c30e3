#include "sim/workload/serial.hpp"

#include <limits>

namespace pagetoken {

DrawnSource::DrawnSource(std::vector<std::unique_ptr<AccessSource>> sources, std::uint64_t seed)
    // No client has this number, so the draw shares no stream with their accesses.
    : sources_(std::move(sources)), random_(seed, std::numeric_limits<std::uint32_t>::max(), 0, Purpose::access) {}

bool DrawnSource::next(std::uint32_t& client, Access& access) {
  client = static_cast<std::uint32_t>(random_.below(sources_.size()));
  return sources_[client]->fill({&access, 1}) == 1;
}

TurnSource::TurnSource(std::vector<std::unique_ptr<AccessSource>> sources, Rule rule)
    : sources_(std::move(sources)), rule_(rule) {}

bool TurnSource::takes_part(std::uint32_t client) const {
  return client < sources_.size() && (rule_.head_start == 0 || client <= round_ / rule_.head_start);
}

bool TurnSource::next(std::uint32_t& client, Access& access) {
  if (made_ == rule_.accesses_a_turn) {
    made_ = 0;
    ++client_;
    if (!takes_part(client_)) {
      client_ = 0;
      ++round_;
    }
  }
  ++made_;
  client = client_;
  return sources_[client]->fill({&access, 1}) == 1;
}

}  // namespace pagetoken
