// How far the log and the read model are, and since when memberships stand: numbers everyone may
// read at any time.
#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "actors/ids.hpp"

namespace parley {

/// The newest position at which somebody joined or left a conversation, for each of many groups of
/// users: what was read of two users' memberships at a position is good as long as neither group
/// has a newer one. Written by the log writer before anyone hears of the batch.
class membership_marks {
public:
  static constexpr std::size_t groups = 4096;

  static std::size_t group_of(const user_id& user) noexcept {
    return std::hash<user_id>{}(user) % groups;
  }
  position newest(std::size_t group) const noexcept {
    return position{groups_[group].load(std::memory_order_acquire)};
  }
  /// Of all groups.
  position newest() const noexcept { return position{newest_.load(std::memory_order_acquire)}; }
  void changed(const user_id& user, position at) noexcept {
    groups_[group_of(user)].store(at.value(), std::memory_order_release);
    newest_.store(at.value(), std::memory_order_release);
  }
  /// Anyone's may have changed: by what is in the log before the first batch, or when a user is
  /// forgotten, whom others had to do with.
  void all_changed(position at) noexcept {
    for (auto& each : groups_)
      each.store(at.value(), std::memory_order_release);
    newest_.store(at.value(), std::memory_order_release);
  }

private:
  std::array<std::atomic<std::uint64_t>, groups> groups_{};
  std::atomic<std::uint64_t> newest_{0};
};

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

  membership_marks memberships;
  membership_marks dealings; ///< Likewise of blocks, and of what users let others know.

private:
  std::atomic<std::uint64_t> committed_{0};
  std::atomic<std::uint64_t> applied_{0};
};
using watermarks_ptr = std::shared_ptr<watermarks>;

} // namespace parley
