// Counts by moving one point in time.
#include "actors/rate_limit.hpp"

#include <algorithm>

namespace parley {

namespace {

constexpr std::int64_t second = 1'000'000'000;

std::int64_t nanoseconds(instant now) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
}

} // namespace

rate_limit::rate_limit(rate allowed) noexcept
    : interval_(second / std::max<std::int64_t>(allowed.per_second, 1)),
      patience_(interval_ * (std::max<std::int64_t>(allowed.burst, 1) - 1)) {}

std::optional<std::chrono::milliseconds> rate_limit::take(instant now, std::size_t many) noexcept {
  const std::int64_t at = nanoseconds(now);
  const auto cost = std::min(interval_ * static_cast<std::int64_t>(many), patience_ + interval_);
  std::int64_t next = next_.load(std::memory_order_relaxed);
  for (;;) {
    const std::int64_t due = std::max(next, at);
    const std::int64_t ahead = due + cost - interval_ - at; // of the last of them
    if (ahead > patience_)
      return std::chrono::ceil<std::chrono::milliseconds>(
          std::chrono::nanoseconds{ahead - patience_});
    if (next_.compare_exchange_weak(next, due + cost, std::memory_order_relaxed))
      return std::nullopt;
  }
}

bool rate_limit::is_rested(instant now) const noexcept {
  return next_.load(std::memory_order_relaxed) <= nanoseconds(now);
}

std::shared_ptr<rate_limit> user_rates::of(const user_id& user, instant now) {
  const std::lock_guard guard{lock_};
  if (limits_.size() > forget_beyond_)
    forget_rested(now);
  auto& found = limits_[user];
  if (!found)
    found = std::make_shared<rate_limit>(allowed_);
  return found;
}

std::size_t user_rates::size() const {
  const std::lock_guard guard{lock_};
  return limits_.size();
}

// One that is in use may be taken from at any moment; one that is not, and rested, is as good as
// new.
void user_rates::forget_rested(instant now) {
  std::erase_if(limits_, [now](const auto& each) {
    return each.second.use_count() == 1 && each.second->is_rested(now);
  });
  forget_beyond_ = std::max<std::size_t>(1024, 2 * limits_.size());
}

} // namespace parley
