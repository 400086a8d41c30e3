#pragma once
// A model's states as the bytes that the explorer stores, whatever kind of model it is.

#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "sim/explore/hash.hpp"
#include "sim/explore/model.hpp"

namespace pagetoken {

/// The size of every state, or 0 if they differ.
template <Model M>
constexpr std::size_t fixed_bytes() {
  if constexpr (PlainModel<M>)
    return sizeof(typename M::State);
  else
    return 0;
}

/// Loads a state that a StateSaver has saved, or stored_bytes_of gave.
template <Model M>
void load_state(M& model, const std::uint8_t* bytes) {
  if constexpr (PlainModel<M>)
    std::memcpy(&model.state(), bytes, sizeof(typename M::State));
  else if constexpr (PackedModel<M>)
    model.unpack(bytes);
  else
    model.decode(bytes);
}

/// A model's present state as bytes that any model of the same configuration can load with load_portable.
template <Model M>
std::vector<std::uint8_t> portable_bytes_of(const M& model) {
  if constexpr (PlainModel<M>) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&model.state());
    return {bytes, bytes + sizeof(typename M::State)};
  } else {
    Encoder encoder;
    model.encode(encoder);
    encoder.rank_fresh();
    return encoder.bytes();
  }
}
template <Model M>
void load_portable(M& model, const std::uint8_t* bytes) {
  if constexpr (PackedModel<M>)
    model.decode(bytes);
  else
    load_state(model, bytes);
}

/// A model's present state as it is stored, without symmetry.
template <Model M>
std::vector<std::uint8_t> stored_bytes_of(const M& model) {
  if constexpr (PackedModel<M>)
    return {model.packed().begin(), model.packed().end()};
  else
    return portable_bytes_of(model);
}

struct StateBytes {
  const std::uint8_t* data;
  std::size_t size;
  std::uint64_t hash;
  std::uint16_t weight;  ///< of its orbit: the states that it stands for
};

/// Turns the present state of a model into bytes, or with symmetry the least of its images.
template <Model M>
class StateSaver {
 public:
  StateSaver(M& model, bool symmetry) : model_(&model), symmetry_(symmetry) {}

  /// Valid until the next call, and while the model stays as it is.
  StateBytes save() {
    if constexpr (Symmetric<M>) {
      if (symmetry_) return save_least_image();
    }
    if constexpr (PlainModel<M>) {
      return hashed(reinterpret_cast<const std::uint8_t*>(&std::as_const(*model_).state()), sizeof(typename M::State),
                    1);
    } else if constexpr (PackedModel<M>) {
      std::uint16_t weight = 1;
      if constexpr (PackedSymmetric<M>)
        if (symmetry_) weight = model_->pack_least_image();
      const std::span<const std::uint8_t> bytes = model_->packed();
      return {bytes.data(), bytes.size(), model_->packed_hash(), weight};
    } else {
      encoder_.clear();
      model_->encode(encoder_);
      encoder_.rank_fresh();
      return hashed(encoder_.bytes().data(), encoder_.bytes().size(), 1);
    }
  }

 private:
  static StateBytes hashed(const std::uint8_t* data, std::size_t size, std::uint16_t weight) {
    return {data, size, hash_of(data, size), weight};
  }

  StateBytes save_least_image() {
    const std::size_t images = model_->images();
    std::size_t fixed = 0;  // images that are the least one: the least state's stabilizer
    for (std::size_t i = 0; i < images; ++i) {
      encode_image(i);
      const int order = i == 0 ? -1 : compare_image();
      if (order < 0) {
        best_.assign(image().begin(), image().end());
        fixed = 0;
      }
      if (order <= 0) ++fixed;
    }
    return hashed(best_.data(), best_.size(), static_cast<std::uint16_t>(images / fixed));
  }
  int compare_image() const {
    if (image().size() != best_.size()) return image().size() < best_.size() ? -1 : 1;
    return std::memcmp(image().data(), best_.data(), image().size());
  }
  void encode_image(std::size_t i) {
    if constexpr (PlainModel<M>) {
      const typename M::State state = model_->image(i);
      image_.resize(sizeof state);
      std::memcpy(image_.data(), &state, sizeof state);
    } else {
      encoder_.clear();
      model_->encode_image(i, encoder_);
      encoder_.rank_fresh();
    }
  }
  std::span<const std::uint8_t> image() const {
    if constexpr (PlainModel<M>)
      return image_;
    else
      return encoder_.bytes();
  }

  M* model_;
  bool symmetry_;
  Encoder encoder_;
  std::vector<std::uint8_t> image_;  // of a plain model
  std::vector<std::uint8_t> best_;   // of the images
};

}  // namespace pagetoken
