// Slots by due tick; a deadline further off than one turn stays in its slot until its turn comes.
#include "transport/timer_wheel.hpp"

#include <algorithm>

namespace parley {

timer_wheel::timer_wheel(instant start, instant::duration tick, std::size_t slots)
    : start_(start), tick_(tick), slots_(slots) {}

/// The tick after `at`, so that nothing comes early.
std::uint64_t timer_wheel::tick_of(instant at) const noexcept {
  if (at <= start_)
    return 0;
  return static_cast<std::uint64_t>((at - start_ + tick_ - instant::duration{1}) / tick_);
}

void timer_wheel::arm(std::uint64_t owner, instant due) {
  const std::uint64_t tick = std::max(tick_of(due), turned_);
  slots_[tick % slots_.size()].push_back({owner, due});
  ++size_;
}

std::vector<expired> timer_wheel::advance(instant now) {
  std::vector<expired> out;
  if (now < start_)
    return out;
  const auto until = static_cast<std::uint64_t>((now - start_) / tick_) + 1;
  if (until > turned_ + slots_.size())
    turned_ = until - slots_.size(); // once around is enough
  for (; turned_ < until; ++turned_)
    empty_slot(turned_, now, out);
  return out;
}

void timer_wheel::empty_slot(std::uint64_t tick, instant now, std::vector<expired>& out) {
  auto& slot = slots_[tick % slots_.size()];
  const auto later = std::partition(slot.begin(), slot.end(),
                                    [now](const expired& each) { return each.due > now; });
  size_ -= static_cast<std::size_t>(slot.end() - later);
  out.insert(out.end(), later, slot.end());
  slot.erase(later, slot.end());
  if (slot.empty())
    slot.shrink_to_fit(); // a storm of connections must not keep its memory
}

} // namespace parley
