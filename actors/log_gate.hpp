// Lets a line through now and then, where each of many would be too many.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "actors/time.hpp"

namespace parley {

/// Safe from any thread.
class log_gate {
public:
  /// How many lines were held back before this one, or nothing: this one is, too. At most one a
  /// second passes.
  std::optional<std::uint64_t> pass(instant now) noexcept {
    auto next = next_.load(std::memory_order_relaxed);
    const auto at = now.time_since_epoch().count();
    if (at < next || !next_.compare_exchange_strong(next, at + second)) {
      held_back_.fetch_add(1, std::memory_order_relaxed);
      return std::nullopt;
    }
    return held_back_.exchange(0, std::memory_order_relaxed);
  }

private:
  static constexpr std::int64_t second = instant::duration{std::chrono::seconds{1}}.count();
  std::atomic<std::int64_t> next_{INT64_MIN};
  std::atomic<std::uint64_t> held_back_{0};
};

} // namespace parley
