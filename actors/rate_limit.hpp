// How often something may happen: a generic cell rate algorithm, and one such limit for each user.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "actors/ids.hpp"
#include "actors/outbox.hpp"

namespace parley {

/// So many per second on average, so many at once after a rest.
struct rate {
  std::uint32_t per_second = 1;
  std::uint32_t burst = 1;
};

/// The virtual scheduling form of the generic cell rate algorithm (ITU-T I.371, annex A): one
/// number of state, so that the connections of a user may share it without a lock. Safe from any
/// thread.
class rate_limit {
public:
  explicit rate_limit(rate allowed) noexcept;

  /// Nothing when it may happen now, and then it has been counted; else how long to wait.
  /// `many` at once are counted together or not at all; more than a burst count as a burst.
  std::optional<std::chrono::milliseconds> take(instant now, std::size_t many = 1) noexcept;
  /// Whether a full burst may happen: nothing is left to remember.
  bool is_rested(instant now) const noexcept;

private:
  std::int64_t interval_; ///< Nanoseconds from one to the next at the average rate.
  std::int64_t patience_; ///< Nanoseconds that a burst may be ahead of the average.
  std::atomic<std::int64_t> next_{INT64_MIN}; ///< When the next one is due at the average rate.
};

/// The limit that all connections of a user share. Safe from any thread; asked once a connection.
class user_rates {
public:
  explicit user_rates(rate allowed) noexcept : allowed_(allowed) {}
  std::shared_ptr<rate_limit> of(const user_id& user, instant now);
  std::size_t size() const;

private:
  void forget_rested(instant now);

  rate allowed_;
  mutable std::mutex lock_;
  std::unordered_map<user_id, std::shared_ptr<rate_limit>> limits_;
  std::size_t forget_beyond_ = 1024;
};

} // namespace parley
