// What is held, and what is left of what fell out.
#include <array>
#include <map>
#include <string>

#include "persistence/check_tables.hpp"

namespace parley {

namespace {

/// Of events before those that are kept nothing is left, unless it is still going.
void check_trimmed(const row_reader& rows, const std::string& key, const conversation_row& row,
                   check_report& report) {
  if (row.kept_from > row.head.next() || row.gone > row.messages ||
      row.trimmed_at > report.applied || (row.kept_from > row.head && row.gone != row.messages))
    report.problem(model_table::conversations, key, "lost more than there was");
  cursor condemned = rows.rows(model_table::condemned);
  if (condemned.seek(key) && condemned.key() == key)
    return;
  const std::string prefix = event_prefix(conversation_id{key});
  for (const auto table :
       {model_table::events, model_table::messages, model_table::hidden, model_table::pins,
        model_table::replies, model_table::thread_reads, model_table::reactions}) {
    cursor at = rows.rows(table);
    if (at.seek(prefix) && at.key().starts_with(prefix) &&
        at.key() < event_key(conversation_id{key}, row.kept_from))
      report.problem(table, at.key(), "is of an event that fell out");
  }
  cursor segments = rows.rows(model_table::cold); // those have their last event's number
  if (!segments.seek(prefix) || !segments.key().starts_with(prefix))
    return;
  const auto oldest = decode_cold(segments.key(), segments.value());
  if (oldest && oldest->first < row.kept_from)
    report.problem(model_table::cold, segments.key(), "has events that fell out");
}

/// How many messages are gone, by the lists of their authors.
using gone_messages = std::map<conversation_id, std::uint64_t>;

gone_messages count_gone(const row_reader& rows, check_report& report) {
  gone_messages gone;
  std::string list;
  std::uint64_t count = 0;
  remembered_conversation in{rows, report};
  check_each(rows, model_table::tallies, report, decode_tally,
             [&](std::string_view key, const tally_row& row) {
               const auto place = split_tally_key(key);
               if (!place || place->what != tally::own)
                 return;
               const std::size_t lost =
                   numbers_before(*place, row, in.kept_from(place->conversation));
               if (lost == 0)
                 return;
               std::string mine = tally_prefix(place->conversation, place->what, place->user);
               const std::uint64_t counted = row.count + lost - 1;
               count = mine == list ? counted - count : counted; // the last of a list counts
               list = std::move(mine);
               gone[place->conversation] += count;
               count = counted;
             });
  return gone;
}

} // namespace

void check_retention(const row_reader& rows, check_report& report) {
  const gone_messages gone = count_gone(rows, report);
  check_each(rows, model_table::conversations, report, decode_conversation,
             [&](std::string_view key, const conversation_row& row) {
               if (row.kept_from.value() == 0 || row.deleted)
                 return;
               check_trimmed(rows, std::string(key), row, report);
               const auto counted = gone.find(conversation_id{std::string(key)});
               if (row.gone.value() != (counted == gone.end() ? 0 : counted->second))
                 report.problem(model_table::conversations, key,
                                "lost other messages than their authors");
             });
  check_each(rows, model_table::holds, report, decode_hold,
             [&](std::string_view key, const hold_row& row) {
               const auto stored = rows.conversation(conversation_id{std::string(key)});
               const auto* in = look(stored, report);
               if (in == nullptr || in->deleted || row.by.empty())
                 report.problem(model_table::holds, key, "is of no conversation that is there");
             });
}

} // namespace parley
