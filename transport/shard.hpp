// One I/O thread: its sockets, their deadlines, and the turn in which all of them are read and then
// written.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include "actors/shard_state.hpp"
#include "transport/connected.hpp"
#include "transport/edge.hpp"
#include "transport/shard_door.hpp"
#include "transport/socket_session.hpp"
#include "transport/timer_wheel.hpp"
#include "transport/tls_context.hpp"
#include "transport/turn_queue.hpp"

namespace parley {

/// Everything here belongs to the shard's thread, but for what says otherwise. A turn of the loop:
/// whatever is ready is read and decided first, then each session that has something is written
/// once.
class shard final : public shard_port {
public:
  shard(std::uint32_t index, edge_ptr edge, cursor_sealer cursors, position start);
  ~shard() override;

  /// Serves until `stop`.
  void run();
  /// Ends `run` soon; from any thread.
  void stop() { io_.stop(); }
  /// Where a descriptor was accepted.
  enum class entrance : std::uint8_t { v4, v6, operators };
  /// Takes over an accepted descriptor; from any thread.
  void adopt(int descriptor, entrance from);
  /// Connections that are adopted from now on speak TLS under this; from any thread. Those there
  /// are stay as they are.
  void use_tls(tls_ptr tls);
  /// Sockets wait, or go on, because the engine is behind or not.
  void throttle(bool on);
  /// A session's token was renewed.
  void renewed(std::uint64_t session, timestamp expires_at);
  /// Takes no more commands, lets what is under way be answered, and ends every socket; calls
  /// `done` when none is left.
  void drain(std::function<void()> done);

  /// When its turns went on last; from any thread.
  instant ticked_at() const noexcept { return ticked_at_.load(std::memory_order_relaxed); }

  /// The sessions that are there now, those of REST left out.
  connected_list connected(const connected_question& asked);

  std::uint32_t index() const noexcept { return index_; }
  net::io_context& io() noexcept { return io_; }
  shard_state& state() noexcept { return state_; }
  const edge_ptr& shared() const noexcept { return edge_; }
  turn_queue& turns() noexcept { return turns_; }
  /// The way back for what is asked of others.
  const std::shared_ptr<shard_door>& door() const noexcept { return door_; }
  bool throttled() const noexcept { return throttled_; }
  /// When answers are no longer waited for; nothing unless the shard drains.
  const std::optional<instant>& draining_until() const noexcept { return draining_until_; }

  /// Where received bytes lie until the next session is read.
  std::span<char> receive_buffer() noexcept { return received_; }
  /// Where payloads lie until the next one is decoded.
  std::span<char> message_buffer() noexcept { return message_; }

  static instant now() { return std::chrono::steady_clock::now(); }

  // --- For sessions ---
  /// Calls `on_deadline` of the socket `key` once `due` has passed.
  void arm(std::uint64_t key, instant due) { wheel_.arm(key, due); }
  /// Calls `flush` at the end of this turn.
  void mark_dirty(socket_session& who);
  /// Frees the session at the end of this turn.
  void bury(socket_session& who);
  /// The same, with a successor under the same key.
  void replace(socket_session& who, std::unique_ptr<socket_session> by);

  // --- shard_port ---
  void dispatch(session& from, envelope asked) override;
  void wake(session& to) override;
  void read(read_catch_up query) override { edge_->read(std::move(query)); }
  void report(sessions_reported what) override { edge_->report(std::move(what)); }

private:
  void on_adopt(int descriptor, entrance from);
  void await_tick();
  void on_tick();
  void end_turn_soon();
  void end_turn();
  void flush_all();

  std::uint32_t index_;
  edge_ptr edge_;
  net::io_context io_{1};
  std::shared_ptr<shard_door> door_ = std::make_shared<shard_door>(io_);
  net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>,
                            net::io_context::executor_type>
      tick_{io_.get_executor()};
  turn_queue turns_{io_};
  timer_wheel wheel_;
  tls_ptr tls_;
  shard_state state_;

  std::unordered_map<std::uint64_t, std::unique_ptr<socket_session>> sockets_;
  std::uint64_t next_key_ = 1;
  std::vector<socket_session*> dirty_;
  std::vector<std::unique_ptr<socket_session>> buried_;
  std::atomic<instant> ticked_at_{now()};
  bool turn_ends_ = false; ///< The end of this turn is posted.
  bool throttled_ = false;
  std::optional<instant> draining_until_;
  std::function<void()> drained_;

  std::vector<char> received_;
  std::vector<char> message_;
};

} // namespace parley
