// What each conversation in memory may keep of what is on disk anyway: the more there are, the
// less.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "actors/limits.hpp"

namespace parley {

/// Bytes of newest events and keys for each of so many conversations.
constexpr std::size_t share_of(std::size_t conversations) noexcept {
  return std::clamp(limits::conversation_memory / std::max<std::size_t>(conversations, 1),
                    limits::conversation_share_low, limits::conversation_share_high);
}

/// Written by the directory, read by every conversation.
class memory_share {
public:
  void divide_among(std::size_t conversations) noexcept {
    bytes_.store(share_of(conversations), std::memory_order_relaxed);
  }
  std::size_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::size_t> bytes_{limits::conversation_share_high};
};

} // namespace parley
