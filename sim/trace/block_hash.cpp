#include "sim/trace/block_hash.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace pagetoken {

namespace {
constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87u;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4Fu;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9u;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63u;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5u;

static_assert(std::endian::native == std::endian::little, "words are read as they lie");
template <class T>
std::uint64_t word(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
std::uint64_t round(std::uint64_t lane, std::uint64_t input) { return std::rotl(lane + input * kPrime2, 31) * kPrime1; }
}  // namespace

void BlockHash::add_stripes(const char* at, std::size_t count) {
  auto [a, b, c, d] = lanes_;  // in registers: the text might be the lanes, for all that is known
  for (; count != 0; --count, at += rest_.size()) {
    a = round(a, word<std::uint64_t>(at));
    b = round(b, word<std::uint64_t>(at + 8));
    c = round(c, word<std::uint64_t>(at + 16));
    d = round(d, word<std::uint64_t>(at + 24));
  }
  lanes_ = {a, b, c, d};
}

void BlockHash::add(std::string_view text) {
  const std::size_t held = bytes_ % rest_.size();
  bytes_ += text.size();
  if (held != 0) {
    const std::size_t taken = std::min(text.size(), rest_.size() - held);
    std::memcpy(rest_.data() + held, text.data(), taken);
    text.remove_prefix(taken);
    if (held + taken < rest_.size()) return;
    add_stripes(rest_.data(), 1);
  }
  const std::size_t whole = text.size() / rest_.size();
  add_stripes(text.data(), whole);
  text.remove_prefix(whole * rest_.size());
  if (!text.empty()) std::memcpy(rest_.data(), text.data(), text.size());
}

std::uint64_t BlockHash::value() const {
  std::uint64_t hash = kPrime5;
  if (bytes_ >= rest_.size()) {
    hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) + std::rotl(lanes_[3], 18);
    for (const std::uint64_t lane : lanes_) hash = (hash ^ round(0, lane)) * kPrime1 + kPrime4;
  }
  hash += bytes_;
  const char* at = rest_.data();
  const char* end = at + bytes_ % rest_.size();
  for (; end - at >= 8; at += 8) hash = std::rotl(hash ^ round(0, word<std::uint64_t>(at)), 27) * kPrime1 + kPrime4;
  for (; end - at >= 4; at += 4) hash = std::rotl(hash ^ (word<std::uint32_t>(at) * kPrime1), 23) * kPrime2 + kPrime3;
  for (; end != at; ++at) hash = std::rotl(hash ^ (word<std::uint8_t>(at) * kPrime5), 11) * kPrime1;
  hash = (hash ^ (hash >> 33)) * kPrime2;
  hash = (hash ^ (hash >> 29)) * kPrime3;
  return hash ^ (hash >> 32);
}

std::string BlockHash::hex() const {
  std::string text(16, '0');
  std::uint64_t rest = value();
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, rest >>= 4) *digit = "0123456789abcdef"[rest & 15];
  return text;
}

}  // namespace pagetoken
