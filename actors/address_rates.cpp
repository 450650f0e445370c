// One hash, one limit.
#include "actors/address_rates.hpp"

#include <algorithm>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace parley {

address_rates::address_rates(rate allowed, std::uint64_t seed, std::size_t cells) : seed_(seed) {
  for (std::size_t i = 0; i < std::max<std::size_t>(cells, 1); ++i)
    cells_.emplace_back(allowed);
}

std::optional<std::chrono::milliseconds> address_rates::take(std::string_view address,
                                                             instant now) noexcept {
  const auto hash = XXH3_64bits_withSeed(address.data(), address.size(), seed_);
  return cells_[hash % cells_.size()].take(now);
}

} // namespace parley
