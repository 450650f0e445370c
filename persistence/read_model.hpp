// The tables that answer questions: written by `apply` in log order, read in short transactions.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "actors/erasures.hpp"
#include "actors/errors.hpp"
#include "actors/queries.hpp"
#include "actors/record.hpp"
#include "persistence/environment.hpp"

namespace parley {

using batch_ptr = std::shared_ptr<const committed_batch>;

/// What the log writer asks of the read model before it accepts a batch.
class model_room {
public:
  virtual ~model_room() = default;
  /// Makes sure that there is disk space to apply `bytes` more, beside all that was promised
  /// before. `unavailable` when there is none; then nothing is promised.
  virtual outcome reserve(std::size_t bytes) = 0;
  /// A promise is kept or no longer needed.
  virtual void release(std::size_t bytes) = 0;
};

/// How old events are that are packed into segments.
struct cooling_age {
  timestamp before{};      ///< Only what happened before this.
  timestamp long_before{}; ///< Runs that begin before this need not be full.
};

/// What the cold store takes.
struct cold_size {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;     ///< Of the segments.
  std::uint64_t raw_bytes = 0; ///< Of the events in them, as they were before.
};

/// Notifications that were made or have grown, and that are over, since it was opened.
struct notices_so_far {
  std::uint64_t made = 0;
  std::uint64_t withdrawn = 0;
};

/// What the applier asks of the read model.
class model_writer {
public:
  virtual ~model_writer() = default;
  /// Everything up to here is applied, synced.
  virtual position applied() const = 0;
  /// Applies batches, which must follow the applied position in order; those at or before it are
  /// skipped. One transaction: it may take fewer than all of them. Returns the position reached.
  /// `unavailable`: no space, nothing changed. `internal`: they do not fit what is there.
  virtual result<position> apply(std::span<const batch_ptr> batches) = 0;
  /// Whether deleted conversations have rows that are still to go.
  virtual bool has_condemned() const = 0;
  /// Erases some of them, but of what cannot be read. Returns the applied position, which stays.
  /// `unavailable`: no space. Any other failure: nothing more is condemned until something is.
  virtual result<position> purge_some() = 0;
  /// Packs some old events into segments; says whether there may be more. What the model answers
  /// does not change. `unavailable`: no space, nothing changed.
  virtual result<bool> cool_some(const cooling_age& age) = 0;
  virtual cold_size cold() const = 0;
  virtual notices_so_far notices() const { return {}; }
};

/// An upper bound of what the model grows by when it applies these records.
std::size_t room_for(std::span<const record_ptr> records) noexcept;

/// A page of a conversation's events, as stored.
struct event_page {
  std::vector<stored_event> events; ///< Rising.
  bool more = false;                ///< The range holds more than these.
};

/// A message of which something is to be said elsewhere, and the batch in which that was settled.
struct message_place {
  position at;
  conversation_id conversation;
  sequence seq;
};
/// Where a walk through all conversations goes on: behind those below this id, and in this one
/// below a number, which is 0 for all of it.
struct feed_place {
  conversation_id conversation;
  sequence below;
};
/// A portion of such a walk.
struct message_feed {
  std::vector<message_place> items; ///< In no order.
  std::vector<conversation_id> deleted;
  /// Conversations whose events before a number went, each once or more.
  std::vector<std::pair<conversation_id, sequence>> trimmed = {};
  std::optional<feed_place> next; ///< Nothing at the end.
};

/// Of whom it is asked whether they have read a conversation.
struct read_notifiable_question {
  conversation_id conversation;
  sequence last;                 ///< The newest message of those that matter.
  std::optional<user_id> behind; ///< Members behind this one.
  timestamp now{};
};

/// An event of which somebody elsewhere is to be told.
struct event_place {
  position at;
  conversation_id conversation;
  sequence seq;
  record_kind kind = record_kind::message;
  conversation_kind in = conversation_kind::group;
};
/// Where a walk through all events goes on: in this conversation from this number on, or, when that
/// is 0, from its first one behind the position.
struct event_feed_place {
  conversation_id conversation;
  sequence from;
};
/// A portion of such a walk: of each conversation in rising order, but of a deleted one only its
/// last event.
struct event_feed {
  std::vector<event_place> items;
  std::optional<event_feed_place> next; ///< Nothing at the end.
};

/// A notification as its user's list has it, and the batch that says so.
struct standing_notice {
  listed_notification shown;
  position since;
};
/// A place in a walk through all notifications.
struct notice_feed_place {
  user_id user;
  conversation_id conversation;
};
struct notice_place_since {
  user_id user;
  conversation_id conversation;
  position since;
};
/// A portion of such a walk: those of which a batch in between says so.
struct notice_feed_page {
  std::vector<notice_place_since> items;
  std::optional<notice_feed_place> next; ///< Nothing at the end.
};

/// What readers ask of the read model: each call sees one applied position.
class model_reader {
public:
  virtual ~model_reader() = default;
  virtual result<conversation_snapshot> snapshot(const conversation_id& conversation) const = 0;
  /// Where each key led, in the order given.
  virtual result<std::vector<std::optional<known_command>>>
  find(const std::vector<idempotency_key>& keys) const = 0;
  /// At most `range.limit` events (limits::page when 0 or more) and limits::page_bytes, but at
  /// least one.
  /// For a reader as they are to be seen now, without one as they were delivered.
  virtual result<event_page> page(const conversation_id& conversation, const page_range& range,
                                  const std::optional<user_id>& reader) const = 0;
  /// Nothing when the number is not a message's.
  virtual result<std::optional<known_message>> message(const conversation_id& conversation,
                                                       const message_question& asked) const = 0;
  /// The same of several: those of the numbers that are messages and that whoever asks may see.
  virtual result<std::vector<known_message>> messages(const conversation_id& conversation,
                                                      const messages_question& asked) const = 0;
  /// A page of the messages in a thread as they are to be seen now; `not_found` for a number that
  /// is not a message's.
  virtual result<event_page> thread(const get_thread& what, const user_id& reader) const = 0;
  /// Whom a user has blocked.
  virtual result<block_page> blocks(const user_id& user, const list_blocks& what) const = 0;
  /// What a user is invited to; `bad_request` for a cursor that this did not make.
  virtual result<invitation_page> invitations(const user_id& user,
                                              const list_invitations& what) const = 0;
  /// What keeps a user from inviting these others, or, unless invitations count, from adding them.
  virtual result<invitation_obstacles>
  obstacles(const user_id& by, const std::vector<user_id>& users, bool counts) const = 0;
  /// What is unread in all conversations that the user has not put away.
  virtual result<unread_totals> totals(const user_id& user, timestamp now) const = 0;
  /// Which members have not read a conversation and are to be told: a portion of them.
  virtual result<notifiable> who_has_not_read(const read_notifiable_question& asked) const = 0;
  /// `bad_request` for a cursor that this did not make.
  virtual result<notification_page> notifications(const user_id& user,
                                                  const list_notifications& what) const = 0;
  /// How a user wants to be told.
  virtual result<notification_settings> tuning(const user_id& user) const = 0;
  /// Which messages are to go by now.
  virtual result<due_messages> due(timestamp until, const std::string& behind) const = 0;
  /// Of which conversations the oldest events are to go.
  virtual result<trimmable_events> trimmable(const retention_question& asked) const = 0;
  /// `bad_request` for a cursor that this did not make.
  virtual result<hold_page> holds(const list_holds& what) const = 0;
  /// Those of the files that are there.
  virtual result<std::vector<stored_file>> files(const std::vector<file_id>& asked) const = 0;
  /// `not_found` for everyone who may not read it.
  virtual result<file_facts> file_for(const file_id& file, const user_id& reader,
                                      timestamp now) const = 0;
  virtual result<unsent_files> unsent(const user_id& user) const = 0;
  /// Users who are being erased, or were: all, or the one with this receipt.
  virtual result<std::vector<user_erasure>>
  user_erasures(const std::optional<std::string>& id) const = 0;
  /// Receipts of exports: the one with this id, or the newest before one.
  virtual result<std::vector<std::string>>
  exports(const std::optional<std::string>& id, const std::optional<std::string>& before) const = 0;
  virtual result<erasure_work> work_of_erasure(const erasure_work_question& asked) const = 0;
  /// In how many conversations that are held the user has messages.
  virtual result<std::uint64_t> held_messages_of(const user_id& user) const = 0;
  /// Which files are in no message and go by now.
  virtual result<unused_files> unused(timestamp until) const = 0;
  /// `not_found` unless the message was deleted for everyone.
  virtual result<erasure_facts> erasure(const get_erasure& what, const user_id& reader) const = 0;
  /// `bad_request` for a cursor that `list` did not make.
  virtual result<conversation_list> list(const user_id& user, const list_conversations& what,
                                         timestamp now) const = 0;
  virtual result<catch_up> missed(const user_id& user, std::optional<position> since) const = 0;
  /// Members' cursors, in the order asked; nothing for who is no member.
  virtual result<std::vector<std::optional<member_cursors>>>
  cursors(const conversation_id& conversation, const std::vector<user_id>& users) const = 0;
  /// `not_found` for a number that is not a message's.
  virtual result<receipt_page> receipts(const get_receipts& what, const user_id& reader) const = 0;
  /// `not_found` for a number that is not a message's, of one that was deleted, or that the reader
  /// has hidden.
  virtual result<version_page> versions(const get_versions& what, const user_id& reader) const = 0;
  /// Likewise.
  virtual result<reaction_page> reactions(const get_reactions& what,
                                          const user_id& reader) const = 0;
  /// At most limits::shared_steps are taken; whom they do not reach counts as a stranger.
  virtual result<shared_users> shared_with(const user_id& user,
                                           const std::vector<user_id>& others) const = 0;
  virtual result<seen_facts> last_seen(const user_id& user) const = 0;
  /// Of those of the users who show themselves to the reader, each once, in the order asked.
  virtual result<std::vector<listed_profile>> profiles(const user_id& reader,
                                                       const std::vector<user_id>& users) const = 0;
  virtual result<dealings> dealings_of(const user_id& user) const = 0;
  /// Messages that were sent, edited or erased behind `since` and up to `until`, and conversations
  /// deleted since: a walk that begins with a default `from`.
  virtual result<message_feed> feed(position since, position until,
                                    const feed_place& from) const = 0;
};

/// The read model over LMDB. `apply` by one thread at a time; everything else by any.
class read_model : public model_writer, public model_room, public model_reader {
public:
  /// Makes a new, empty model that belongs to `epoch`; the directory must exist and be empty.
  static outcome create(environment_options options, std::string_view epoch);
  /// Opens a model. A format newer than ours is refused.
  static result<std::unique_ptr<read_model>> open(environment_options options);

  /// Names this life of the store.
  const std::string& epoch() const noexcept { return epoch_; }
  /// Its tables as they are now; they may be replaced while somebody reads these.
  std::shared_ptr<const environment> tables() const;
  /// Goes on with the tables of `fresh`, which has the same epoch and has applied as much, once
  /// they were put where the old ones are: who reads finishes with those. Called by the thread that
  /// applies. `unavailable`: nothing changed.
  outcome take_over(read_model& fresh, const std::function<outcome()>& put_into_place);
  /// Notes when everything was rewritten last, and that nothing was left of what was deleted up to
  /// `settled`.
  outcome note_compaction(position settled, timestamp at);

  position applied() const override { return position{applied_}; }
  result<position> apply(std::span<const batch_ptr> batches) override;
  bool has_condemned() const override { return has_condemned_; }
  result<position> purge_some() override;
  result<bool> cool_some(const cooling_age& age) override;
  cold_size cold() const override { return {cold_segments_, cold_bytes_, cold_raw_bytes_}; }
  notices_so_far notices() const override { return {notices_made_, notices_withdrawn_}; }

  outcome reserve(std::size_t bytes) override;
  void release(std::size_t bytes) override;

  result<conversation_snapshot> snapshot(const conversation_id& conversation) const override;
  result<std::vector<std::optional<known_command>>>
  find(const std::vector<idempotency_key>& keys) const override;
  result<event_page> page(const conversation_id& conversation, const page_range& range,
                          const std::optional<user_id>& reader) const override;
  result<std::optional<known_message>> message(const conversation_id& conversation,
                                               const message_question& asked) const override;
  result<std::vector<known_message>> messages(const conversation_id& conversation,
                                              const messages_question& asked) const override;
  result<event_page> thread(const get_thread& what, const user_id& reader) const override;
  result<block_page> blocks(const user_id& user, const list_blocks& what) const override;
  result<invitation_page> invitations(const user_id& user,
                                      const list_invitations& what) const override;
  result<invitation_obstacles> obstacles(const user_id& by, const std::vector<user_id>& users,
                                         bool counts) const override;
  result<unread_totals> totals(const user_id& user, timestamp now) const override;
  result<notifiable> who_has_not_read(const read_notifiable_question& asked) const override;
  result<notification_page> notifications(const user_id& user,
                                          const list_notifications& what) const override;
  result<notification_settings> tuning(const user_id& user) const override;
  /// Of messages up to here it is decided who is told; where a store that does not say so begins.
  result<position> decided() const;
  result<due_messages> due(timestamp until, const std::string& behind) const override;
  result<trimmable_events> trimmable(const retention_question& asked) const override;
  result<hold_page> holds(const list_holds& what) const override;
  result<std::vector<stored_file>> files(const std::vector<file_id>& asked) const override;
  result<file_facts> file_for(const file_id& file, const user_id& reader,
                              timestamp now) const override;
  result<unsent_files> unsent(const user_id& user) const override;
  result<std::vector<user_erasure>>
  user_erasures(const std::optional<std::string>& id) const override;
  result<std::vector<std::string>> exports(const std::optional<std::string>& id,
                                           const std::optional<std::string>& before) const override;
  result<erasure_work> work_of_erasure(const erasure_work_question& asked) const override;
  result<std::uint64_t> held_messages_of(const user_id& user) const override;
  result<unused_files> unused(timestamp until) const override;
  result<erasure_facts> erasure(const get_erasure& what, const user_id& reader) const override;
  result<conversation_list> list(const user_id& user, const list_conversations& what,
                                 timestamp now) const override;
  result<catch_up> missed(const user_id& user, std::optional<position> since) const override;
  result<std::vector<std::optional<member_cursors>>>
  cursors(const conversation_id& conversation, const std::vector<user_id>& users) const override;
  result<receipt_page> receipts(const get_receipts& what, const user_id& reader) const override;
  result<version_page> versions(const get_versions& what, const user_id& reader) const override;
  result<reaction_page> reactions(const get_reactions& what, const user_id& reader) const override;
  result<shared_users> shared_with(const user_id& user,
                                   const std::vector<user_id>& others) const override;
  result<seen_facts> last_seen(const user_id& user) const override;
  result<std::vector<listed_profile>> profiles(const user_id& reader,
                                               const std::vector<user_id>& users) const override;
  result<dealings> dealings_of(const user_id& user) const override;
  result<message_feed> feed(position since, position until, const feed_place& from) const override;

  /// All events behind `since` and up to `until`: a walk that begins with a default `from`.
  result<event_feed> event_feed_since(position since, position until,
                                      const event_feed_place& from) const;
  /// An event as it is stored now, also the last one of a deleted conversation; nothing when it is
  /// gone.
  result<std::optional<stored_event>> event(const conversation_id& conversation,
                                            sequence seq) const;
  /// What a user is told of a conversation now; with its newest message or without. Nothing when
  /// there is nothing to be told.
  result<std::optional<standing_notice>> standing_notice_of(const user_id& user,
                                                            const conversation_id& conversation,
                                                            bool with_message) const;
  /// Notifications that batches behind `since` and up to `until` say: a walk that begins with a
  /// default `behind`.
  result<notice_feed_page> notices_since(position since, position until,
                                         const notice_feed_place& behind) const;
  /// Nothing for a conversation that never was.
  result<std::optional<conversation_kind>> kind_of(const conversation_id& conversation) const;

private:
  read_model() = default;
  outcome read_meta();
  result<position> apply_some(std::span<const batch_ptr> batches);
  outcome measure();
  outcome measure_cold();
  outcome look_for_condemned();
  /// Forgets some of the names that are to be forgotten; false when there are none.
  result<bool> forget_some();
  std::size_t transient_bytes(std::size_t promised) const noexcept;

  mutable std::mutex looking_; ///< Of who takes the tables to read, or replaces them.
  std::mutex promising_;       ///< Of who makes room, or replaces what has it.
  std::shared_ptr<environment> environment_;
  std::string epoch_;
  std::atomic<std::uint64_t> applied_{0};
  std::atomic<bool> has_condemned_{false};
  std::set<std::string> unpurgeable_; ///< Of those that are condemned; the applier's thread's.
  std::string cooled_to_;  ///< Where the walk through old events goes on; the applier's thread's.
  bool is_erasing_ = true; ///< Somebody's name is being forgotten, perhaps; the applier's thread's.
  std::atomic<std::uint64_t> cold_segments_{0};
  std::atomic<std::uint64_t> cold_bytes_{0};
  std::atomic<std::uint64_t> cold_raw_bytes_{0};
  std::atomic<std::uint64_t> notices_made_{0};
  std::atomic<std::uint64_t> notices_withdrawn_{0};
  std::atomic<std::size_t> promised_{0}; ///< Bytes that accepted batches may still take.
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> free_{0};
};

} // namespace parley
