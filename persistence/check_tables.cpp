// Checks every table but the events against the others.
#include "persistence/check_tables.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "actors/limits_people.hpp"
#include "actors/rules.hpp"
#include "persistence/put_away.hpp"

namespace parley {

namespace {

/// Counts a conversation's members without believing them.
std::uint64_t count_members(const row_reader& rows, const conversation_id& conversation) {
  std::uint64_t count = 0;
  const std::string prefix = member_prefix(conversation);
  cursor at = rows.rows(model_table::members);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
    ++count;
  return count;
}

class membership_check {
public:
  membership_check(const row_reader& rows, check_report& report, std::string_view key,
                   const conversation_id& conversation)
      : rows_(rows), report_(report), key_(key), conversation_(conversation) {}

  void see(const membership_row& row) {
    if (row.periods.empty())
      return report_.problem(model_table::memberships, key_, "never began");
    sequence after;
    for (const auto& each : row.periods) {
      const bool last = &each == &row.periods.back();
      const bool ended = each.left.value() > 0;
      if (each.joined <= after || (ended && each.left <= each.joined) || (!ended && !last))
        report_.problem(model_table::memberships, key_, "has periods out of order");
      see_event(each.joined, each.joined_at, false);
      if (ended)
        see_event(each.left, each.left_at, true);
      after = ended ? each.left : each.joined;
    }
  }

private:
  void see_event(sequence seq, position at, bool ends) {
    const auto stored = rows_.event(conversation_, seq);
    const auto* event = look(stored, report_);
    if (event == nullptr && (is_deleted(rows_, conversation_, report_) ||
                             seq < kept_from(rows_, conversation_, report_)))
      return;
    if (event == nullptr)
      return report_.problem(model_table::memberships, key_,
                             "names event " + std::to_string(seq.value()) + ", which is missing");
    const bool fits =
        ends ? event->kind == record_kind::left || event->kind == record_kind::deleted
             : event->kind == record_kind::joined || event->kind == record_kind::created;
    if (!fits || event->at != at)
      report_.problem(model_table::memberships, key_,
                      "names event " + std::to_string(seq.value()) + ", which is another");
  }

  const row_reader& rows_;
  check_report& report_;
  std::string_view key_;
  const conversation_id& conversation_;
};

} // namespace

bool is_deleted(const row_reader& rows, const conversation_id& conversation, check_report& report) {
  const auto stored = rows.conversation(conversation);
  const auto* facts = look(stored, report);
  return facts != nullptr && facts->deleted;
}

std::size_t numbers_before(const tally_place& place, const tally_row& row, sequence floor) {
  const auto numbers = numbers_of(place, row);
  const auto kept = std::lower_bound(numbers.begin(), numbers.end(), floor);
  return static_cast<std::size_t>(kept - numbers.begin());
}

sequence kept_from(const row_reader& rows, const conversation_id& conversation,
                   check_report& report) {
  const auto stored = rows.conversation(conversation);
  const auto* facts = look(stored, report);
  return facts == nullptr ? sequence{} : facts->kept_from;
}

bool remembered_conversation::is_deleted(const conversation_id& conversation) {
  look_up(conversation);
  return is_deleted_;
}

sequence remembered_conversation::kept_from(const conversation_id& conversation) {
  look_up(conversation);
  return kept_from_;
}

void remembered_conversation::look_up(const conversation_id& conversation) {
  if (last_ == conversation)
    return;
  last_ = conversation;
  const auto stored = rows_.conversation(conversation);
  const auto* facts = look(stored, report_);
  is_deleted_ = facts != nullptr && facts->deleted;
  kept_from_ = facts == nullptr ? sequence{} : facts->kept_from;
}

void check_keys(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::dedupe, report, decode_dedupe,
             [&](std::string_view key, const known_command& row) {
               ++report.keys;
               if (row.seq.value() == 0)
                 return; // of two users who settled something and have no conversation
               const auto stored = rows.event(row.conversation, row.seq);
               if (look(stored, report) == nullptr && !is_deleted(rows, row.conversation, report) &&
                   row.seq >= kept_from(rows, row.conversation, report))
                 report.problem(model_table::dedupe, key, "leads to an event that is missing");
             });
}

namespace {

/// Of what was deleted nothing is left, unless it is still going.
void check_deleted(const row_reader& rows, const std::string& key, check_report& report) {
  cursor condemned = rows.rows(model_table::condemned);
  if (condemned.seek(key) && condemned.key() == key)
    return;
  const conversation_id id{key};
  const std::array<std::pair<model_table, std::string>, 14> parts{
      {{model_table::events, event_prefix(id)},
       {model_table::tallies, tallies_prefix(id)},
       {model_table::receipts, receipt_prefix(id)},
       {model_table::journal, receipt_prefix(id)},
       {model_table::messages, event_prefix(id)},
       {model_table::hidden, event_prefix(id)},
       {model_table::pins, event_prefix(id)},
       {model_table::replies, event_prefix(id)},
       {model_table::thread_reads, event_prefix(id)},
       {model_table::restrictions, member_prefix(id)},
       {model_table::invitations, member_prefix(id)},
       {model_table::reactions, reactions_prefix(id)},
       {model_table::corrections, corrections_prefix(id)},
       {model_table::cold, event_prefix(id)}}};
  for (const auto& [table, prefix] : parts) {
    std::size_t left = 0;
    cursor at = rows.rows(table);
    for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next())
      ++left;
    if (left > (table == model_table::events ? 1 : 0))
      report.problem(table, prefix, "has rows of a conversation that was deleted");
  }
}

} // namespace

void check_conversations(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::conversations, report, decode_conversation,
             [&](std::string_view key, const conversation_row& row) {
               ++report.conversations;
               if (row.deleted)
                 check_deleted(rows, std::string(key), report);
               const conversation_id id{std::string(key)};
               const auto head = rows.event(id, row.head);
               if (look(head, report) == nullptr && row.head >= row.kept_from)
                 report.problem(model_table::conversations, key, "names a head that is missing");
               if (count_members(rows, id) != row.members)
                 report.problem(model_table::conversations, key,
                                "counts other members than there are");
             });
}

void check_members(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::members, report, decode_member,
             [&](std::string_view key, const member_row& row) {
               const auto parts = split_member_key(key);
               if (!parts)
                 return report.problem(model_table::members, key, "has a bad key");
               const auto stored = rows.membership(parts->second, parts->first);
               const auto* membership = look(stored, report);
               if (membership == nullptr || !membership->active())
                 report.problem(model_table::members, key, "has no membership");
               else if (membership->periods.back().joined != row.joined_seq)
                 report.problem(model_table::members, key, "joined elsewhere than its membership");
               if (row.sees_from.value() != 0 && row.sees_from != row.joined_seq)
                 report.problem(model_table::members, key, "sees from a number it did not join at");
             });
}

void check_blocks(const row_reader& rows, check_report& report) {
  std::uint64_t pairs = 0;
  check_each(rows, model_table::pair_blocks, report, decode_pair_block,
             [&](std::string_view key, const user_id& whom) {
               ++pairs;
               const auto parts = split_member_key(key);
               if (!parts || rules::id_of_pair(parts->second, whom) != parts->first)
                 return report.problem(model_table::pair_blocks, key, "is not of these two users");
               const auto there = rows.blocks(parts->second, whom);
               if (!there || !*there)
                 report.problem(model_table::pair_blocks, key, "is not in the list of who did it");
             });
  std::uint64_t listed = 0;
  check_each(
      rows, model_table::blocked, report, decode_blocked,
      [&](std::string_view key, const timestamp&) {
        ++listed;
        const auto parts = split_membership_key(key); // of two users
        const auto there = parts ? rows.is_blocked_by(user_id{parts->second.str()}, parts->first)
                                 : result<bool>{false};
        if (!there || !*there)
          report.problem(model_table::blocked, key, "is not in the list of whom it is about");
      });
  if (listed != pairs)
    report.problem(model_table::blocked, "", "has other rows than there are blocks");
  std::uint64_t turned = 0;
  cursor at = rows.rows(model_table::blocked_by);
  for (bool more = at.first(); more; more = at.next())
    ++turned;
  if (at.error())
    report.problem(*at.error());
  if (turned != listed)
    report.problem(model_table::blocked_by, "", "has other rows than there are blocks");
}

void check_memberships(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::memberships, report, decode_membership,
             [&](std::string_view key, const membership_row& row) {
               ++report.memberships;
               const auto parts = split_membership_key(key);
               if (!parts)
                 return report.problem(model_table::memberships, key, "has a bad key");
               membership_check{rows, report, key, parts->second}.see(row);
               const auto stored = rows.member(parts->second, parts->first);
               if ((look(stored, report) != nullptr) != row.active())
                 report.problem(model_table::memberships, key, "and the members disagree");
             });
}

void check_preferences(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::preferences, report, decode_preferences,
             [&](std::string_view key, const preference_row&) {
               const auto place = split_membership_key(key);
               if (!place)
                 return report.problem(model_table::preferences, key, "has a bad key");
               const auto stored = rows.membership(place->first, place->second);
               const auto* membership = look(stored, report);
               if (membership == nullptr || !membership->active())
                 report.problem(model_table::preferences, key, "is of no member");
             });
}

void check_restrictions(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::restrictions, report, decode_restriction,
             [&](std::string_view key, const restriction& row) {
               const auto place = split_member_key(key);
               const auto stored =
                   place ? rows.conversation(place->first) : std::optional<conversation_row>{};
               if (!place || look(stored, report) == nullptr ||
                   (row.banned_until == 0 && row.silent_until == 0))
                 report.problem(model_table::restrictions, key, "restricts nobody");
             });
}

// Who has read what they were told of has no row any more.
void check_notices(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::notices, report, decode_notice,
             [&](std::string_view key, const notice_row& row) {
               const auto place = split_membership_key(key);
               if (!place)
                 return report.problem(model_table::notices, key, "has a bad key");
               const auto stored = rows.receipt_of(place->second, place->first);
               const auto* mine = look(stored, report);
               if (mine == nullptr)
                 report.problem(model_table::notices, key, "is of no member");
               else if (mine->now.read >= row.seq)
                 report.problem(model_table::notices, key, "tells of what was read");
               const auto conversation = rows.conversation(place->second);
               const auto* in = look(conversation, report);
               if (in != nullptr &&
                   (row.seq > in->head || row.behind >= row.seq || row.since > report.applied))
                 report.problem(model_table::notices, key, "tells of what was not said");
               const auto stored_settings = rows.preferences_of(place->first, place->second);
               const auto* kept = look(stored_settings, report);
               // A mute may have ended before it began: when it was set is not kept.
               if (kept != nullptr && kept->kept.notify == notify_level::none)
                 report.problem(model_table::notices, key, "is of what its user has muted");
             });
  check_each(rows, model_table::tunings, report, decode_tuning,
             [&](std::string_view key, const tuning_row& row) {
               const bool is_set = row.settings != notification_settings{} || row.seen.value() > 0;
               if (key.empty() || key.size() > limits::id_bytes || !is_set)
                 report.problem(model_table::tunings, key, "sets nothing");
             });
  const auto decided = rows.find_meta_number(meta::decided);
  if (decided && *decided && **decided > report.applied.value())
    report.problem(model_table::meta, meta::decided, "is ahead of what was applied");
}

void check_invitations(const row_reader& rows, check_report& report) {
  std::uint64_t open = 0;
  check_each(
      rows, model_table::invitations, report, decode_invitation,
      [&](std::string_view key, const invitation& row) {
        ++open;
        const auto place = split_member_key(key);
        if (!place)
          return report.problem(model_table::invitations, key, "has a bad key");
        const auto member = rows.member(place->first, place->second);
        if (look(member, report) != nullptr)
          report.problem(model_table::invitations, key, "is of a member");
        const auto stored = rows.event(place->first, row.seq);
        const auto* event = look(stored, report);
        const bool is_gone = event == nullptr && row.seq < kept_from(rows, place->first, report);
        if (!is_gone && (event == nullptr || event->kind != record_kind::invited))
          report.problem(model_table::invitations, key, "names an event that invites nobody");
        const auto listed = rows.invited(place->second, place->first);
        const auto* entry = look(listed, report);
        if (entry == nullptr || (event != nullptr && entry->at != event->at))
          report.problem(model_table::invitations, key, "is not in the list of the user");
      });
  std::uint64_t listed = 0;
  check_each(rows, model_table::invited, report, decode_invited,
             [&](std::string_view, const invited_row&) { ++listed; });
  if (listed != open)
    report.problem(model_table::invited, "", "has other rows than there are invitations");
}

void check_profiles(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::profiles, report, decode_profile,
             [&](std::string_view key, const user_profile& row) {
               const bool fits = row.name.size() <= limits::profile_name_bytes &&
                                 row.avatar.size() <= limits::profile_avatar_bytes &&
                                 row.text.size() <= limits::profile_text_bytes;
               if (key.empty() || key.size() > limits::id_bytes)
                 report.problem(model_table::profiles, key, "has a bad key");
               else if (!fits || row.at <= timestamp{})
                 report.problem(model_table::profiles, key, "is none that could be set");
             });
}

// Who is named is who is meant, and nobody is named any more in the end.
void check_erasures(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::erasures, report, decode_erasure,
             [&](std::string_view key, const erasure_row& row) {
               const user_erasure& what = row.what;
               if (!what.pseudonym.str().starts_with("erased:") || what.settled > report.applied)
                 report.problem(model_table::erasures, key, "is no receipt");
               const bool is_over = what.phase == erasure_phase::done && what.forgotten;
               if (what.user.empty() != is_over ||
                   (!is_over && hash_of(what.user) != what.user_hash))
                 report.problem(model_table::erasures, key, "names another user than it is about");
               if (what.forgotten && what.phase == erasure_phase::begun)
                 report.problem(model_table::erasures, key, "has got further than it says");
             });
}

/// When each user who was forgotten was erased, the last time.
std::map<digest, position> forgotten_users(const row_reader& rows) {
  std::map<digest, position> found;
  cursor at = rows.rows(model_table::erasures);
  for (bool more = at.first(); more; more = at.next())
    if (const auto gone = decode_erasure(at.key(), at.value()); gone && gone->what.forgotten) {
      position& last = found[gone->what.user_hash];
      last = std::max(last, gone->what.settled);
    }
  return found;
}

// Nobody who was erased since is named.
void check_exports(const row_reader& rows, check_report& report) {
  const auto gone = forgotten_users(rows);
  const auto was_erased_since = [&](const user_id& user, position until) {
    const auto found = gone.find(hash_of(user));
    return found != gone.end() && found->second > until;
  };
  check_each(rows, model_table::exports, report, decode_export,
             [&](std::string_view key, const export_row& row) {
               if (row.id != key || row.until > report.applied)
                 report.problem(model_table::exports, key, "is no receipt");
               if (was_erased_since(row.by, row.until) || was_erased_since(row.user, row.until))
                 report.problem(model_table::exports, key, "names a user who was erased");
             });
}

void check_users(const row_reader& rows, check_report& report) {
  check_each(rows, model_table::users, report, decode_user,
             [&](std::string_view key, const user_row& row) {
               if (key.empty() || key.size() > limits::id_bytes)
                 report.problem(model_table::users, key, "has a bad key");
               if (row.last_seen <= timestamp{})
                 report.problem(model_table::users, key, "was seen before time began");
             });
}

} // namespace parley
