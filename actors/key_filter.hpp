// What was among very many keys, in two to four bytes for each: a Bloom filter that grows by
// blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace parley {

/// Never denies a key that was added. Of others it takes about one in 400 for one of a full block's
/// (Bloom 1970; four bits of sixteen per key), so a yes is only a reason to look closer. Each block
/// holds twice as many as the one before, so that few are asked (Almeida et al. 2007).
class key_filter {
public:
  /// `hash` is of 64 well-mixed bits.
  void add(std::uint64_t hash) {
    if (room_ == 0) {
      room_ = first_block_keys << blocks_.size();
      blocks_.emplace_back(room_ * bits_per_key / 64);
    }
    --room_;
    ++size_;
    block& last = blocks_.back();
    for (std::uint64_t i = 0; i < probes; ++i)
      last[word(last, hash, i)] |= bit(hash, i);
  }

  bool may_contain(std::uint64_t hash) const {
    for (const auto& each : blocks_)
      if (has(each, hash))
        return true;
    return false;
  }

  std::size_t size() const noexcept { return size_; }
  void clear() { *this = {}; }

private:
  using block = std::vector<std::uint64_t>; // a power of two of them
  static constexpr std::size_t first_block_keys = 256;
  static constexpr std::size_t bits_per_key = 16;
  static constexpr std::uint64_t probes = 4;

  /// Two hashes make as many as are wanted (Kirsch and Mitzenmacher 2006).
  static std::uint64_t place(std::uint64_t hash, std::uint64_t i) {
    return hash + i * ((hash >> 32) | 1);
  }
  static std::size_t word(const block& in, std::uint64_t hash, std::uint64_t i) {
    return (place(hash, i) >> 6) & (in.size() - 1);
  }
  static std::uint64_t bit(std::uint64_t hash, std::uint64_t i) {
    return std::uint64_t{1} << (place(hash, i) & 63);
  }
  static bool has(const block& in, std::uint64_t hash) {
    for (std::uint64_t i = 0; i < probes; ++i)
      if ((in[word(in, hash, i)] & bit(hash, i)) == 0)
        return false;
    return true;
  }

  std::vector<block> blocks_;
  std::size_t room_ = 0; ///< Keys that the last block still takes.
  std::size_t size_ = 0;
};

} // namespace parley
