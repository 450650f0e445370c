// One connection as its shard sees it: commands in, outbox out, gaps when the reader is slow.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/command_window.hpp"
#include "actors/errors.hpp"
#include "actors/interfaces.hpp"
#include "actors/outbox.hpp"
#include "actors/soft_lane.hpp"

namespace parley {

/// The subprotocol a client chose.
enum class encoding : std::uint8_t { msgpack, json };

/// Where a session is in its life.
enum class session_phase : std::uint8_t {
  greeting, ///< No good `hello` yet.
  admitted, ///< The token was good; what was missed is being read.
  live,     ///< Gets every event.
  closing,  ///< Says what is still to say, then closes.
};

/// How a session ends, once decided.
struct session_end {
  close_code code = close_code::normal;
  std::string reason; ///< Goes into the close frame, at most 123 bytes.
};

/// Numbers a slow reader was not sent, and the last position that is whole without them.
struct open_gap {
  sequence first;
  sequence last;
  position before; ///< No checkpoint may pass this until the gap is pulled.
  bool told = false;
};

/// Plain state of one connection; its shard's thread owns it. Knows no socket and no clock.
class session {
public:
  session(std::uint64_t number, encoding spoken, instant now)
      : number_(number), spoken_(spoken), progress_at_(now) {}

  std::uint64_t number() const noexcept { return number_; }
  encoding spoken() const noexcept { return spoken_; }
  session_phase phase() const noexcept { return phase_; }
  const identity& who() const noexcept { return who_; }
  command_window& commands() noexcept { return commands_; }
  outbox& out() noexcept { return out_; }
  const std::optional<session_end>& end() const noexcept { return end_; }

  /// Whether the client may send more: its credit is not used up and it reads what it is told.
  bool wants_commands() const noexcept;

  /// Whether there is room for what may also be left out.
  bool keeps_up() const noexcept;

  // --- Life ---
  void admit(identity who, reference ref);
  void renew(timestamp expires_at) { who_.expires_at = expires_at; }
  /// Goes live having seen everything up to `seen`.
  void go_live(position seen);
  /// Decides the end; the first decision stands.
  void close(session_end how);
  /// The `ref` of the `hello` that is being answered.
  const reference& greeting_ref() const noexcept { return greeting_ref_; }
  /// Everything up to here was seen when the session went live; older batches are not for it.
  position seen() const noexcept { return seen_; }

  // --- Out ---
  /// Queues an answer; one that finds the outbox beyond its hard bound closes the session.
  void push_answer(chunk_ptr what, instant now);
  /// Queues events `first`..`last` of a conversation, or remembers them as a gap when the outbox is
  /// over its bound.
  void push_events(const conversation_id& conversation, sequence first, sequence last, position at,
                   const chunk_ptr& what, instant now);
  /// Queues the event that ends the user's membership, whatever the outbox holds: it is the last
  /// one. The conversation's gaps cannot be pulled any more and are set aside.
  void push_last_event(const conversation_id& conversation, const chunk_ptr& what, instant now);
  /// Queues something of the moment: at once for a session that keeps up; otherwise when it does
  /// again, unless something newer with the same `key` came meanwhile. Not for sessions that are
  /// not live.
  /// No checkpoint passes `before` while it waits.
  void push_soft(std::string key, chunk_ptr what, instant now, position before = latest);
  /// Whether something of the moment would be queued at once.
  bool takes_soft() const noexcept { return phase_ == session_phase::live && !soft_ && keeps_up(); }
  /// What waits under keys that begin like this is no longer true.
  void forget_soft(std::string_view prefix);
  /// The key of a user's receipts in a conversation.
  static std::string receipt_key(const conversation_id& conversation, const user_id& user);
  /// What the keys of all receipts in a conversation begin with.
  static std::string receipt_prefix(const conversation_id& conversation);
  /// Bytes of what waits for the session to keep up.
  std::size_t soft_bytes() const noexcept { return soft_ ? soft_->bytes() : 0; }
  /// A gap that the resume named.
  void remember_gap(const conversation_id& conversation, const open_gap& gap);
  /// The same of a conversation that the user has left: nothing waits for it, unless they come
  /// back.
  void set_gap_aside(const conversation_id& conversation, const open_gap& gap);
  /// The user is in again: what was set aside can be pulled, and holds checkpoints.
  void rejoined(const conversation_id& conversation);
  /// The client pulled these numbers with `sync`.
  void pulled(const conversation_id& conversation, sequence first, sequence last);
  /// The socket took something: once there is room, gaps that were not told yet are, and what
  /// waited for the session to keep up.
  void progressed(instant now);
  /// The newest position whose events, up to and with it, were all queued or pulled.
  position whole_up_to(position shard_at) const;
  /// Whether it has taken nothing for too long or owes too many gaps.
  bool too_slow(instant now) const;

  /// The conversations whose events reach this session; kept by the shard's table.
  std::vector<conversation_id>& subscriptions() noexcept { return subscriptions_; }
  /// Whether a checkpoint is owed; set by the shard when something durable was queued.
  bool owes_checkpoint = false;
  /// When the session was sent the last cursor; the shard's.
  instant checkpointed_at{};
  /// When the send began whose acknowledgement is waited for, to measure it; the shard's.
  std::optional<instant> measured_send;
  /// The transport's own mark, so that it finds the socket without a search; nobody else's
  /// business.
  void* socket = nullptr;

private:
  static constexpr position latest{UINT64_MAX};

  bool over_bound(std::size_t more, instant now) const;
  void tell_gaps(instant now);
  void tell_soft(instant now);
  void end_soft_if_empty();
  void tell(const conversation_id& conversation, open_gap& gap, instant now);

  std::uint64_t number_;
  encoding spoken_;
  session_phase phase_ = session_phase::greeting;
  identity who_;
  reference greeting_ref_;
  command_window commands_;
  outbox out_;
  position seen_;
  std::vector<conversation_id> subscriptions_;
  using gap_map = std::map<conversation_id, std::vector<open_gap>>;
  gap_map gaps_;
  gap_map set_aside_;               ///< Told gaps of conversations that the user has left.
  std::unique_ptr<soft_lane> soft_; ///< Only while something waits in it.
  position soft_before_ = latest;   ///< What is whole without anything that waits there.
  instant progress_at_;
  std::optional<session_end> end_;
};

} // namespace parley
