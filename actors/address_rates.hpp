// How often one address may connect, in memory that does not grow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "actors/rate_limit.hpp"

namespace parley {

/// A fixed number of limits, which addresses share by a hash that nobody outside can foresee: two
/// that meet there have one limit between them, and no number of addresses takes more memory. Safe
/// from any thread.
class address_rates {
public:
  /// `seed` is not to be guessed.
  address_rates(rate allowed, std::uint64_t seed, std::size_t cells);

  /// Nothing when `address` may connect now, and then it has been counted; else how long to wait.
  std::optional<std::chrono::milliseconds> take(std::string_view address, instant now) noexcept;

private:
  std::uint64_t seed_;
  std::deque<rate_limit> cells_; ///< A deque, since limits do not move.
};

} // namespace parley
