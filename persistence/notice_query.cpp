// Reads who has not read what and is to be told, and what a user was told.
#include <algorithm>
#include <tuple>

#include "actors/digest.hpp"
#include "actors/limits.hpp"
#include "actors/quiet_hours.hpp"
#include "actors/rules.hpp"
#include "persistence/checksum.hpp"
#include "persistence/corrections.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/queries.hpp"
#include "persistence/tallies.hpp"
#include "persistence/unheard_query.hpp"

namespace parley {

namespace {

class readers_query {
public:
  readers_query(const row_reader& rows, const read_notifiable_question& asked)
      : rows_(rows), asked_(asked) {}

  result<notifiable> run() {
    auto row = rows_.conversation(asked_.conversation);
    if (!row)
      return row.error();
    if (!*row || (*row)->deleted)
      return notifiable{};
    in_ = std::move(**row);
    auto news = is_news();
    if (!news)
      return news.error();
    auto cut_off = is_cut_off();
    if (!cut_off)
      return cut_off.error();
    if (!*news || *cut_off)
      return notifiable{};
    auto looked = in_.members > limits::notified_members ? look_at_named() : look_at_members();
    if (!looked)
      return looked.error();
    return std::move(found_);
  }

private:
  outcome look_at_members() {
    const std::string prefix = member_prefix(asked_.conversation);
    cursor at = rows_.rows(model_table::members);
    bool more = at.seek(asked_.behind ? member_key(asked_.conversation, *asked_.behind) : prefix);
    if (more && asked_.behind && at.key() == member_key(asked_.conversation, *asked_.behind))
      more = at.next();
    std::size_t members = 0;
    for (; more && at.key().starts_with(prefix); more = at.next()) {
      user_id user{std::string(at.key().substr(prefix.size()))};
      if (auto looked = look_at(user); !looked)
        return looked;
      if (++members == limits::members_per_notice) {
        found_.next = std::move(user);
        return success();
      }
    }
    return at.error() ? outcome{*at.error()} : success();
  }

  /// Whom the newest messages name.
  outcome look_at_named() {
    std::vector<user_id> named;
    std::size_t messages = 0;
    for (std::uint64_t seq = asked_.last.value();
         seq >= first_kept(in_).value() && asked_.last.value() - seq < limits::events_looked_at;
         --seq) {
      auto event = rows_.required_event(asked_.conversation, sequence{seq});
      if (!event)
        return event.error();
      if (event->kind != record_kind::message)
        continue;
      if (++messages > limits::names_looked_at)
        break;
      const auto facts = facts_of(event->event);
      if (facts && facts->mentions)
        named.insert(named.end(), facts->mentions->begin(), facts->mentions->end());
    }
    std::sort(named.begin(), named.end());
    named.erase(std::unique(named.begin(), named.end()), named.end());
    for (const auto& user : named) {
      auto member = rows_.member(asked_.conversation, user);
      if (!member)
        return member.error();
      if (!*member) // `@all` is nobody's name
        continue;
      if (auto looked = look_at(user, true); !looked)
        return looked;
    }
    return success();
  }

  outcome look_at(const user_id& user, bool only_named = false) {
    auto kept = rows_.preferences_of(user, asked_.conversation);
    if (!kept)
      return kept.error();
    auto tuned = rows_.tuning_of(user);
    if (!tuned)
      return tuned.error();
    const preference_row row = kept->value_or(preference_row{});
    const preferences& own = row.kept;
    const auto level = own.notify ? own.notify : tuned->settings.notify;
    if (level == notify_level::none || wants_nothing(own, asked_.now))
      return success();
    return compare(user, only_named || level == notify_level::mentions,
                   is_quiet_for(tuned->settings, own));
  }

  /// Whether the user is not to be disturbed now: at all, or by this conversation.
  bool is_quiet_for(const notification_settings& tuned, const preferences& own) const {
    const std::string zone = tuned.zone.value_or("UTC");
    const std::vector<std::string> none;
    return tuned.quiet_until.value_or(0) > static_cast<std::uint64_t>(to_wire(asked_.now)) ||
           is_quiet(tuned.quiet.value_or(none), zone, asked_.now) ||
           is_quiet(own.quiet.value_or(none), zone, asked_.now);
  }

  /// Something came behind what the user has read, or was told of.
  outcome compare(const user_id& user, bool only_mentions, bool quiet) {
    auto mine = rows_.receipt_of(asked_.conversation, user);
    if (!mine)
      return mine.error();
    auto told = rows_.notice_of(user, asked_.conversation);
    if (!told)
      return told.error();
    if (!*mine)
      return success();
    const sequence read = (*mine)->now.read;
    const sequence known = std::max(read, *told ? (*told)->seq : sequence{});
    auto news = unread_between(user, known);
    if (!news)
      return news.error();
    if ((only_mentions ? news->mentions : news->messages) <= 0)
      return success();
    auto blocked = read_whom_blocked(rows_, user);
    if (!blocked)
      return blocked.error();
    if (auto less = leave_out(user, *blocked, known, *news); !less)
      return less;
    if ((only_mentions ? news->mentions : news->messages) <= 0)
      return success();
    auto all = unread_between(user, read);
    if (!all)
      return all.error();
    if (auto less = leave_out(user, *blocked, read, *all); !less)
      return less;
    found_.notices.push_back({user, static_cast<std::uint64_t>(all->messages),
                              static_cast<std::uint64_t>(std::max<std::int64_t>(all->mentions, 0)),
                              quiet});
    return success();
  }

  /// Takes off what those wrote whom the user has blocked.
  outcome leave_out(const user_id& user, const std::vector<user_id>& blocked, sequence behind,
                    others_correction& from) {
    behind = std::max(behind, in_.kept_from.previous());
    auto by = count_unheard(rows_, {asked_.conversation, user, behind, asked_.last}, blocked);
    if (!by)
      return by.error();
    from.messages -= by->messages;
    from.mentions -= by->mentions;
    return success();
  }

  /// What others wrote behind a number and up to the last one that matters, as it is now.
  result<others_correction> unread_between(const user_id& user, sequence behind) {
    others_correction sum;
    behind = std::max(behind, in_.kept_from.previous());
    if (behind >= asked_.last)
      return sum;
    auto until = others_up_to(user, asked_.last);
    if (!until)
      return until.error();
    auto before = others_up_to(user, behind);
    if (!before)
      return before.error();
    sum.messages = static_cast<std::int64_t>(until->messages - before->messages);
    sum.mentions = static_cast<std::int64_t>(until->mentions - before->mentions);
    if (in_.restated + in_.hidden == 0)
      return sum;
    auto by = correct_others(rows_, asked_.conversation, user, behind, asked_.last);
    if (!by)
      return by.error();
    sum.messages += by->messages;
    sum.mentions += by->mentions;
    return sum;
  }

  result<others_count> others_up_to(const user_id& user, sequence seq) {
    if (seq < in_.kept_from)
      return count_others(rows_, asked_.conversation, user, seq, in_.gone, in_.mentions > 0);
    auto event = rows_.required_event(asked_.conversation, seq);
    if (!event)
      return event.error();
    return count_others(rows_, asked_.conversation, user, seq, event->ordinal, in_.mentions > 0);
  }

  /// Old messages are no news, whatever nobody was told of: the server had no notifications then.
  result<bool> is_news() const {
    auto event = rows_.event(asked_.conversation, asked_.last);
    if (!event)
      return event.error();
    const auto facts = *event ? facts_of((*event)->event) : std::nullopt;
    return facts && asked_.now - facts->at <= std::chrono::milliseconds{limits::news_age};
  }

  /// Two of whom one has blocked the other tell each other nothing.
  result<bool> is_cut_off() const {
    if (in_.kind != conversation_kind::direct)
      return false;
    auto blockers = read_blockers(rows_, asked_.conversation);
    if (!blockers)
      return blockers.error();
    return !blockers->empty();
  }

  const row_reader& rows_;
  const read_notifiable_question& asked_;
  conversation_row in_;
  notifiable found_;
};

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
outcome leave_out_unheard(const row_reader& rows, const user_id& user, const conversation_row& row,
                          const std::vector<user_id>& blocked, listed_conversation& item) {
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

/// Nothing when all of it was deleted meanwhile, or is by people who were blocked, or what they
/// were told of is gone.
result<std::optional<listed_notification>>
notification_at(const row_reader& rows, const user_id& user, const notice_place& at,
                const std::vector<user_id>& blocked, bool with_message) {
  auto row = rows.required_conversation(at.conversation);
  if (!row)
    return row.error();
  listed_conversation of;
  of.conversation = at.conversation;
  if (auto filled = fill_unread(rows, user, *row, of); !filled)
    return filled.error();
  if (auto less = leave_out_unheard(rows, user, *row, blocked, of); !less)
    return less.error();
  if (of.unread == 0 || at.row.seq < row->kept_from)
    return std::optional<listed_notification>{};
  if (with_message) {
    auto member = rows.member(at.conversation, user);
    if (!member)
      return member.error();
    const sequence sees_from = *member ? (*member)->sees_from : sequence{};
    if (auto filled = fill_last_message(rows, user, *row, sees_from, of, blocked); !filled)
      return filled.error();
  }
  return std::optional{listed_notification{at.conversation, row->kind, row->title, at.row.seq,
                                           at.row.at, of.unread, of.mentions, at.row.quiet,
                                           at.row.seen, std::move(of.last_message)}};
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

result<notifiable> read_who_has_not_read(const row_reader& rows,
                                         const read_notifiable_question& asked) {
  return readers_query{rows, asked}.run();
}

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
