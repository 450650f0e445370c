// The judge of a simulated run: what was committed, what was asked, what everyone saw, and whether
// it fits.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/erasures.hpp"
#include "actors/record.hpp"
#include "persistence/checksum.hpp"

namespace parley::test {

/// How far somebody has got, as a receipt tells it: `delivered` and `read`.
using told_receipt = std::pair<sequence, sequence>;

/// Everything that reached the log, in order: the final history against which all is judged.
class truth {
public:
  struct event {
    position at;
    record_kind kind = record_kind::message;
    std::string bytes; ///< As JSON text with sorted keys, which both sides of a comparison have.
    user_id actor;
    std::optional<client_id> client;
    std::optional<std::string> buried = {}; ///< What stands there since it was erased.
    std::vector<std::string> bodies = {};   ///< A message's, by its edits; the last one holds.
    std::map<std::string, std::set<user_id>> reactions = {};
    std::set<user_id> hidden_from = {};
    sequence thread = {};    ///< Of a message: in whose thread it is, or 0.
    std::size_t replies = 0; ///< Of a message: how many are in its thread.
  };
  /// From when to when someone was a member; `last` is the number of the `left` event.
  struct stay {
    sequence first;
    std::optional<sequence> last;
  };

  /// Where a member's cursors came to stand, and in which batch.
  struct moved {
    position at;
    receipt now;
  };

  /// Takes a committed batch; says what is wrong with its numbers, if anything is.
  std::optional<std::string> commit(const committed_batch& batch);

  /// Takes note of anything that happened in the run.
  void happened(std::string_view what) { fingerprint_ = checksum_of(what, fingerprint_); }
  /// Of all that happened, in order: two runs that differ have different ones.
  std::uint64_t fingerprint() const { return fingerprint_; }

  const event* find(const conversation_id& conversation, sequence seq) const;
  /// Whether a user has hidden this message, or the message that this edits.
  bool hides(const conversation_id& conversation, sequence seq, const user_id& from) const;
  bool was_member(const user_id& user, const conversation_id& conversation, sequence seq) const;
  bool is_member(const user_id& user, const conversation_id& conversation) const;
  /// Whether a membership of the user ended with this event.
  bool ends_at(const user_id& user, const conversation_id& conversation, sequence seq) const;
  /// Whether the membership in which the event was shown is over.
  bool is_over(const user_id& user, const conversation_id& conversation, sequence seq) const;
  /// Whether there was a moment at which a member could read back to this event.
  bool could_read(const user_id& user, const conversation_id& conversation, sequence seq) const;
  sequence head(const conversation_id& conversation) const;
  bool is_deleted(const conversation_id& conversation) const {
    return deleted_.contains(conversation);
  }
  /// Every place where the user's cursors stood since they joined last; the first is the join.
  const std::vector<moved>& receipts(const user_id& user,
                                     const conversation_id& conversation) const;
  /// Whether the user's cursors ever stood there, in this membership or one before, as their own
  /// devices or as others are told.
  bool stood_at(const user_id& user, const conversation_id& conversation, const told_receipt& there,
                bool own) const;
  /// Where a member's cursors stand by what is told of them, and in which batch that became so; 0
  /// when they never moved.
  std::pair<position, told_receipt> last_told(const user_id& user,
                                              const conversation_id& conversation, bool own) const;
  /// Whether the user's cursor ever was at or past this number.
  bool ever_read(const user_id& user, const conversation_id& conversation, sequence seq) const;
  /// Messages of others behind the user's cursor, counted one by one.
  std::uint64_t unread(const user_id& user, const conversation_id& conversation) const;
  /// Conversations the user is a member of.
  std::vector<conversation_id> conversations_of(const user_id& user) const;
  /// Whether there is a conversation of which both are members.
  bool share(const user_id& one, const user_id& other) const;
  /// Conversations the user is invited to.
  std::vector<conversation_id> invited_to(const user_id& user) const;
  /// Whether the user is or ever was invited to it.
  bool was_invited(const user_id& user, const conversation_id& conversation) const;
  std::vector<user_id> members_of(const conversation_id& conversation) const;
  /// Whether this is what stays of an edit, for a user who was out since it came: they may be shown
  /// nothing of what was said before they joined.
  bool is_left_to(const user_id& user, const event& edit, const std::string& bytes) const;
  /// Events before this number are gone; 0 when none are.
  sequence kept_from(const conversation_id& conversation) const;
  const std::map<conversation_id, std::vector<event>>& events() const { return events_; }
  position last() const { return last_; }
  /// Whether the user has blocked the other now.
  bool blocks(const user_id& user, const user_id& other) const {
    return blocks_.contains({user, other});
  }
  /// Whether one of them ever blocked the other.
  bool ever_blocked(const user_id& one, const user_id& other) const {
    return ever_blocked_.contains({one, other}) || ever_blocked_.contains({other, one});
  }
  /// How many records of receipts there are.
  std::size_t receipt_records() const { return receipt_records_; }
  /// How many records of a kind there are that changed a message.
  std::size_t changes(record_kind kind) const {
    const auto found = changes_.find(kind);
    return found == changes_.end() ? 0 : found->second;
  }
  /// Users who were erased, and whom nobody has named since.
  const std::set<user_id>& erased() const { return erased_; }
  std::size_t erasures() const { return erasures_; }
  /// The same with users in the place of their pseudonyms: how it was said once.
  nlohmann::json as_known(nlohmann::json what) const;
  user_id as_known(const user_id& user) const;
  /// Whether the user's last event in a conversation went when that was deleted.
  bool lost_an_end(const user_id& user) const;

private:
  void invite(const record& what);
  void join(const conversation_id& conversation, const user_id& user, sequence seq, position at);
  void change(std::vector<event>& events, const record& what) const;
  /// Says what is wrong when something goes that is held, or went before.
  std::optional<std::string> retain(const record& what);
  static void bury_edit(event& edit, sequence kept_from);
  static std::string left_of_edit(nlohmann::json said);
  void end(const conversation_id& conversation, sequence seq);

  std::uint64_t fingerprint_ = 0;
  std::map<conversation_id, std::vector<event>> events_;
  std::map<std::pair<conversation_id, user_id>, std::vector<stay>> stays_;
  std::map<std::pair<conversation_id, user_id>, std::vector<moved>> receipts_;
  std::set<conversation_id> deleted_;
  std::map<conversation_id, sequence> kept_from_;
  std::set<conversation_id> held_;
  std::size_t receipt_records_ = 0;
  std::map<record_kind, std::size_t> changes_;
  std::map<std::pair<user_id, conversation_id>, bool> invited_; ///< Whether it is still open.
  std::map<std::pair<conversation_id, user_id>, std::vector<receipt>> receipts_ever_;
  static told_receipt as_told(const receipt& stands, bool own);
  void block(const record& what);
  /// What is wrong with something that was done in a direct conversation, if anything is.
  std::optional<std::string> deal(const record& what) const;
  std::set<std::pair<user_id, user_id>> blocks_; ///< Who, and whom.
  std::set<std::pair<user_id, user_id>> ever_blocked_;
  void note_erasures(const record& what);
  void note_names(const record& what);
  void forget(const user_erasure& whom);
  std::string as_said(const std::string& event) const;
  std::map<std::string, user_erasure> erasing_; ///< By receipt, as they began.
  std::map<std::string, user_id> pseudonyms_;   ///< Whose they are.
  std::set<user_id> forgetting_;
  std::set<user_id> erased_;
  std::size_t erasures_ = 0; ///< That are done.
  position last_;
};

/// What one device has, across its sessions, and what its cursors promise.
class device_view {
public:
  device_view(const truth& all, user_id user) : truth_(all), user_(std::move(user)) {}

  const user_id& user() const { return user_; }

  /// A new connection: nothing is known of the order in which this one gets its events.
  void connected();
  /// Starts anew from a position: what was there before was thrown away.
  void restarted(position from);
  /// Got an event in the stream.
  void streamed(const conversation_id& conversation, sequence seq, const std::string& bytes);
  /// Got an event in a page: of `sync`, or of `history`, which says what became of messages. In the
  /// end, when nothing is under way, it must say all of it.
  void paged(const conversation_id& conversation, sequence seq, nlohmann::json event,
             bool of_history, bool in_the_end);
  /// Was told that these numbers were left out.
  void named_gap(const conversation_id& conversation, sequence first, sequence last);
  /// Pulled these numbers with `sync`.
  void pulled(const conversation_id& conversation, sequence first, sequence last);
  /// Got a receipt in the stream.
  void receipt_shown(const conversation_id& conversation, const user_id& of, told_receipt now);
  /// Compares an item of the user's list with the truth of this moment.
  void listed(const conversation_id& conversation, sequence read, std::uint64_t unread);
  /// At the end: what it was shown last of others' cursors must be where they stand.
  void judge_receipts();
  /// Was given a cursor: everything up to its position must be here, or pulled.
  void given_cursor(position at);
  /// What was before this number is gone; nobody can pull it.
  void trimmed(const conversation_id& conversation, sequence before);

  /// Gaps that are still to be pulled.
  struct gap {
    conversation_id conversation;
    sequence first;
    sequence last;
  };
  /// The gaps that the user, still a member, can pull.
  std::vector<gap> gaps() const;
  /// What does not fit, if anything.
  const std::vector<std::string>& faults() const { return faults_; }

private:
  /// The event as it was delivered, after comparing what history says of it with what was done.
  std::string delivered_as(const conversation_id& conversation, sequence seq, nlohmann::json shown,
                           bool in_the_end);
  void check_event(const conversation_id& conversation, sequence seq, const std::string& bytes,
                   bool authorised);
  void fault(const std::string& what, const conversation_id& conversation, sequence seq);
  bool named(const conversation_id& conversation, sequence seq) const;

  const truth& truth_;
  user_id user_;
  position base_;
  std::map<conversation_id, std::set<sequence>> held_;
  std::map<conversation_id, sequence> last_; ///< In this session.
  std::set<conversation_id> outside_;        ///< Whose end was shown last, in this session.
  std::map<std::pair<conversation_id, user_id>, told_receipt> receipts_;
  std::vector<gap> gaps_;
  std::vector<gap> ever_named_;
  std::vector<std::string> faults_;
};

/// What senders asked and were told.
class send_log {
public:
  using key = std::pair<user_id, client_id>;

  void invoked(const conversation_id& conversation, const key& what, std::uint64_t step);
  void acknowledged(const truth& all, const conversation_id& conversation, const key& what,
                    sequence seq, std::uint64_t step);
  /// At the end: each acknowledged one is in the truth once, and order respects real time.
  void judge(const truth& all);
  std::size_t acknowledged_count() const { return acked_.size(); }
  const std::vector<std::string>& faults() const { return faults_; }

private:
  struct acked_send {
    conversation_id conversation;
    sequence seq;
    std::uint64_t invoked = 0;
    std::uint64_t acked = 0;
  };
  std::map<std::pair<conversation_id, key>, std::uint64_t> invoked_;
  std::map<std::pair<conversation_id, key>, acked_send> acked_;
  std::vector<std::string> faults_;
};

} // namespace parley::test
