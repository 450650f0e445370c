// What a shard knows of a socket's owner, whichever protocol it speaks at the moment.
#pragma once

#include <cstdint>

#include "actors/outbox.hpp"

namespace parley {

/// Owner of one socket on one shard's thread. It ends itself with `shard::bury`.
class socket_session {
public:
  explicit socket_session(std::uint64_t key) : key_(key) {}
  virtual ~socket_session() = default;
  socket_session(const socket_session&) = delete;
  socket_session& operator=(const socket_session&) = delete;

  /// The socket's number on its shard.
  std::uint64_t key() const noexcept { return key_; }

  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
  /// A deadline armed for this key has passed, perhaps one that does not count any more.
  virtual void on_deadline(instant now) = 0;
  /// The turn ends and the session asked to be flushed.
  virtual void flush(instant) {}
  /// The server stops; end as soon as it is polite.
  virtual void drain(instant now) = 0;

  bool dirty = false;  ///< Is flushed at the end of this turn; the shard's.
  bool buried = false; ///< Is freed at the end of this turn; the shard's.

private:
  std::uint64_t key_;
};

} // namespace parley
