// The rules that rows of the read model keep with one another, one function per table.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "persistence/check_report.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// Numbers without holes from 1, rising positions, right ordinals, heads as the conversations say,
/// and an idempotency key for each message (check_events.cpp).
/// Gives how many rows the tallies must have.
std::uint64_t check_events(const row_reader& rows, check_report& report);
/// Each key leads to an event (check_tables.cpp).
void check_keys(const row_reader& rows, check_report& report);
/// Each conversation has its events, its creation and as many members as it says.
void check_conversations(const row_reader& rows, check_report& report);
/// Members and memberships say the same.
void check_members(const row_reader& rows, check_report& report);
/// Each membership began and ended with an event.
/// What users have blocked, told twice.
void check_blocks(const row_reader& rows, check_report& report);
void check_memberships(const row_reader& rows, check_report& report);

/// Each member has cursors in bounds, where the moves that are kept of them lead
/// (check_receipts.cpp).
void check_receipts(const row_reader& rows, check_report& report);
/// Lists of messages without holes, and `expected` rows in all.
void check_tallies(const row_reader& rows, std::uint64_t expected, check_report& report);
/// What became of messages fits their events, their reactions and the corrections of the tallies
/// (check_messages.cpp).
void check_messages(const row_reader& rows, check_report& report);
/// What users keep of conversations is of those they are in.
void check_preferences(const row_reader& rows, check_report& report);
/// Bans and silence are of conversations that are there.
void check_restrictions(const row_reader& rows, check_report& report);
/// What users were told and have not read.
void check_notices(const row_reader& rows, check_report& report);
/// Invitations are of conversations that are there, for users who are not in them, told twice.
void check_invitations(const row_reader& rows, check_report& report);
/// What users show of themselves is within its bounds.
void check_profiles(const row_reader& rows, check_report& report);
/// Holds are of conversations that are there, and of what fell out of a conversation nothing is
/// left (check_retention.cpp).
void check_retention(const row_reader& rows, check_report& report);
/// Each row can be read and is a user's.
void check_erasures(const row_reader& rows, check_report& report);
void check_exports(const row_reader& rows, check_report& report);
void check_users(const row_reader& rows, check_report& report);

/// Each file is in as many messages as it says, or is to go (check_files.cpp).
void check_files(const row_reader& rows, check_report& report);
/// Files whose bytes are not there, or not so many; while a server is at work some may have gone.
std::vector<file_id> files_without_bytes(const row_reader& rows, const std::filesystem::path& data);
/// Reports those of them that are files still.
void check_bytes_again(const row_reader& rows, const std::filesystem::path& data,
                       const std::vector<file_id>& files, check_report& report);

/// Calls `see(key, row)` for every row that can be decoded and reports the others.
template <class Decode, class See>
void check_each(const row_reader& rows, model_table table, check_report& report, Decode&& decode,
                See&& see) {
  cursor at = rows.rows(table);
  for (bool more = at.first(); more; more = at.next()) {
    report.saw_row();
    if (auto row = decode(at.key(), at.value()); row)
      see(at.key(), *row);
    else
      report.problem(row.error());
  }
  if (at.error())
    report.problem(*at.error());
}

/// Whether the conversation was deleted, so that its rows are going.
bool is_deleted(const row_reader& rows, const conversation_id& conversation, check_report& report);

/// The first number of a conversation that is kept; rows of those before it may be going.
sequence kept_from(const row_reader& rows, const conversation_id& conversation,
                   check_report& report);

/// What is asked of conversations for row after row: that of the last one is remembered, since rows
/// of one follow each other.
class remembered_conversation {
public:
  remembered_conversation(const row_reader& rows, check_report& report)
      : rows_(rows), report_(report) {}

  /// As the functions of these names.
  bool is_deleted(const conversation_id& conversation);
  sequence kept_from(const conversation_id& conversation);

private:
  void look_up(const conversation_id& conversation);

  const row_reader& rows_;
  check_report& report_;
  std::optional<conversation_id> last_;
  bool is_deleted_ = false;
  sequence kept_from_;
};

/// How many of the numbers that a row of a list stands for are below one.
std::size_t numbers_before(const tally_place& place, const tally_row& row, sequence floor);

/// The row behind a result, or nothing after reporting why there is none.
template <class Row>
const Row* look(const result<std::optional<Row>>& found, check_report& report) {
  if (!found)
    report.problem(found.error());
  return found && *found ? &**found : nullptr;
}

} // namespace parley
