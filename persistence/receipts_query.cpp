// Reads cursors: whose they are, and since when a member has a message.
#include <algorithm>
#include <string_view>

#include "actors/limits.hpp"
#include "persistence/blocks_around.hpp"
#include "persistence/packed.hpp"
#include "persistence/queries.hpp"

namespace parley {

result<std::vector<std::optional<member_cursors>>> read_cursors(const row_reader& rows,
                                                                const conversation_id& conversation,
                                                                const std::vector<user_id>& users) {
  std::vector<std::optional<member_cursors>> found;
  found.reserve(users.size());
  for (const auto& user : users) {
    auto row = rows.receipt_of(conversation, user);
    if (!row)
      return row.error();
    if (*row)
      found.push_back(member_cursors{(*row)->now, std::move((*row)->devices)});
    else
      found.emplace_back();
  }
  return found;
}

namespace {

/// The first move that passed `seq`; that none did is damage.
result<timestamp> first_past(const std::vector<cursor_move>& moves, sequence seq,
                             const conversation_id& conversation, const user_id& user) {
  const auto found =
      std::lower_bound(moves.begin(), moves.end(), seq,
                       [](const cursor_move& each, sequence to) { return each.to < to; });
  if (found == moves.end())
    return failure{error_code::internal,
                   describe_row(model_table::receipts, receipt_key(conversation, user)) +
                       " does not stand where its moves lead",
                   {}};
  return found->at;
}

/// When a cursor that is at or past `seq` came there.
result<timestamp> passed_at(const row_reader& rows, const conversation_id& conversation,
                            const user_id& user, cursor_kind which, const cursor_moves& moves,
                            sequence seq) {
  const bool is_older = moves.newest.empty() || moves.newest.front().to >= seq;
  if (!is_older || moves.older.value() == 0)
    return first_past(moves.newest, seq, conversation, user);
  // The journal's row that begins at or before the number; what it ends before is in the next one.
  cursor at = rows.rows(model_table::journal);
  const std::string prefix = journal_prefix(conversation, user, which);
  bool found = at.seek_before(journal_key(conversation, user, which, seq.next())) &&
               at.key().starts_with(prefix);
  for (found = found || at.seek(prefix); found && at.key().starts_with(prefix); found = at.next()) {
    auto row = decode_journal(at.key(), at.value());
    if (!row)
      return row.error();
    if (!row->moves.empty() && row->moves.back().to >= seq)
      return first_past(row->moves, seq, conversation, user);
  }
  if (at.error())
    return *at.error();
  return first_past(moves.newest, seq, conversation, user);
}

/// Who wrote a message, of its stored event.
std::string_view author_of(std::string_view event) {
  packed_reader reader{event};
  const std::size_t count = reader.map();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    if (reader.text() == "from")
      return reader.text();
    reader.skip();
  }
  return {};
}

result<std::optional<message_receipt>> receipt_at(const row_reader& rows,
                                                  const conversation_id& conversation,
                                                  const user_id& user, const receipt_row& row,
                                                  sequence seq) {
  std::optional<message_receipt> found;
  if (row.since >= seq || row.now.delivered < seq)
    return found;
  auto delivered = passed_at(rows, conversation, user, cursor_kind::delivered, row.delivered, seq);
  if (!delivered)
    return delivered.error();
  found = message_receipt{user, *delivered, {}};
  if (row.now.shown < seq)
    return found;
  auto read = passed_at(rows, conversation, user, cursor_kind::read, row.read, seq);
  if (!read)
    return read.error();
  found->read_at = *read;
  return found;
}

} // namespace

namespace {

/// Counts who has a message, of all members.
result<receipt_page::totals> count_receipts(const row_reader& rows,
                                            const conversation_id& conversation, sequence seq,
                                            const user_id& author, blocks_around& blocks) {
  const std::string prefix = receipt_prefix(conversation);
  receipt_page::totals counts;
  cursor at = rows.rows(model_table::receipts);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    const user_id user{std::string(at.key().substr(prefix.size()))};
    auto row = decode_receipt(at.key(), at.value());
    if (!row)
      return row.error();
    if (user == author || row->since >= seq)
      continue;
    auto apart = blocks.stand_before(user);
    if (!apart)
      return apart.error();
    if (*apart)
      continue;
    ++counts.of;
    counts.delivered += row->now.delivered >= seq ? 1 : 0;
    counts.read += row->now.delivered >= seq && row->now.shown >= seq ? 1 : 0;
  }
  if (at.error())
    return *at.error();
  return counts;
}

} // namespace

result<receipt_page> read_receipt_page(const row_reader& rows, const get_receipts& what,
                                       const user_id& reader) {
  const sequence seq{what.message};
  auto stored = rows.event(what.conversation, seq);
  if (!stored)
    return stored.error();
  const auto& event = *stored; // there is none of a conversation that was deleted meanwhile
  if (!event || event->kind != record_kind::message)
    return failure{error_code::not_found, "no such message", {}};
  const user_id author{std::string(author_of(event->event))};
  const auto limit = std::clamp<std::uint64_t>(what.limit.value_or(limits::page), 1, limits::page);
  const std::string prefix = receipt_prefix(what.conversation);
  blocks_around blocks{rows, reader};
  receipt_page page;
  if (what.counts.value_or(false) && !what.cursor) {
    auto counts = count_receipts(rows, what.conversation, seq, author, blocks);
    if (!counts)
      return counts.error();
    page.counts = *counts;
  }
  std::size_t looked_at = 0;
  std::string last;
  cursor at = rows.rows(model_table::receipts);
  bool more = at.seek(prefix + what.cursor.value_or(""));
  if (more && what.cursor && at.key() == prefix + *what.cursor)
    more = at.next();
  for (; more && at.key().starts_with(prefix); more = at.next()) {
    if (page.items.size() == limit || looked_at++ == limits::rows_per_page) {
      page.cursor = std::move(last);
      break;
    }
    last = at.key().substr(prefix.size());
    auto row = decode_receipt(at.key(), at.value());
    if (!row)
      return row.error();
    const user_id user{last};
    if (user == author)
      continue;
    auto apart = blocks.stand_before(user);
    if (!apart)
      return apart.error();
    if (*apart)
      continue;
    auto item = receipt_at(rows, what.conversation, user, *row, seq);
    if (!item)
      return item.error();
    if (*item)
      page.items.push_back(std::move(**item));
  }
  if (at.error())
    return *at.error();
  return page;
}

// A resume may look at a hundred members of thousands of conversations, few of whom moved.
result<std::vector<receipt_facts>> read_moved_receipts(const row_reader& rows,
                                                       const conversation_id& conversation,
                                                       position since, const user_id& reader,
                                                       blocks_around& blocks) {
  const std::string prefix = receipt_prefix(conversation);
  std::vector<receipt_facts> moved;
  cursor at = rows.rows(model_table::receipts);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    auto when = decode_receipt_moved(at.key(), at.value());
    if (!when)
      return when.error();
    const std::string_view user = at.key().substr(prefix.size());
    const bool is_own = user == reader.str();
    if ((is_own ? when->any : when->told) <= since)
      continue;
    auto apart = blocks.stand_before(user_id{std::string(user)});
    if (!apart)
      return apart.error();
    if (*apart)
      continue;
    auto row = decode_receipt(at.key(), at.value());
    if (!row)
      return row.error();
    moved.push_back({user_id{std::string(user)}, row->now, is_own ? row->moved_at : row->told_at});
  }
  if (at.error())
    return *at.error();
  return moved;
}

} // namespace parley
