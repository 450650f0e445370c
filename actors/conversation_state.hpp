// What a conversation decides: retries, rights, numbers and what may be shown. Plain object, no
// actor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "actors/encoding.hpp"
#include "actors/event_tail.hpp"
#include "actors/fifo.hpp"
#include "actors/interfaces.hpp"
#include "actors/key_memory.hpp"
#include "actors/limits.hpp"
#include "actors/message_windows.hpp"
#include "actors/receipt_book.hpp"
#include "actors/rules.hpp"
#include "actors/verdict.hpp"

namespace parley {

/// One conversation in use. Messages, receipts and what users keep for themselves may be under way
/// in any number; every other change is under way alone, so that rights are always judged by what
/// is on disk.
class conversation_state {
public:
  explicit conversation_state(conversation_id id, message_windows windows = {})
      : id_(std::move(id)), windows_(windows), keys_(id_) {}

  /// Starts from what the read model has.
  void load(const conversation_snapshot& snapshot);

  /// What to do with a command; of one that is proposed, the state remembers that it is under way.
  verdict decide(const asker& who, const conversation_command& what, timestamp now);

  /// The receipts that were gathered, if any, as one record to append.
  std::optional<propose> write_receipts(timestamp now);

  /// Appends up to `last` are on disk, the last of them in the batch `at`.
  void appended(append_number last, position at);
  /// This append never reached the log. After a failure nothing is proposed until everything that
  /// was under way has failed too, or, behind receipts, is on disk.
  void failed(append_number number);
  /// Drops from memory what the read model has, down to about so many bytes.
  void trim(position applied, std::size_t bytes = limits::conversation_share_high);

  /// Look-ups.
  void begin_look_up() { keys_.forget_absent(); }
  void learn(const idempotency_key& key, const std::optional<known_command>& found) {
    keys_.learn(key, found);
  }
  /// The key a command would have to be looked up by, if it would.
  /// Whether a command with its key was decided before, or may have been: then deciding it changes
  /// nothing, or has it looked up.
  bool may_be_retry(const asker& who, const conversation_command& what) const;
  std::optional<idempotency_key> key_to_look_up(const asker& who,
                                                const conversation_command& what) const;

  /// What was asked for with `look_up_message`: those of the numbers that are messages, rising. It
  /// holds for the command that is decided next.
  void learn(messages_question asked, std::vector<known_message> found) {
    message_.emplace(std::move(asked), std::move(found));
  }

  /// What was asked for with `look_up_invited`; likewise.
  void learn(look_up_invited asked, invitation_obstacles found) {
    invited_.emplace(std::move(asked), std::move(found));
  }
  /// What was asked for with `look_up_files`; it holds for the next message with files.
  void learn(look_up_files asked, std::vector<stored_file> found) {
    files_.emplace(std::move(asked), std::move(found));
  }

  /// What was asked for with `look_up_profile`.
  void learn(user_profile found) { profile_ = std::move(found); }

  /// Whether the asker's cursors would have to be looked up.
  bool needs_receipt(const asker& who, const conversation_command& what) const;
  void learn(const user_id& user, member_cursors found, receipt_manner manner) {
    receipts_.learn(user, std::move(found), std::move(manner));
  }
  /// What others are told of the user's cursors may have changed with this batch.
  void doubt(const user_id& user, position changed) { receipts_.doubt(user, changed); }

  /// Whether this is a message of a member, or a change of one, that was not accepted before: what
  /// rates are about.
  bool is_new_message(const asker& who, const conversation_command& what) const;

  /// Whether something came since this was asked last by which there may be more than is to be
  /// kept.
  bool take_trim_note(const retention_bounds& server);

  bool exists() const noexcept { return exists_; }
  bool under_way() const noexcept { return !in_flight_.empty(); }
  /// Whether a record of receipts is on its way to the log.
  bool receipts_under_way() const noexcept { return receipts_.under_way(); }
  /// How many members' receipts wait to be written.
  std::size_t receipts_gathered() const noexcept { return receipts_.gathered(); }
  /// What must be on disk before a command that only reads sees all that came before it: an append,
  /// or nothing.
  std::optional<append_number> must_wait_for(const conversation_command& what) const;
  /// The newest number that was given, on disk or not.
  sequence newest() const noexcept {
    return in_flight_.empty() ? head_ : in_flight_.back().what->seq;
  }
  bool failing() const noexcept { return failing_; }
  /// As of what is on disk.
  const std::map<user_id, member_facts>& members() const noexcept { return members_; }
  /// What users settled alone that is on disk since this was asked last.
  std::vector<record_ptr> take_settled() { return std::exchange(settled_, {}); }
  position last_position() const noexcept { return last_position_; }

private:
  /// A record on its way to the log.
  struct in_flight {
    append_number number;
    record_ptr what;
  };

  const member_facts* member(const user_id& user) const;
  std::optional<idempotency_key> key_of(const asker& who, const conversation_command& what) const;
  verdict decide_retry(const asker& who, const idempotency_key& key,
                       const conversation_command& what);
  std::string first_answer(const asker& who, const known_command& known, const idempotency_key& key,
                           const conversation_command& what) const;
  /// For a command that changed nothing.
  template <class Command>
  verdict note(const asker& who, const Command& what, timestamp now);

  verdict decide_create(const asker& who, const create& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const create& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const send_message& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const add_members& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const remove_member& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const ban_user& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const unban_user& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const silence_member& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const leave& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const change_role& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const update_conversation& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const edit_message& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const erase& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const react& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const pin_message& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const mark_delivered& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const mark_read& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const mark_unread& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const set_preferences& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_devices& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_receipts& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_versions& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_reactions& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_erasure& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_thread& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const read_thread& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const invite_users& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const uninvite_user& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_invited& what,
                    timestamp now);
  /// Decided before anyone is asked who they are: expiry, what two users settle, and what those say
  /// who are invited.
  template <class Command>
  requires(std::is_same_v<Command, expire_messages> || std::is_same_v<Command, erase_user> ||
           std::is_same_v<Command, reload_conversation> || std::is_same_v<Command, block_user> ||
           std::is_same_v<Command, unblock_user> || std::is_same_v<Command, set_notifications> ||
           std::is_same_v<Command, dismiss_notifications> || std::is_same_v<Command, set_profile> ||
           std::is_same_v<Command, introduce_user> || std::is_same_v<Command, accept_invitation> ||
           std::is_same_v<Command, decline_invitation> ||
           std::is_same_v<Command, hold_conversation> ||
           std::is_same_v<Command, trim_events>) verdict
      decide_on(const asker&, const member_facts&, const Command&, timestamp) {
    return say{};
  }
  verdict decide_on(const asker&, const member_facts&, const get_presences&, timestamp) {
    return survey{};
  }
  verdict decide_on(const asker& who, const member_facts& as, const get_pins& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_restrictions& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const set_typing& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_conversation& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const get_members& what,
                    timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const history& what, timestamp now);
  verdict decide_on(const asker& who, const member_facts& as, const sync_events& what,
                    timestamp now);

  template <class Command>
  verdict take_out(const asker& who, const user_id& whom, const Command& what, timestamp now,
                   std::optional<restriction> restricted = {});
  /// What is kept of a user, with another ban or silence.
  template <class Command>
  verdict restrict(const asker& who, restriction now_kept, const Command& what, timestamp now);
  /// What is decided of an operator, who need not be a member, if this is for operators.
  std::optional<verdict> decide_for_operator(const asker& who, const conversation_command& what,
                                             timestamp now);
  restriction restriction_of(const user_id& user, timestamp now) const;
  bool is_banned(const user_id& user, timestamp now) const;
  bool is_last_owner(const user_id& user) const;
  std::optional<user_id> heir_of(const user_id& user) const;
  verdict show_page(const asker& who, const member_facts& as, const page_range& range,
                    bool fills_gap) const;
  position last_change_in(const event_tail::page& page) const;
  std::shared_ptr<record> next_record(record_kind kind, const user_id& actor, timestamp now) const;
  static void put_key(record& to, idempotency_key key, const fingerprint& content);
  propose put_forward(std::shared_ptr<record> what, std::string ack);
  /// What the command asked for; answered with its number.
  template <class Command>
  propose put_forward(const asker& who, std::shared_ptr<record> made, const Command& what);
  void apply(const record& what, position at);

  // conversation_changes.cpp
  /// Those of the users who are no members, each once.
  std::vector<membership> outsiders(const std::vector<user_id>& users, role given) const;
  std::shared_ptr<record> joining(std::vector<membership> users, const user_id& by,
                                  timestamp now) const;

  // conversation_blocks.cpp
  /// Whether one of a pair has blocked the other.
  std::optional<verdict> cut_off(const asker& who) const;
  /// What to do before a user puts others into a conversation, if anything: look up who of them has
  /// blocked the user or is blocked by them, or refuse.
  std::optional<verdict> kept_apart(const asker& who, const std::vector<membership>& from);
  template <class Command>
  verdict settle_block(const asker& who, const Command& what, bool blocks, timestamp now);
  verdict decide_block(const asker& who, const block_user& what, timestamp now);
  verdict decide_block(const asker& who, const unblock_user& what, timestamp now);
  void apply_block(const record& what);
  /// What a user settles alone, in their book.
  template <class Command>
  verdict settle_alone(const asker& who, record_kind kind, notification_change told,
                       const Command& what, timestamp now);

  // conversation_profiles.cpp
  verdict decide_profile(const asker& who, const set_profile& what, timestamp now);
  verdict decide_profile(const asker& who, const introduce_user& what, timestamp now);
  template <class Command>
  verdict change_profile(const asker& who, user_profile to, const Command& what, timestamp now);
  void settle(const record_ptr& what);

  // conversation_invitations.cpp
  /// What is decided of those who need not be members, if this is about that.
  std::optional<verdict> decide_for_anyone(const asker& who, const conversation_command& what,
                                           timestamp now);
  template <class Command>
  verdict decide_invited(const asker& who, const Command& what, timestamp now);
  std::shared_ptr<record> end_of(const invitation& which, const user_id& by, timestamp now) const;
  /// Whose invitations end with a record otherwise than by joining.
  std::vector<user_id> uninvited_by(const record& what) const;
  void apply_invitations(const record& what);

  // conversation_threads.cpp
  /// What to do before a message is put into a thread, if anything: look up the one that began it,
  /// or refuse.
  std::optional<verdict> out_of_thread(const asker& who, const send_message& what);

  // conversation_files.cpp
  /// The files that a message is to have, or what to do instead: look them up, or refuse.
  std::variant<verdict, std::vector<file_facts>> files_for(const asker& who,
                                                           const send_message& what, timestamp now);

  // conversation_deletion.cpp
  verdict erase_messages(const asker& who, const member_facts& as, const erase& what,
                         timestamp now);
  verdict hide_messages(const asker& who, const erase& what, std::vector<known_message> messages,
                        timestamp now);
  verdict decide_expiry(const expire_messages& what, timestamp now);
  verdict decide_user_erasure(const erase_user& what, timestamp now);
  std::shared_ptr<record> erasure_of(known_message&& message, const user_id& by, timestamp now,
                                     bool expired) const;

  // conversation_retention.cpp
  verdict decide_hold(const asker& who, const hold_conversation& what, timestamp now);
  verdict decide_trim(const trim_events& what, timestamp now);
  void apply_retention(const record& what);
  /// The first number that a member may see.
  sequence sees_from(const member_facts& as) const { return std::max(as.sees_from, kept_from_); }

  // conversation_messages.cpp
  void apply_pin(const record& what);
  template <class Question>
  verdict ask_about(const asker& who, const member_facts& as, const Question& what) const;
  position changed_at(sequence message) const;
  /// The members who do not see this message, sorted.
  std::vector<user_id> not_shown(sequence message) const;
  /// The messages that a command is about, or what to do instead: look them up.
  std::variant<verdict, std::vector<known_message>> messages_for(messages_question asked);
  /// The one message that a command is about, or what to do instead: look it up, or refuse.
  std::variant<verdict, known_message> message_for(const asker& who, std::uint64_t message,
                                                   const std::string& emoji);

  // conversation_receipts.cpp
  template <class Command>
  verdict move_cursor(const asker& who, const member_facts& as, const Command& what, timestamp now);
  template <class Command>
  verdict move_for_ever(const asker& who, const Command& what, moved_cursors after, timestamp now);
  /// What was gathered, as a record of `actor`, or of the first of them.
  std::shared_ptr<record> receipts_record(const user_id& actor, timestamp now);

  conversation_facts facts(sequence as_of) const;
  rules::charter charter() const { return {kind_, moderated_.rights}; }
  /// Whether a member may say nothing for now.
  std::optional<verdict> silenced(const asker& who, const member_facts& as, timestamp now) const;
  /// Whether the conversation takes nothing from a member now.
  std::optional<verdict> frozen_for(const asker& who, const member_facts& as) const;
  /// Whether a member has to wait with a message, as everyone but owners and admins may have to.
  std::optional<verdict> held_back(const asker& who, const member_facts& as, timestamp now) const;

  conversation_id id_;
  message_windows windows_;
  bool exists_ = false;
  bool deleted_ = false; ///< It existed once.
  conversation_kind kind_ = conversation_kind::group;
  std::string title_;
  std::string meta_;
  timestamp created_at_{};
  moderation moderated_;
  std::unordered_map<user_id, timestamp> posted_; ///< Last, where slow mode asks for it.
  std::map<user_id, member_facts> members_;       ///< As of the committed head.
  sequence newest_view_ = {}; ///< No member, of now or before, sees from a later number.
  sequence head_;             ///< The newest number on disk.
  position last_position_;    ///< Of the newest record, numbered or not.
  message_ordinal messages_;  ///< On disk.
  fifo<in_flight> in_flight_; ///< Rising, following head_.
  append_number next_number_{1};
  bool failing_ = false;
  key_memory keys_;
  bool hides_ = false; ///< Some messages are hidden from some members: the model knows which.
  /// Where last something changed that one member sees alone, or fell out, unless that was before
  /// this came into memory.
  position hidden_at_;
  /// Where messages were changed last, unless the model has that.
  std::map<sequence, position> changed_;
  /// The message that was looked up, for the command that waits for it.
  std::optional<std::pair<messages_question, std::vector<known_message>>> message_;
  /// The files that were looked up, for the message that waits for them.
  std::optional<std::pair<look_up_files, std::vector<stored_file>>> files_;
  std::set<sequence> beginnings_; ///< Messages of which it is known that a thread may begin there.
  std::map<sequence, pinned_message> pins_;     ///< On disk.
  std::map<user_id, restriction> restrictions_; ///< On disk.
  std::map<user_id, invitation> invitations_;   ///< On disk.
  /// What keeps the asker from inviting or adding these, for the command that waits for it.
  std::optional<std::pair<look_up_invited, invitation_obstacles>> invited_;
  std::set<user_id> blockers_;          ///< Of a pair, on disk: who has blocked the other.
  std::optional<user_profile> profile_; ///< Of a book: its user's, on disk, once looked up.
  std::vector<record_ptr> settled_;
  receipt_book receipts_;
  event_tail tail_;
  sequence kept_from_;           ///< On disk: events before it are gone; 0 when none are.
  bool held_ = false;            ///< On disk: nothing in it may go.
  message_ordinal noted_;        ///< Messages that there were when the trimmer was told last.
  bool retention_moved_ = false; ///< What is to be kept may have become less since.
};

// Remembered all the same: by the time of a retry it might change something.
template <class Command>
verdict conversation_state::note(const asker& who, const Command& what, timestamp now) {
  std::string answer = encode_ok(who.ref, head_);
  if (!what.client)
    return say{std::move(answer)};
  auto noted = next_record(record_kind::noted, who.user, now);
  put_key(*noted, {id_, who.user, *what.client}, rules::fingerprint_of(what));
  return put_forward(std::move(noted), std::move(answer));
}

template <class Command>
verdict conversation_state::settle_alone(const asker& who, record_kind kind,
                                         notification_change told, const Command& what,
                                         timestamp now) {
  if (!in_flight_.empty())
    return wait{};
  auto settled = next_record(kind, who.user, now);
  settled->told = std::make_shared<const notification_change>(std::move(told));
  settled->asked_by = who.session;
  if (what.client)
    put_key(*settled, {id_, who.user, *what.client}, rules::fingerprint_of(what));
  return put_forward(std::move(settled), encode_ok(who.ref));
}

template <class Command>
propose conversation_state::put_forward(const asker& who, std::shared_ptr<record> made,
                                        const Command& what) {
  if (what.client)
    put_key(*made, {id_, who.user, *what.client}, rules::fingerprint_of(what));
  std::string ack = encode_ok(who.ref, made->seq);
  return put_forward(std::move(made), std::move(ack));
}

template <class Command>
verdict conversation_state::take_out(const asker& who, const user_id& whom, const Command& what,
                                     timestamp now, std::optional<restriction> restricted) {
  auto gone = next_record(record_kind::left, who.user, now);
  gone->left = whom;
  const auto heir = is_last_owner(whom) ? heir_of(whom) : std::nullopt;
  if (heir)
    gone->roles.push_back({*heir, role::owner});
  gone->event = encode_left(id_, gone->seq, now, whom, who.user, heir, restricted);
  gone->restricted = std::move(restricted);
  return put_forward(who, std::move(gone), what);
}

template <class Question>
verdict conversation_state::ask_about(const asker& who, const member_facts& as,
                                      const Question& what) const {
  if (what.message == 0 || what.message > head_.value() || what.message < sees_from(as).value())
    return refuse_with(who, error_code::not_found, "no such message");
  return inquire{what, last_position_};
}

} // namespace parley
