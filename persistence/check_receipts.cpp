// Cursors, the journal of their moves, and the lists that unread is made of.
#include "persistence/check_receipts.hpp"

#include <algorithm>
#include <set>

#include "actors/limits.hpp"

namespace parley {

// --- Unread, counted anew ------------------------------------------------------------------------

void unread_check::begin(const conversation_id& conversation, sequence kept_from,
                         message_ordinal gone) {
  conversation_ = conversation;
  kept_from_ = kept_from;
  members_.clear();
  counts_.clear();
  compared_ = 0;
  mentioning_ = 0;
  messages_ = gone.value();
  everyone_ = counted_before(tally::everyone, {});
  const std::string prefix = receipt_prefix(conversation);
  cursor at = rows_.rows(model_table::receipts);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
    if (auto row = decode_receipt(at.key(), at.value())) // who is damaged is reported elsewhere
      members_.push_back({user_id{std::string(at.key().substr(prefix.size()))}, std::move(*row)});
  std::sort(members_.begin(), members_.end(),
            [](const member& a, const member& b) { return a.row.now.read < b.row.now.read; });
}

void unread_check::see(sequence seq, const message_facts& message) {
  compare_up_to(seq);
  ++messages_;
  ++listed_;
  ++counts_of(message.from).own;
  const bool everyone =
      std::any_of(message.mentions.begin(), message.mentions.end(), [](const user_id& each) {
        return each.str() == "@all" || each.str() == "@here";
      });
  if (everyone) {
    ++everyone_;
    ++mentioning_;
    listed_ += 2;
    ++counts_of(message.from).everyone_by;
    return;
  }
  std::vector<user_id> named = message.mentions;
  std::sort(named.begin(), named.end());
  named.erase(std::unique(named.begin(), named.end()), named.end());
  std::erase(named, message.from);
  mentioning_ += named.empty() ? 0 : 1;
  listed_ += named.size();
  for (const auto& user : named)
    ++counts_of(user).named;
}

void unread_check::finish() {
  compare_up_to(sequence{UINT64_MAX});
  compare_lists();
}

std::uint64_t unread_check::counted_before(tally what, const user_id& user) {
  if (kept_from_.value() == 0)
    return 0;
  const auto counted =
      rows_.tallied(tally_prefix(conversation_, what, user), kept_from_.previous());
  if (!counted)
    report_.problem(counted.error());
  return counted ? *counted : 0;
}

unread_check::counts& unread_check::counts_of(const user_id& user) {
  const auto [found, is_new] = counts_.try_emplace(user);
  if (is_new)
    found->second = {counted_before(tally::own, user), counted_before(tally::named, user),
                     counted_before(tally::everyone_by, user)};
  return found->second;
}

unread_check::others unread_check::others_of(const user_id& user) {
  const counts& mine = counts_of(user);
  return {messages_ - mine.own, mine.named + everyone_ - mine.everyone_by};
}

void unread_check::compare_up_to(sequence seq) {
  for (; compared_ < members_.size() && members_[compared_].row.now.read < seq; ++compared_) {
    const auto& [user, row] = members_[compared_];
    if (row.now.read.next() < kept_from_)
      continue; // what was counted up to there is gone, and counts no more
    const others expected = others_of(user);
    if (row.others != expected.messages || row.mentions != expected.mentions)
      report_.problem(model_table::receipts, receipt_key(conversation_, user),
                      "counts other messages up to its cursor than there are");
  }
}

void unread_check::compare_lists() {
  for (const auto& [user, each] : counts_) {
    compare_list(tally::own, user, each.own);
    compare_list(tally::named, user, each.named);
    compare_list(tally::everyone_by, user, each.everyone_by);
  }
  compare_list(tally::everyone, {}, everyone_);
}

void unread_check::compare_list(tally what, const user_id& user, std::uint64_t expected) {
  const std::string prefix = tally_prefix(conversation_, what, user);
  const auto counted = rows_.tallied(prefix, sequence{UINT64_MAX}.previous());
  if (!counted)
    report_.problem(counted.error());
  else if (*counted != expected)
    report_.problem(model_table::tallies, prefix, "has another length than there are messages");
}

// --- Tables --------------------------------------------------------------------------------------

namespace {

/// Follows one cursor's moves back to its first; true when they make sense.
bool moves_fit(const row_reader& rows, const conversation_id& conversation, const user_id& user,
               cursor_kind which, const cursor_moves& moves, const receipt_row& of,
               std::uint64_t& journal_rows) {
  sequence above = which == cursor_kind::read ? of.now.shown : of.now.delivered;
  bool is_last = true;
  const auto fit = [&](const std::vector<cursor_move>& run) {
    for (auto each = run.rbegin(); each != run.rend(); ++each) {
      if (is_last ? each->to != above : each->to >= above)
        return false;
      is_last = false;
      above = each->to;
    }
    return run.size() <= moves_per_row;
  };
  if (!fit(moves.newest))
    return false;
  for (sequence older = moves.older; older.value() > 0;) {
    const auto row = rows.journal(journal_key(conversation, user, which, older));
    if (!row || !*row || (*row)->moves.empty() || (*row)->moves.front().to != older ||
        !fit((*row)->moves))
      return false;
    ++journal_rows;
    older = (*row)->older;
  }
  return is_last ? above == of.since : above > of.since;
}

/// Each once, no further than their user's newest, as many as are kept.
bool devices_fit(const receipt_row& row, sequence head) {
  std::set<device_id> seen;
  return row.devices.size() <= limits::devices_per_receipt &&
         std::all_of(row.devices.begin(), row.devices.end(), [&](const device_receipt& each) {
           return seen.insert(each.device).second && each.read <= each.delivered &&
                  each.delivered <= std::min(head, row.now.delivered);
         });
}

} // namespace

void check_receipts(const row_reader& rows, check_report& report) {
  std::uint64_t journal_rows = 0;
  check_each(
      rows, model_table::receipts, report, decode_receipt,
      [&](std::string_view key, const receipt_row& row) {
        ++report.receipts;
        const auto place = split_receipt_key(key);
        if (!place)
          return report.problem(model_table::receipts, key, "has a bad key");
        const auto& [conversation, user] = *place;
        const auto stored = rows.member(conversation, user);
        const auto* member = look(stored, report);
        const auto facts = rows.conversation(conversation);
        const auto* in = look(facts, report);
        if (in != nullptr && in->deleted)
          return; // it is going
        if (member == nullptr || in == nullptr || member->joined_seq != row.since)
          return report.problem(model_table::receipts, key, "is of nobody who is there");
        if (row.now.read < row.since || row.now.delivered < row.now.read ||
            row.now.delivered > in->head || row.moved > in->receipts_at ||
            row.now.shown < row.since || row.now.shown > row.now.read || row.told > row.moved)
          report.problem(model_table::receipts, key, "has cursors out of bounds");
        if (!devices_fit(row, in->head))
          report.problem(model_table::receipts, key, "has devices out of bounds");
        for (const auto which : {cursor_kind::delivered, cursor_kind::read})
          if (!moves_fit(rows, conversation, user, which,
                         which == cursor_kind::read ? row.read : row.delivered, row, journal_rows))
            report.problem(model_table::receipts, key, "does not stand where its moves lead");
      });
  check_each(rows, model_table::members, report, decode_member,
             [&](std::string_view key, const member_row&) {
               const auto place = split_member_key(key);
               const auto stored = place ? rows.receipt_of(place->first, place->second)
                                         : std::optional<receipt_row>{};
               if (place && look(stored, report) == nullptr)
                 report.problem(model_table::members, key, "has no receipt");
             });
  std::uint64_t there = 0;
  check_each(rows, model_table::journal, report, decode_journal,
             [&](std::string_view key, const journal_row&) {
               const auto place = split_journal_key(key);
               if (!place)
                 return report.problem(model_table::journal, key, "has a bad key");
               there += is_deleted(rows, place->conversation, report) ? 0 : 1;
             });
  if (there != journal_rows)
    report.problem("journal: " + std::to_string(there) + " rows, but cursors lead to " +
                   std::to_string(journal_rows));
}

namespace {

/// Each number is a message's.
void see_tally(const row_reader& rows, std::string_view key, const tally_place& place,
               const tally_row& row, check_report& report) {
  for (const auto each : numbers_of(place, row)) {
    const auto stored = rows.event(place.conversation, each);
    const auto* event = look(stored, report);
    if (event == nullptr || event->kind != record_kind::message)
      report.problem(model_table::tallies, key, "names no message");
  }
}

} // namespace

void check_tallies(const row_reader& rows, std::uint64_t expected, check_report& report) {
  std::uint64_t there = 0;
  std::string list;
  std::uint64_t count = 0;
  remembered_conversation in{rows, report};
  check_each(rows, model_table::tallies, report, decode_tally,
             [&](std::string_view key, const tally_row& row) {
               const auto place = split_tally_key(key);
               if (!place)
                 return report.problem(model_table::tallies, key, "has a bad key");
               if (in.is_deleted(place->conversation))
                 return; // it is going
               std::string mine = tally_prefix(place->conversation, place->what, place->user);
               const bool is_first = mine != list;
               list = std::move(mine);
               const std::size_t gone =
                   numbers_before(*place, row, in.kept_from(place->conversation));
               there += 1 + row.more.size() - gone;
               // The last row of those that are gone says how many these are.
               count = gone > 0 ? row.count : is_first ? 1 : count + 1;
               if (row.count != count)
                 report.problem(model_table::tallies, key, "does not follow the one before");
               count += row.more.size();
               if (gone <= row.more.size())
                 see_tally(rows, key, *place, row, report);
             });
  if (there != expected)
    report.problem("tallies: " + std::to_string(there) + " rows, but messages make " +
                   std::to_string(expected));
}

} // namespace parley
