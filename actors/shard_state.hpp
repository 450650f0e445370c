// What a transport shard decides: who gets which event, in log order, from `hello` to the last
// byte.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/cursor.hpp"
#include "actors/message_windows.hpp"
#include "actors/metrics.hpp"
#include "actors/recent_receipts.hpp"
#include "actors/session.hpp"
#include "actors/store_interfaces.hpp"

namespace parley {

/// What a shard does to the world; the transport implements it over sockets, the simulation in
/// memory. Called on the shard's thread, and never from within a call of the port itself.
class shard_port {
public:
  virtual ~shard_port() = default;
  /// Hands a command to the session's connection actor.
  virtual void dispatch(session& from, envelope asked) = 0;
  /// The session has something to write or to close; called once per change, cheap to repeat.
  virtual void wake(session& to) = 0;
  /// Asks the reader what an admitted session missed; `caught_up` brings the answer.
  virtual void read(read_catch_up query) = 0;
  /// Says which sessions are there, or are gone.
  virtual void report(sessions_reported what) = 0;
};

/// What every shard says of the server in `welcome`.
struct server_facts {
  std::string name = "parley";
  std::string version;
  std::string durability = "local-fsync";
  std::uint64_t file_bytes = 0; ///< Of one file; 0: nothing is uploaded.
  message_windows windows = {};
};

/// Plain object: sessions, the table from conversations to them, and a ring of recent batches.
/// One per shard, on its thread.
class shard_state {
public:
  /// `start` is the log's committed position when the shard begins to listen to it.
  shard_state(std::uint32_t index, server_facts facts, cursor_sealer cursors, position start,
              shard_port& port);

  /// What is done here is counted there from now on.
  void count_into(metrics_ptr all);

  // --- Sessions, as sockets come and go ---
  session& open(encoding spoken, instant now);
  /// Forgets a session whose socket is gone.
  void closed(std::uint64_t number);
  session* find(std::uint64_t number);
  std::size_t session_count() const noexcept { return sessions_.size(); }
  /// Calls `see(session)` for each of them, in no order.
  template <class See>
  void for_each_session(See&& see) {
    for (auto& [number, each] : sessions_)
      see(*each);
  }

  /// Takes a decoded command and starts whatever may start. A send that came at a known time and
  /// finds nothing of this session under way is measured.
  void command(session& from, envelope asked, std::optional<instant> now = {});
  /// Answers an envelope that could not be decoded but whose `ref` could be read.
  void reject(session& from, const reference& ref, const failure& why, instant now);
  /// The socket took bytes of the session's outbox.
  void progressed(session& of, instant now);
  /// Says `bye` with a reason, then closes.
  void dismiss(session& who, std::string_view reason, close_code code, instant now,
               std::optional<std::chrono::milliseconds> retry_after = {});

  // --- Messages ---
  /// A good `hello`: reads what the session needs to go live.
  void admit(const struct admit& message);
  void caught_up(const struct caught_up& message, instant now);
  void commit(std::shared_ptr<const committed_batch> batch, instant now);
  void answered(struct answer&& message, instant now);
  void refused(const struct refuse& message, instant now);

  /// Something of the moment: for sessions that keep up, nobody else.
  void whispered(const struct whispered& message, instant now);

  // --- Presence (shard_presence.cpp) ---
  /// How a user is: for the sessions that watch them, later for those that are behind.
  void presence_told(const struct presence_told& message, instant now);
  /// The session's user ended it.
  void session_ended(const struct session_ended& message, instant now);
  /// A user is being erased.
  void user_ended(const struct user_ended& message, instant now);

  /// Receipts, checkpoints and renewals that are due; now and then slow readers and the common
  /// budget. Call about ten times a second.
  void tick(instant now);

  position at() const noexcept { return at_; }

private:
  using session_list = std::vector<session*>;
  using record_iterator = std::vector<record_ptr>::const_iterator;
  /// What an admitted session said it has.
  struct resume_point {
    bool asked = false;
    std::optional<position> since;
  };

  /// To a session, unless it is gone by then.
  struct owed_checkpoint {
    std::uint64_t session;
    instant due;
  };

  void count_command(session& from, const envelope& asked, std::optional<instant> now);
  void start_commands(session& of);
  void finish_command(session& of);
  void push_answer(session& to, std::string envelope, instant now);

  void deliver_acks(const committed_batch& batch, instant now);
  void deliver_events(const committed_batch& batch, instant now);
  record_iterator deliver_run(record_iterator begin, record_iterator end, position at, instant now);
  /// Whether this user does not see the message that was edited.
  static bool is_unseen(const record& edited, const user_id& by);
  /// What such a user is told.
  static std::string left_of_edit(const record& edited);
  void deliver_left(const record& event, position at, instant now);
  void deliver_deleted(const record& event, position at, instant now);
  /// Sends the last event of a conversation, which is not the session's any more.
  void end_subscription(session& of, const record& event, const chunk_ptr& what, instant now);
  void subscribe_joined(const record& event, position at, instant now);
  static std::string told_to_actor(const record& what);
  void show_invitations(const record& what, position at, instant now);
  void show_to_devices(const user_id& of, const chunk_ptr& what, position at, instant now);
  void show_to_actor(const record& what, position at, instant now);
  void show_notices(const record& what, position at, instant now);
  void show_trimmed(const record& what, position at, instant now);
  void show_trimmed_to(session& to, const record& what, const chunk_ptr& envelope, position at,
                       instant now);
  void push_events(session& to, const record& first, const record& last, position at,
                   const chunk_ptr& what, instant now);

  void ask_what_was_missed(const session& of, const resume_point& from, position at_least);
  void welcome(session& to, const std::string& cursor, instant now);
  void send_missed(session& to, const missed_conversation& missed, position since, instant now);
  void replay(session& to, position from, instant now);
  void replay_record(session& to, const record& event, position at, instant now);
  void replay_invitation(session& to, const record& event, instant now);

  // shard_receipts.cpp
  void collect_receipts(const record& what, position at, instant now);
  void show_due_receipts(instant now);
  /// Those of one conversation, whether they are due or not.
  void show_receipts(const conversation_id& conversation, instant now);
  void show(const recent_receipts::in_conversation& receipts, position up_to, instant now);
  void show_to_all(const recent_receipts::in_conversation& receipts, const session_list& sessions,
                   instant now);
  void show_to_their_own(const recent_receipts::in_conversation& receipts, instant now);
  void show_receipt(session& to, const conversation_id& conversation, const receipt_facts& what,
                    position before, instant now);
  void replay_receipts(session& to, const record& what, position at, instant now);

  void subscribe(session& who, const conversation_id& conversation);
  void unsubscribe(session& who, const conversation_id& conversation);
  bool is_subscribed(const session& who, const conversation_id& conversation) const;

  // shard_checkpoints.cpp
  /// The session got something that a checkpoint is to cover; `settle_checkpoints` comes next.
  void touch(session& who);
  void settle_checkpoints(instant now);
  void send_due_checkpoints(instant now);
  void send_checkpoint(session& to, instant now);
  /// The position up to which the session was shown all receipts.
  position shown_up_to(session& who) const;

  void renew_sessions(instant now);
  void remember(std::shared_ptr<const committed_batch> batch);
  void enforce_budget(instant now);
  position ring_floor() const noexcept;

  std::uint32_t index_;
  server_facts facts_;
  cursor_sealer cursors_;
  position at_;
  shard_port& port_;
  std::uint64_t next_number_ = 1;

  std::unordered_map<std::uint64_t, std::unique_ptr<session>> sessions_;
  std::unordered_map<user_id, session_list> by_user_;
  std::unordered_map<conversation_id, session_list> by_conversation_;
  std::unordered_map<std::uint64_t, resume_point> admitted_; ///< Until they are live.
  std::vector<session*> touched_;    ///< Within one call: who begins to be owed a checkpoint.
  std::deque<owed_checkpoint> owed_; ///< In the order in which they are due.
  std::deque<std::shared_ptr<const committed_batch>> ring_;
  std::size_t ring_bytes_ = 0;
  recent_receipts recent_receipts_;
  instant inspected_at_{};
  instant renewed_at_{};
  std::uint64_t next_slice_ = 0; ///< Of the sessions that are renewed next.

  metrics_ptr metrics_ = std::make_shared<engine_metrics>();
  gauge_share ring_share_;
  gauge_share outbox_share_;
};

} // namespace parley
