// Counts the actors of one engine: others may live in the same actor system.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "actors/fault.hpp"

namespace parley {

/// Safe from any thread.
class roll_call {
public:
  void began() {
    std::unique_lock guard{lock_, std::defer_lock};
    if (!mutant("unlocked_counter"))
      guard.lock();
    ++alive_;
  }
  void ended() {
    const std::lock_guard guard{lock_};
    if (--alive_ == 0)
      changed_.notify_all();
  }
  std::size_t alive() const {
    const std::lock_guard guard{lock_};
    return alive_;
  }
  /// Whether none is left, at the latest after so long.
  bool await_all_ended_for(std::chrono::nanoseconds patience) {
    std::unique_lock guard{lock_};
    return changed_.wait_for(guard, patience, [this] { return alive_ == 0; });
  }
  /// Returns once none is left.
  void await_all_ended() {
    std::unique_lock guard{lock_};
    changed_.wait(guard, [this] { return alive_ == 0; });
  }

private:
  mutable std::mutex lock_;
  std::condition_variable changed_;
  std::size_t alive_ = 0;
};

} // namespace parley
