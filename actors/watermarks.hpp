// How far the log and the read model are: two numbers everyone may read at any time.
#pragma once

#include <atomic>
#include <memory>

#include "actors/ids.hpp"

namespace parley {

/// Written by one actor each, read by all. `committed` is raised before anyone is told of the batch
/// and `applied` after the read model's commit is synced, so a reader of either never claims too
/// much.
class watermarks {
public:
  position committed() const noexcept {
    return position{committed_.load(std::memory_order_acquire)};
  }
  position applied() const noexcept { return position{applied_.load(std::memory_order_acquire)}; }
  /// The log writer's.
  void committed(position at) noexcept { committed_.store(at.value(), std::memory_order_release); }
  /// The applier's.
  void applied(position at) noexcept { applied_.store(at.value(), std::memory_order_release); }

private:
  std::atomic<std::uint64_t> committed_{0};
  std::atomic<std::uint64_t> applied_{0};
};
using watermarks_ptr = std::shared_ptr<watermarks>;

} // namespace parley
