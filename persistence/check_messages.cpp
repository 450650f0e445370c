// What became of messages, against their events, their reactions and the corrections of the
// tallies.
#include <map>
#include <string>

#include "actors/rules.hpp"
#include "persistence/check_tables.hpp"
#include "persistence/corrections.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

class message_check {
public:
  message_check(const row_reader& rows, check_report& report) : rows_(rows), report_(report) {}

  void see(std::string_view key, const message_row& row) {
    const auto place = split_event_key(key);
    if (!place)
      return report_.problem(model_table::messages, key, "has a bad key");
    const auto& [conversation, seq] = *place;
    if (is_deleted(rows_, conversation, report_))
      return;
    ++restated_[conversation];
    const auto stored = rows_.event(conversation, seq);
    const auto* event = look(stored, report_);
    const auto facts = event ? facts_of(event->event) : std::nullopt;
    if (!facts || event->kind != record_kind::message)
      return report_.problem(model_table::messages, key, "is of no message");
    if (row.sent_with)
      expect(conversation, seq, user_id{std::string(facts->from)}, row);
    if (seq < kept_from(rows_, conversation, report_))
      return; // it is going
    if (row.erased != facts->client.empty() || row.erased == facts->body.has_value())
      report_.problem(model_table::messages, key, "does not say what its event says");
    if (row.erased) {
      see_erasure(key, conversation, seq, row);
    } else {
      see_reactions(key, conversation, seq, row);
      see_edits(key, conversation, seq, row);
    }
    if (row.replies > 0)
      see_last_reply(key, conversation, seq, row);
    if (row.replies > 0)
      threads_[event_key(conversation, seq)] = static_cast<std::int64_t>(row.replies);
  }

  void finish() {
    check_each(rows_, model_table::conversations, report_, decode_conversation,
               [&](std::string_view key, const conversation_row& row) {
                 const auto counted = restated_.find(conversation_id{std::string(key)});
                 if (!row.deleted &&
                     row.restated != (counted == restated_.end() ? 0 : counted->second))
                   report_.problem(model_table::conversations, key,
                                   "counts other changed messages than there are");
               });
    check_each(rows_, model_table::reactions, report_, decode_reaction,
               [&](std::string_view key, sequence event) { see_reaction(key, event); });
    if (seen_reactions_ != reactions_)
      report_.problem(model_table::reactions, "", "has rows that no message counts");
    check_each(rows_, model_table::hidden, report_, decode_hidden,
               [&](std::string_view key, position) { see_hidden(key); });
    check_each(rows_, model_table::conversations, report_, decode_conversation,
               [&](std::string_view key, const conversation_row& row) {
                 const auto counted = hidden_.find(conversation_id{std::string(key)});
                 if (!row.deleted && row.hidden != (counted == hidden_.end() ? 0 : counted->second))
                   report_.problem(model_table::conversations, key,
                                   "counts other hidden messages than there are");
               });
    check_each(rows_, model_table::pins, report_, decode_pin,
               [&](std::string_view key, const pinned_message& row) { see_pin(key, row); });
    see_expiries();
    see_replies();
    check_each(rows_, model_table::corrections, report_, decode_correction,
               [&](std::string_view key, std::int64_t sum) { see_correction(key, sum); });
    for (const auto& [key, sum] : sums_)
      if (sum != 0)
        report_.problem(model_table::corrections, key, "is missing");
  }

private:
  /// Whether the row is of a conversation that was deleted.
  bool is_going(std::string_view key) {
    const auto parts = split_receipt_key(key); // the id in front is spelled alike everywhere
    return parts && is_deleted(rows_, parts->first, report_);
  }

  void see_reactions(std::string_view key, const conversation_id& conversation, sequence seq,
                     const message_row& row) {
    for (const auto& [emoji, count] : row.reactions) {
      const std::string prefix = reaction_prefix(conversation, seq, emoji);
      cursor at = rows_.rows(model_table::reactions);
      std::uint64_t there = 0;
      for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
        ++there;
      if (there != count || count == 0)
        report_.problem(model_table::messages, key, "counts other reactions than there are");
      reactions_ += there;
    }
  }

  void see_hidden(std::string_view key) {
    const auto place = split_hidden_key(key);
    if (!place)
      return report_.problem(model_table::hidden, key, "has a bad key");
    const auto& [conversation, seq, user] = *place;
    if (is_deleted(rows_, conversation, report_))
      return;
    ++hidden_[conversation];
    const auto stored = rows_.event(conversation, seq);
    const auto* event = look(stored, report_);
    const auto facts = event ? facts_of(event->event) : std::nullopt;
    if (!facts || event->kind != record_kind::message)
      return report_.problem(model_table::hidden, key, "hides no message");
    const auto changed = rows_.message(conversation, seq);
    const auto* row = look(changed, report_);
    if (user.str() == facts->from || (row != nullptr && row->erased))
      return;
    const mentioned now =
        row != nullptr && row->sent_with ? row->mentions : rules::mentioned_by(facts->mentions);
    add(changes_of_hiding(conversation, user, now), seq);
  }

  /// Of a message that is there, as the event says that pinned it.
  void see_pin(std::string_view key, const pinned_message& row) {
    const auto place = split_event_key(key);
    if (!place)
      return report_.problem(model_table::pins, key, "has a bad key");
    const auto& [conversation, seq] = *place;
    if (is_deleted(rows_, conversation, report_))
      return;
    const auto stored = rows_.event(conversation, seq);
    const auto* message = look(stored, report_);
    const auto changed = rows_.message(conversation, seq);
    const auto* now = look(changed, report_);
    if (message == nullptr || message->kind != record_kind::message ||
        (now != nullptr && now->erased))
      report_.problem(model_table::pins, key, "pins no message");
    const auto told = rows_.event(conversation, row.seq);
    const auto* event = look(told, report_);
    const auto facts = event ? facts_of(event->event) : std::nullopt;
    if (!facts || event->kind != record_kind::pinned || facts->message != seq.value())
      report_.problem(model_table::pins, key, "names an event that pinned something else");
  }

  /// What is left of it says that it was erased, and by which event.
  void see_erasure(std::string_view key, const conversation_id& conversation, sequence seq,
                   const message_row& row) {
    const auto stored = rows_.event(conversation, row.erased_in);
    const auto* event = look(stored, report_);
    const auto facts = event ? facts_of(event->event) : std::nullopt;
    if (!facts || event->kind != record_kind::erased || facts->message != seq.value())
      report_.problem(model_table::messages, key, "names an event that did not erase it");
    for (const auto& each : row.edits) {
      const auto told = rows_.event(conversation, each.seq);
      const auto* edit = look(told, report_);
      const auto left = edit ? facts_of(edit->event) : std::nullopt;
      if (!left || edit->kind != record_kind::edited || left->body)
        report_.problem(model_table::messages, key, "names an edit that was not erased with it");
    }
  }

  /// Each message that is to go, and none else. How many there are, the events say.
  void see_expiries() {
    cursor at = rows_.rows(model_table::expiries);
    for (bool more = at.first(); more; more = at.next()) {
      const auto place = split_expiry_key(at.key());
      if (!place) {
        report_.problem(model_table::expiries, at.key(), "has a bad key");
        continue;
      }
      if (is_deleted(rows_, place->conversation, report_))
        continue;
      const auto stored = rows_.event(place->conversation, place->message);
      const auto* event = look(stored, report_);
      const auto facts = event ? facts_of(event->event) : std::nullopt;
      if (!facts || event->kind != record_kind::message || facts->expires_at != place->at)
        report_.problem(model_table::expiries, at.key(), "is of no message that goes then");
    }
    if (at.error())
      report_.problem(*at.error());
  }

  void see_last_reply(std::string_view key, const conversation_id& conversation, sequence seq,
                      const message_row& row) {
    cursor at = rows_.rows(model_table::replies);
    const std::string prefix = event_key(conversation, seq);
    const bool there = at.seek_before(reply_key(conversation, seq, sequence{UINT64_MAX})) &&
                       at.key().starts_with(prefix);
    const auto place = there ? split_reply_key(at.key()) : std::nullopt;
    if (!place || place->seq != row.last_reply)
      report_.problem(model_table::messages, key, "names another last reply than there is");
  }

  /// Each message in a thread, and none else; what began it counts them.
  void see_replies() {
    check_each(rows_, model_table::replies, report_, decode_reply,
               [&](std::string_view key, const user_id& author) {
                 const auto place = split_reply_key(key);
                 if (!place)
                   return report_.problem(model_table::replies, key, "has a bad key");
                 if (is_deleted(rows_, place->conversation, report_) ||
                     place->thread < kept_from(rows_, place->conversation, report_))
                   return;
                 const auto stored = rows_.event(place->conversation, place->seq);
                 const auto* event = look(stored, report_);
                 const auto facts = event ? facts_of(event->event) : std::nullopt;
                 if (!facts || facts->thread != place->thread.value() ||
                     facts->from != author.str() || !facts->body)
                   report_.problem(model_table::replies, key, "is of no message in this thread");
                 --threads_[event_key(place->conversation, place->thread)];
               });
    for (const auto& [key, left] : threads_)
      if (left != 0)
        report_.problem(model_table::messages, key, "counts other replies than there are");
    check_each(rows_, model_table::thread_reads, report_, decode_thread_read,
               [&](std::string_view key, sequence) {
                 const auto place = split_hidden_key(key);
                 if (!place)
                   report_.problem(model_table::thread_reads, key, "has a bad key");
               });
  }

  void add(const list_changes& changes, sequence seq) {
    for (const auto& [list, by] : changes)
      for (unsigned level = 0; level < correction_levels; ++level)
        sums_[correction_key(list, level, seq.value() >> correction_shift(level))] += by;
  }

  /// Those of erased messages are going.
  void see_reaction(std::string_view key, sequence event) {
    const auto place = split_reaction_key(key);
    if (!place)
      return report_.problem(model_table::reactions, key, "has a bad key");
    const auto stored = rows_.message(place->conversation, place->message);
    const auto* message = look(stored, report_);
    if ((message != nullptr && message->erased) ||
        is_deleted(rows_, place->conversation, report_) ||
        place->message < kept_from(rows_, place->conversation, report_))
      return;
    ++seen_reactions_;
    const auto told = rows_.event(place->conversation, event);
    const auto* row = look(told, report_);
    if (row == nullptr || row->kind != record_kind::reacted)
      report_.problem(model_table::reactions, key, "names an event that is no reaction");
  }

  /// Each edit is an event, and the last one says what the message says now.
  void see_edits(std::string_view key, const conversation_id& conversation, sequence seq,
                 const message_row& row) {
    for (const auto& each : row.edits) {
      const auto stored = rows_.event(conversation, each.seq);
      const auto* event = look(stored, report_);
      const auto facts = event ? facts_of(event->event) : std::nullopt;
      const bool fits = facts && event->kind == record_kind::edited &&
                        facts->message == seq.value() && facts->body &&
                        (&each != &row.edits.back() || row.body == *facts->body);
      if (!fits)
        report_.problem(model_table::messages, key, "names an edit that says something else");
    }
    if (row.edits.empty() && row.body)
      report_.problem(model_table::messages, key, "has a body that no edit gave it");
  }

  void expect(const conversation_id& in, sequence seq, const user_id& author,
              const message_row& row) {
    const auto changes = row.erased
                             ? changes_of_erasing(in, author, *row.sent_with)
                             : changes_of_mentioning(in, author, *row.sent_with, row.mentions);
    add(changes, seq);
  }

  void see_correction(std::string_view key, std::int64_t sum) {
    const auto expected = sums_.find(std::string(key));
    if ((expected == sums_.end() || expected->second != sum) && !is_going(key))
      report_.problem(model_table::corrections, key, "differs from what became of the messages");
    if (expected != sums_.end())
      expected->second = 0;
  }

  const row_reader& rows_;
  check_report& report_;
  std::map<conversation_id, std::uint64_t> restated_;
  std::map<std::string, std::int64_t> sums_;
  std::map<conversation_id, std::uint64_t> hidden_;
  std::map<std::string, std::int64_t> threads_; ///< Replies that were counted and not seen yet.
  std::uint64_t reactions_ = 0;
  std::uint64_t seen_reactions_ = 0;
};

} // namespace

void check_messages(const row_reader& rows, check_report& report) {
  message_check checking{rows, report};
  check_each(rows, model_table::messages, report, decode_message,
             [&](std::string_view key, const message_row& row) { checking.see(key, row); });
  checking.finish();
}

} // namespace parley
