// Walks all events in order, conversation by conversation.
#include <optional>
#include <string>
#include <vector>

#include "persistence/check_receipts.hpp"
#include "persistence/cold_changes.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

class event_check {
public:
  event_check(const row_reader& rows, check_report& report)
      : rows_(rows), report_(report), unread_(rows, report), cold_(rows.rows(model_table::cold)),
        more_cold_(cold_.first()) {}

  void see(std::string_view key, const event_row& row) {
    const auto parts = split_event_key(key);
    if (!parts)
      return report_.problem(model_table::events, key, "has a bad key");
    if (parts->first != conversation_)
      begin(parts->first);
    ++report_.events;
    seen_ = parts->second;
    if (deleted_)
      return see_content(key, *parts, row);
    if (parts->second < kept_from_)
      return; // it is going
    see_numbers(key, parts->second, row);
    see_content(key, *parts, row);
  }

  /// Sees the segments whose last event precedes this key: their events are seen as any others.
  void see_segments_before(std::string_view key) {
    for (; more_cold_ && (key.empty() || cold_.key() < key); more_cold_ = cold_.next())
      see_segment(cold_.key(), cold_.value());
  }

  /// Compares what all segments take with what the model says that they do.
  void finish_segments() {
    see_segments_before({});
    if (cold_.error())
      report_.problem(*cold_.error());
    const auto said = read_cold_totals(rows_);
    if (!said)
      report_.problem(said.error());
    else if (*said != totals_)
      report_.problem(model_table::cold, "", "takes other bytes than the model says");
  }

  /// Compares what was seen of a conversation with its row.
  void finish() {
    if (conversation_.empty() || deleted_)
      return;
    unread_.finish();
    const auto stored = rows_.conversation(conversation_);
    const auto* row = look(stored, report_);
    const std::string& key = conversation_.str();
    if (row == nullptr)
      return report_.problem(model_table::conversations, key, "is missing");
    if (row->head != seq_ || (row->head >= kept_from_ && row->head_position != at_))
      report_.problem(model_table::conversations, key, "names another head than its last event");
    if (row->messages != messages_ || row->last_message != last_message_)
      report_.problem(model_table::conversations, key, "counts other messages than there are");
    const bool has_all = kept_from_.value() == 0;
    if (has_all ? row->mentions != unread_.mentioning() : row->mentions < unread_.mentioning())
      report_.problem(model_table::conversations, key, "counts other mentions than there are");
  }

  std::uint64_t listed() const noexcept { return unread_.listed(); }

private:
  void see_segment(std::string_view key, std::string_view value) {
    const auto opened = cold_segment::open(key, value, with_);
    if (!opened)
      return report_.problem(opened.error());
    const cold_segment& segment = **opened;
    totals_.bytes += value.size();
    totals_.raw_bytes += segment.bytes();
    if (segment.conversation() == conversation_ && segment.first() <= seen_)
      report_.problem(model_table::cold, key, "has events that have rows, too");
    for (sequence seq = segment.first(); seq <= segment.last(); seq = seq.next()) {
      report_.saw_row();
      see(event_key(segment.conversation(), seq),
          segment.events()[seq.value() - segment.first().value()]);
    }
  }

  void begin(const conversation_id& conversation) {
    finish();
    conversation_ = conversation;
    const auto stored = rows_.conversation(conversation);
    const auto* facts = look(stored, report_);
    deleted_ = facts != nullptr && facts->deleted; // its older events are going
    kept_from_ = facts != nullptr && !deleted_ ? facts->kept_from : sequence{};
    seq_ = kept_from_.previous();
    seen_ = sequence{};
    last_message_ =
        facts != nullptr && facts->last_message < kept_from_ ? facts->last_message : sequence{};
    at_ = position{};
    messages_ = kept_from_.value() > 0 ? facts->gone : message_ordinal{};
    unread_.begin(conversation, kept_from_, messages_);
    cursor condemned = rows_.rows(model_table::condemned);
    goes_ = condemned.seek(conversation.str()) && condemned.key() == conversation.str();
  }

  void see_numbers(std::string_view key, sequence seq, const event_row& row) {
    if (seq != seq_.next())
      report_.problem(model_table::events, key, "does not follow " + std::to_string(seq_.value()));
    if (row.at < at_ || row.at > report_.applied)
      report_.problem(model_table::events, key, "has a position out of order");
    const bool message = row.kind == record_kind::message;
    if (row.ordinal != (message ? messages_.next() : messages_))
      report_.problem(model_table::events, key, "has a wrong message ordinal");
    seq_ = seq;
    at_ = row.at;
    messages_ = row.ordinal;
    if (message)
      last_message_ = seq;
  }

  void see_content(std::string_view key, const std::pair<conversation_id, sequence>& place,
                   const event_row& row) {
    const auto facts = facts_of(row.event);
    if (!facts || facts->conversation != place.first.str() || facts->seq != place.second.value())
      return report_.problem(model_table::events, key, "holds the event of another place");
    if (row.kind == record_kind::edited && !deleted_)
      see_edit(key, place.first, *facts);
    if (row.kind != record_kind::message || deleted_)
      return;
    const user_id from{std::string(facts->from)};
    if (facts->client.empty())
      return unread_.see(place.second, {from, mentions_of_erased(key, place)});
    see_key(key, place, *facts);
    if (facts->thread > 0 && facts->thread >= kept_from_.value())
      see_reply(key, place, sequence{facts->thread});
    for (const auto& each : facts->files)
      see_file(key, file_use_key(each, place.first, place.second));
    if (facts->expires_at > 0)
      see_expiry(key, place, facts->expires_at);
    unread_.see(place.second, {from, facts->mentions.value_or(std::vector<user_id>{})});
  }

  /// What was erased has no edits with bodies, and what was not has no others. Of what fell out no
  /// edit has one, unless it is still going.
  void see_edit(std::string_view key, const conversation_id& conversation,
                const event_facts& facts) {
    const auto stored = rows_.message(conversation, sequence{facts.message});
    const auto* row = look(stored, report_);
    if (facts.message < kept_from_.value()) {
      if (facts.body && !goes_)
        report_.problem(model_table::events, key, "says what fell out with its message");
      return;
    }
    if (row == nullptr || row->erased == facts.body.has_value())
      report_.problem(model_table::events, key, "does not say what became of its message");
  }

  /// Whom it mentioned before it was erased: the tallies count it still.
  std::vector<user_id> mentions_of_erased(std::string_view key,
                                          const std::pair<conversation_id, sequence>& place) {
    const auto stored = rows_.message(place.first, place.second);
    const auto* row = look(stored, report_);
    if (row == nullptr || !row->erased || !row->sent_with) {
      report_.problem(model_table::events, key, "says less than a message does");
      return {};
    }
    std::vector<user_id> users = row->sent_with->users;
    if (row->sent_with->everyone)
      users.emplace_back("@all");
    return users;
  }

  void see_expiry(std::string_view key, const std::pair<conversation_id, sequence>& place,
                  std::uint64_t at) {
    const auto there = rows_.expires(expiry_key(at, place.first, place.second));
    if (!there)
      report_.problem(there.error());
    else if (!*there)
      report_.problem(model_table::events, key, "is to go, and nothing says when");
  }

  void see_file(std::string_view key, const std::string& use) {
    const auto there = rows_.is_file_used(use);
    if (!there)
      report_.problem(there.error());
    else if (!*there)
      report_.problem(model_table::events, key, "has a file that does not know of it");
  }

  void see_reply(std::string_view key, const std::pair<conversation_id, sequence>& place,
                 sequence thread) {
    const auto there = rows_.is_reply(reply_key(place.first, thread, place.second));
    if (!there)
      report_.problem(there.error());
    else if (!*there)
      report_.problem(model_table::events, key, "is in a thread that does not know of it");
  }

  void see_key(std::string_view key, const std::pair<conversation_id, sequence>& place,
               const event_facts& facts) {
    const auto stored = rows_.dedupe(
        {place.first, user_id{std::string(facts.from)}, client_id{std::string(facts.client)}});
    const auto* known = look(stored, report_);
    if (known == nullptr)
      report_.problem(model_table::events, key, "has no idempotency key");
    else if (known->conversation != place.first || known->seq != place.second)
      report_.problem(model_table::events, key, "has an idempotency key that leads elsewhere");
  }

  const row_reader& rows_;
  check_report& report_;
  conversation_id conversation_;
  sequence seq_;
  sequence seen_; ///< The last one, also if it is going.
  sequence last_message_;
  sequence kept_from_; ///< Older ones are going.
  position at_;
  message_ordinal messages_;
  unread_check unread_;
  bool deleted_ = false;
  bool goes_ = false; ///< What fell out of it, row by row.
  decompressor with_;
  cursor cold_;
  bool more_cold_;
  cold_totals totals_;
};

} // namespace

std::uint64_t check_events(const row_reader& rows, check_report& report) {
  event_check checking{rows, report};
  check_each(rows, model_table::events, report, decode_event,
             [&](std::string_view key, const event_row& row) {
               checking.see_segments_before(key);
               checking.see(key, row);
             });
  checking.finish_segments();
  checking.finish();
  return checking.listed();
}

} // namespace parley
