// What was among very many keys, in two bytes for each: a Bloom filter that grows by blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace parley {

/// Never denies a key that was added. Of others it takes about one in 400 for one of a full block's
/// (Bloom 1970: four bits of sixteen per key), so a yes is only a reason to look closer.
class key_filter {
public:
  static constexpr std::size_t keys_per_block = 1024;

  /// `hash` is of 64 well-mixed bits.
  void add(std::uint64_t hash) {
    if (size_ % keys_per_block == 0)
      blocks_.emplace_back();
    ++size_;
    for (std::uint64_t rest = hash, i = 0; i < probes; ++i, rest >>= bits_of_place)
      blocks_.back()[word(rest)] |= bit(rest);
  }

  bool may_contain(std::uint64_t hash) const {
    for (const auto& each : blocks_)
      if (has(each, hash))
        return true;
    return false;
  }

  std::size_t size() const noexcept { return size_; }
  void clear() {
    std::vector<block>{}.swap(blocks_);
    size_ = 0;
  }

private:
  using block = std::array<std::uint64_t, keys_per_block / 4>; // 16 bits per key
  static constexpr unsigned probes = 4;
  static constexpr unsigned bits_of_place = 14;
  static_assert(std::size_t{1} << bits_of_place == keys_per_block * 16);

  static std::size_t word(std::uint64_t place) { return (place >> 6) % std::tuple_size_v<block>; }
  static std::uint64_t bit(std::uint64_t place) { return std::uint64_t{1} << (place & 63); }
  static bool has(const block& in, std::uint64_t hash) {
    for (std::uint64_t rest = hash, i = 0; i < probes; ++i, rest >>= bits_of_place)
      if ((in[word(rest)] & bit(rest)) == 0)
        return false;
    return true;
  }

  std::vector<block> blocks_;
  std::size_t size_ = 0;
};

} // namespace parley
