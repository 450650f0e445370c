// Deadlines of thousands of sockets behind one timer: a hashed wheel that is turned from outside.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "actors/outbox.hpp"

namespace parley {

/// A deadline that has passed: whose, and which one, so that its owner knows one it gave up.
struct expired {
  std::uint64_t owner = 0;
  instant due{};
};

/// Hashed timing wheel (Varghese and Lauck, scheme 6). A deadline cannot be taken back: owners keep
/// one deadline that counts and ignore the others when they come.
class timer_wheel {
public:
  timer_wheel(instant start, instant::duration tick, std::size_t slots);

  /// `due` may lie in the past; it then comes with the next turn.
  void arm(std::uint64_t owner, instant due);

  /// Takes out everything that is due at `now`, at most a tick late and never early.
  std::vector<expired> advance(instant now);

  std::size_t size() const noexcept { return size_; }

private:
  std::uint64_t tick_of(instant at) const noexcept;
  void empty_slot(std::uint64_t tick, instant now, std::vector<expired>& out);

  instant start_;
  instant::duration tick_;
  std::vector<std::vector<expired>> slots_;
  std::uint64_t turned_ = 0; ///< Ticks that have been looked at.
  std::size_t size_ = 0;
};

} // namespace parley
