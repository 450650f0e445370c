// Reads what a user was told of and has not read.
#include <algorithm>
#include <tuple>

#include "actors/digest.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"
#include "persistence/checksum.hpp"
#include "persistence/queries.hpp"
#include "persistence/unheard_query.hpp"

namespace parley {

namespace {

/// A notification's place in the list: the latest first.
struct notice_place {
  position since;
  conversation_id conversation;
  notice_row row;
  friend bool operator<(const notice_place& a, const notice_place& b) {
    return std::tie(b.since, a.conversation) < std::tie(a.since, b.conversation);
  }
};

std::string cursor_behind(const notice_place& last) {
  std::string bytes;
  append_big_endian(bytes, last.since.value());
  return base64url(bytes.append(last.conversation.str()));
}

std::optional<notice_place> place_named(const std::string& cursor) {
  const std::string bytes = from_base64url(cursor);
  if (bytes.size() <= 8)
    return {};
  return notice_place{position{big_endian_at(bytes)}, conversation_id{bytes.substr(8)}, {}};
}

/// Takes off what those wrote whom the user has blocked.
outcome leave_out_blocked(const row_reader& rows, const user_id& user, const conversation_row& row,
                          unheard_authors& blocked, listed_conversation& item) {
  const sequence behind = std::max(item.read, row.kept_from.previous());
  auto by = count_unheard(rows, {item.conversation, user, behind, row.head}, blocked);
  if (!by)
    return by.error();
  const auto less = [](std::uint64_t all, std::int64_t theirs) {
    return all - std::min(all, static_cast<std::uint64_t>(std::max<std::int64_t>(theirs, 0)));
  };
  item.unread = less(item.unread, by->messages);
  item.mentions = less(item.mentions, by->mentions);
  return success();
}

/// What of it came since the user dismissed anything of it.
result<std::uint64_t> count_of(const row_reader& rows, const user_id& user,
                               const conversation_row& row, const notice_place& at,
                               const listed_conversation& of, unheard_authors& blocked) {
  if (at.row.behind <= of.read)
    return of.unread;
  auto heard = count_heard(rows, row, {at.conversation, user, at.row.behind, row.head}, blocked);
  if (!heard)
    return heard.error();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(heard->messages, 0));
}

/// Nothing when all of it was deleted meanwhile, or is by people who were blocked, or what they
/// were told of is gone.
result<std::optional<listed_notification>>
notification_at(const row_reader& rows, const user_id& user, const notice_place& at,
                unheard_authors& blocked, bool with_message) {
  auto row = rows.required_conversation(at.conversation);
  if (!row)
    return row.error();
  listed_conversation of;
  of.conversation = at.conversation;
  if (auto filled = fill_unread(rows, user, *row, of); !filled)
    return filled.error();
  if (of.unread > 0)
    if (auto less = leave_out_blocked(rows, user, *row, blocked, of); !less)
      return less.error();
  if (of.unread == 0 || at.row.seq < row->kept_from)
    return std::optional<listed_notification>{};
  if (with_message) {
    auto member = rows.member(at.conversation, user);
    if (!member)
      return member.error();
    const sequence sees_from = *member ? (*member)->sees_from : sequence{};
    if (auto filled = fill_last_message(rows, user, *row, sees_from, of, blocked.users); !filled)
      return filled.error();
  }
  auto count = count_of(rows, user, *row, at, of, blocked);
  if (!count)
    return count.error();
  auto title = read_title_for(rows, at.conversation, *row, user);
  if (!title)
    return title.error();
  return std::optional{listed_notification{
      at.conversation, row->kind, std::move(*title), at.row.seq, at.row.at, of.unread, of.mentions,
      at.row.quiet, at.row.seen, std::move(of.last_message), *count, at.row.joined}};
}

result<std::vector<notice_place>> notices_of(const row_reader& rows, const user_id& user) {
  std::vector<notice_place> places;
  auto tuned = rows.tuning_of(user);
  if (!tuned)
    return tuned.error();
  const auto see = [&](conversation_id conversation, notice_row row) {
    row.seen = row.seen || row.since <= tuned->seen;
    places.push_back({row.since, std::move(conversation), row});
    return true;
  };
  auto read = for_each_row(rows, model_table::notices, membership_prefix(user),
                           split_membership_key, decode_notice, see);
  if (!read)
    return read.error();
  std::sort(places.begin(), places.end());
  return places;
}

} // namespace

result<notification_page> read_notification_page(const row_reader& rows, const user_id& user,
                                                 const list_notifications& what) {
  const auto after = what.cursor ? place_named(*what.cursor) : std::nullopt;
  if (what.cursor && !after)
    return failure{error_code::bad_request, "this cursor is not one of notifications", {}};
  auto places = notices_of(rows, user);
  if (!places)
    return places.error();
  auto blocked = read_whom_blocked(rows, user);
  if (!blocked)
    return blocked.error();
  notification_page page;
  std::size_t bytes = 0;
  const notice_place* last = nullptr;
  for (const auto& each : *places) {
    const bool is_wanted = !(after && !(*after < each)) &&
                           !(what.unseen.value_or(false) && each.row.seen) && !page.cursor;
    const bool fits =
        page.items.size() < rules::page_limit(what.limit) && bytes < limits::page_bytes;
    if (is_wanted && !fits)
      page.cursor = cursor_behind(*last);
    auto item = notification_at(rows, user, each, *blocked, is_wanted && fits);
    if (!item)
      return item.error();
    if (!*item)
      continue;
    page.unseen += each.row.seen ? 0 : 1;
    if (!is_wanted || !fits)
      continue;
    last = &each;
    bytes += (*item)->last_message.size() + (*item)->title.size();
    page.items.push_back(std::move(**item));
  }
  return page;
}

result<std::optional<standing_notice>> read_standing_notice(const row_reader& rows,
                                                            const user_id& user,
                                                            const conversation_id& conversation,
                                                            bool with_message) {
  auto row = rows.notice_of(user, conversation);
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<standing_notice>{};
  auto tuned = rows.tuning_of(user);
  if (!tuned)
    return tuned.error();
  notice_place place{(*row)->since, conversation, **row};
  place.row.seen = place.row.seen || place.since <= tuned->seen;
  auto blocked = read_whom_blocked(rows, user);
  if (!blocked)
    return blocked.error();
  auto shown = notification_at(rows, user, place, *blocked, with_message);
  if (!shown)
    return shown.error();
  return *shown ? std::optional{standing_notice{std::move(**shown), place.since}} : std::nullopt;
}

result<std::string> read_title_for(const row_reader& rows, const conversation_id& conversation,
                                   const conversation_row& in, const user_id& user) {
  if (in.kind != conversation_kind::direct)
    return in.title;
  const std::string prefix = member_prefix(conversation);
  cursor at = rows.rows(model_table::members);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    const user_id other{std::string(at.key().substr(prefix.size()))};
    if (other == user)
      continue;
    auto shown = rows.profile_of(other);
    if (!shown)
      return shown.error();
    return *shown && !(*shown)->name.empty() ? (*shown)->name : other.str();
  }
  return at.error() ? result<std::string>{*at.error()} : std::string{};
}

result<joined_notices> read_joined_notices(const row_reader& rows, const user_id& user,
                                           const joined_question& asked) {
  auto places = notices_of(rows, user);
  if (!places)
    return places.error();
  auto blocked = read_whom_blocked(rows, user);
  if (!blocked)
    return blocked.error();
  joined_notices all;
  for (const auto& each : *places) {
    if (all.conversations == asked.most)
      break;
    if (!each.row.joined || each.row.seen)
      continue;
    auto item = notification_at(rows, user, each, *blocked, false);
    if (!item)
      return item.error();
    const auto& kinds = asked.kinds;
    const bool is_wanted = *item && (kinds.empty() || std::find(kinds.begin(), kinds.end(),
                                                                (*item)->kind) != kinds.end());
    if (!is_wanted)
      continue;
    ++all.conversations;
    all.count += (*item)->count;
    all.unread += (*item)->unread;
    all.mentions += (*item)->mentions;
    all.at = std::max(all.at, (*item)->at);
    all.quiet = all.quiet && (*item)->quiet;
  }
  return all;
}

result<notice_feed_page> read_notices_since(const row_reader& rows, position since, position until,
                                            const notice_feed_place& behind) {
  notice_feed_page page;
  const std::string from =
      behind.user.empty() ? std::string{} : membership_key(behind.user, behind.conversation);
  std::size_t steps = 0;
  cursor at = rows.rows(model_table::notices);
  bool more = from.empty() ? at.first() : at.seek(from);
  if (more && at.key() == from)
    more = at.next();
  for (; more; more = at.next()) {
    auto place = split_membership_key(at.key());
    if (!place)
      return failure{error_code::internal,
                     describe_row(model_table::notices, at.key()) + " has a bad key",
                     {}};
    auto row = decode_notice(at.key(), at.value());
    if (!row)
      return row.error();
    if (since < row->since && row->since <= until)
      page.items.push_back({place->first, place->second, row->since});
    if (++steps == limits::feed_steps || page.items.size() == limits::webhook_records) {
      page.next = notice_feed_place{std::move(place->first), std::move(place->second)};
      return page;
    }
  }
  return at.error() ? result<notice_feed_page>{*at.error()} : page;
}

} // namespace parley
