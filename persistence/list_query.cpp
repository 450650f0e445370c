// Reads a page of a user's conversations, made from memberships and heads when it is asked for.
#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "actors/digest.hpp"
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "persistence/checksum.hpp"
#include "persistence/corrections.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/put_away.hpp"
#include "persistence/queries.hpp"
#include "persistence/tallies.hpp"

namespace parley {

namespace {

/// Where a conversation stands in the list: the most recently changed first, then by id.
struct place {
  position changed;
  conversation_id conversation;
  friend bool operator<(const place& a, const place& b) {
    return std::tie(b.changed, a.conversation) < std::tie(a.changed, b.conversation);
  }
};

std::string cursor_of(const place& last) {
  std::string bytes;
  append_big_endian(bytes, last.changed.value());
  return base64url(bytes.append(last.conversation.str()));
}

std::optional<place> place_in(const std::string& cursor) {
  const std::string bytes = from_base64url(cursor);
  if (bytes.size() <= 8)
    return {};
  place found{position{big_endian_at(bytes)}, conversation_id{bytes.substr(8)}};
  return cursor_of(found) == cursor ? std::optional{std::move(found)} : std::nullopt;
}

result<std::vector<place>> places_of(const row_reader& rows, const user_id& user) {
  std::vector<conversation_id> active;
  const auto see = [&](conversation_id conversation, const membership_row& row) {
    if (row.active())
      active.push_back(std::move(conversation));
    return true;
  };
  auto read = for_each_row(rows, model_table::memberships, membership_prefix(user),
                           split_membership_key, decode_membership, see);
  if (!read)
    return read.error();
  std::vector<place> places;
  for (auto& each : active) {
    auto row = rows.required_conversation(each);
    if (!row)
      return row.error();
    places.push_back({row->head_position, std::move(each)});
  }
  return places;
}

/// Numbers that are gone through in search of a message that the user has not hidden.
constexpr std::uint64_t most_numbers = 1000;

bool is_by_one_of(const std::vector<user_id>& users, std::string_view event) {
  const auto facts = users.empty() ? std::nullopt : facts_of(event);
  return facts && std::any_of(users.begin(), users.end(),
                              [&](const auto& each) { return each.str() == facts->from; });
}

/// The newest message that the user sees and that none of `without` wrote, or 0.
result<sequence> last_shown(const row_reader& rows, const user_id& user,
                            const conversation_row& row, const conversation_id& conversation,
                            sequence sees_from, const std::vector<user_id>& without) {
  const std::uint64_t last = row.last_message.value();
  const std::uint64_t first = std::max(sees_from, first_kept(row)).value();
  for (std::uint64_t seq = last; seq >= first && last - seq < most_numbers; --seq) {
    auto event = rows.required_event(conversation, sequence{seq});
    if (!event)
      return event.error();
    if (event->kind != record_kind::message || is_by_one_of(without, event->event))
      continue;
    auto hidden =
        row.hidden == 0 ? result<bool>{false} : rows.is_hidden(conversation, sequence{seq}, user);
    if (!hidden)
      return hidden.error();
    if (!*hidden)
      return sequence{seq};
  }
  return sequence{};
}

outcome fill_pair(const row_reader& rows, listed_conversation& item) {
  if (item.kind != conversation_kind::direct)
    return success();
  auto members = read_members(rows, item.conversation, 2);
  if (!members)
    return members.error();
  for (auto& each : *members)
    item.direct.push_back(std::move(each.user));
  return success();
}

/// Less what was erased, and with the mentions that came and went.
outcome correct_unread(const row_reader& rows, const user_id& user, const conversation_row& row,
                       listed_conversation& item) {
  const sequence behind = std::max(item.read, row.kept_from.previous());
  auto by = correct_others(rows, item.conversation, user, behind, row.head);
  if (!by)
    return by.error();
  const auto sum = [](std::uint64_t counted, std::int64_t more) {
    return static_cast<std::int64_t>(counted) + more;
  };
  if (sum(item.unread, by->messages) < 0 || sum(item.mentions, by->mentions) < 0)
    return failure{error_code::internal,
                   describe_row(model_table::corrections, corrections_prefix(item.conversation)) +
                       " take away more messages than there are",
                   {}};
  item.unread = static_cast<std::uint64_t>(sum(item.unread, by->messages));
  item.mentions = static_cast<std::uint64_t>(sum(item.mentions, by->mentions));
  return success();
}

/// What others had written up to the cursor, or up to where what is left begins.
result<others_count> others_read(const row_reader& rows, const conversation_id& conversation,
                                 const user_id& user, const conversation_row& row,
                                 const receipt_row& mine) {
  if (mine.now.read.next() >= row.kept_from)
    return others_count{mine.others, mine.mentions};
  return count_others(rows, conversation, user, row.kept_from.previous(), row.gone,
                      row.mentions > 0);
}

} // namespace

outcome fill_last_message(const row_reader& rows, const user_id& user, const conversation_row& row,
                          sequence sees_from, listed_conversation& item,
                          const std::vector<user_id>& without) {
  auto last = last_shown(rows, user, row, item.conversation, sees_from, without);
  if (!last)
    return last.error();
  if (last->value() == 0)
    return success();
  auto event = rows.required_event(item.conversation, *last);
  if (!event)
    return event.error();
  auto shown = row.restated == 0 && !may_be_reply(event->event)
                   ? result<std::string>{std::string(event->event)}
                   : read_restated(rows, item.conversation, *last, event->event, user);
  if (!shown)
    return shown.error();
  item.last_message = std::move(*shown);
  return success();
}

/// What is unread: all that others wrote, less what they had written up to the cursor.
outcome fill_unread(const row_reader& rows, const user_id& user, const conversation_row& row,
                    listed_conversation& item) {
  auto mine = rows.receipt_of(item.conversation, user);
  if (!mine)
    return mine.error();
  if (!*mine)
    return failure{error_code::internal,
                   describe_row(model_table::receipts, receipt_key(item.conversation, user)) +
                       " is missing",
                   {}};
  auto others =
      count_others(rows, item.conversation, user, row.head, row.messages, row.mentions > 0);
  if (!others)
    return others.error();
  auto read = others_read(rows, item.conversation, user, row, **mine);
  if (!read)
    return read.error();
  if (others->messages < read->messages || others->mentions < read->mentions)
    return failure{error_code::internal,
                   describe_row(model_table::receipts, receipt_key(item.conversation, user)) +
                       " counts more messages than there are",
                   {}};
  item.read = (*mine)->now.read;
  item.unread = others->messages - read->messages;
  item.mentions = others->mentions - read->mentions;
  return row.restated + row.hidden == 0 ? success() : correct_unread(rows, user, row, item);
}

namespace {

using preference_map = std::unordered_map<conversation_id, preference_row>;

result<preference_map> preferences_of(const row_reader& rows, const user_id& user) {
  preference_map all;
  const auto see = [&](conversation_id conversation, preference_row row) {
    all.emplace(std::move(conversation), std::move(row));
    return true;
  };
  auto read = for_each_row(rows, model_table::preferences, membership_prefix(user),
                           split_membership_key, decode_preferences, see);
  if (!read)
    return read.error();
  return all;
}

bool is_archived(const preference_row& mine, const conversation_row& row, timestamp now) {
  return mine.kept.archived.value_or(false) && !is_back(mine, row.last_message, now);
}

bool is_hidden_now(const preference_row& mine, const conversation_row& row, timestamp now) {
  return mine.kept.hidden.value_or(false) && !is_in_sight(mine, row.last_message, now);
}

/// What is shown of it: nothing that is as it was at first.
preferences shown(const preference_row& row, bool archived, bool hidden, timestamp now) {
  preferences kept = row.kept;
  kept.hidden = hidden ? std::optional{true} : std::nullopt;
  kept.archived = archived ? std::optional{true} : std::nullopt;
  if (!is_muted(kept, now))
    kept.muted_until.reset();
  if (kept.pinned == false)
    kept.pinned.reset();
  if (kept.notify == notify_level::all)
    kept.notify.reset();
  if (kept.quiet && kept.quiet->empty())
    kept.quiet.reset();
  return kept;
}

/// The item, or nothing when the client does not want to see it.
result<std::optional<listed_conversation>> item_at(const row_reader& rows, const user_id& user,
                                                   const place& at,
                                                   const list_conversations& wanted,
                                                   const preference_map& kept, timestamp now) {
  auto row = rows.required_conversation(at.conversation);
  if (!row)
    return row.error();
  listed_conversation item;
  item.conversation = at.conversation;
  const auto mine = kept.find(at.conversation);
  const bool archived = mine != kept.end() && is_archived(mine->second, *row, now);
  const bool hidden = mine != kept.end() && is_hidden_now(mine->second, *row, now);
  const bool takes_both = wanted.hidden.value_or(false) && !wanted.archived;
  if (hidden != wanted.hidden.value_or(false) ||
      (!takes_both && archived != wanted.archived.value_or(false)))
    return std::optional<listed_conversation>{};
  if (mine != kept.end())
    item.kept = shown(mine->second, archived, hidden, now);
  if (auto filled = fill_unread(rows, user, *row, item); !filled)
    return filled.error();
  if (wanted.unread && *wanted.unread != (item.unread > 0))
    return std::optional<listed_conversation>{};
  auto member = rows.member(at.conversation, user);
  if (!member)
    return member.error();
  if (!*member)
    return failure{error_code::internal,
                   describe_row(model_table::members, member_key(at.conversation, user)) +
                       " is missing",
                   {}};
  item.kind = row->kind;
  item.title = row->title;
  item.meta = std::move(row->meta);
  item.moderated = row->moderated;
  item.kept_from = row->kept_from;
  item.head = row->head;
  item.head_position = row->head_position;
  item.as = (*member)->as;
  if (auto filled = fill_last_message(rows, user, *row, (*member)->sees_from, item); !filled)
    return filled.error();
  if (auto filled = fill_pair(rows, item); !filled)
    return filled.error();
  return std::optional{std::move(item)};
}

std::size_t items_in(const list_conversations& what) {
  return std::clamp<std::uint64_t>(what.limit.value_or(limits::page), 1, limits::page);
}

} // namespace

result<conversation_list> read_list_page(const row_reader& rows, const user_id& user,
                                         const list_conversations& what, timestamp now) {
  std::optional<place> after;
  if (what.cursor && !(after = place_in(*what.cursor)))
    return failure{error_code::bad_request, "this cursor is not one of a list", {}};
  auto places = places_of(rows, user);
  if (!places)
    return places.error();
  auto kept = preferences_of(rows, user);
  if (!kept)
    return kept.error();
  if (after)
    std::erase_if(*places, [&](const place& each) { return !(*after < each); });
  const auto wanted = std::min(items_in(what), places->size());
  const bool filters = what.unread || what.archived || what.hidden || !kept->empty();
  const auto sorted = filters ? places->size() : wanted; // who filters may have to look at all
  std::partial_sort(places->begin(), places->begin() + static_cast<std::ptrdiff_t>(sorted),
                    places->end());
  conversation_list list;
  std::size_t bytes = 0;
  auto each = places->begin();
  const auto end =
      each + static_cast<std::ptrdiff_t>(std::min(places->size(), limits::rows_per_page));
  for (; each != end && list.items.size() < wanted && bytes < limits::page_bytes; ++each) {
    auto item = item_at(rows, user, *each, what, *kept, now);
    if (!item)
      return item.error();
    if (!*item)
      continue;
    bytes += (*item)->last_message.size() + (*item)->meta.size() + (*item)->title.size();
    list.items.push_back(std::move(**item));
  }
  if (each != places->end())
    list.cursor = cursor_of(*(each - 1));
  return list;
}

result<unread_totals> read_totals_of(const row_reader& rows, const user_id& user, timestamp now) {
  auto places = places_of(rows, user);
  if (!places)
    return places.error();
  auto kept = preferences_of(rows, user);
  if (!kept)
    return kept.error();
  unread_totals totals;
  for (const auto& each : *places) {
    auto row = rows.required_conversation(each.conversation);
    if (!row)
      return row.error();
    const auto mine = kept->find(each.conversation);
    if (mine != kept->end() && is_hidden_now(mine->second, *row, now))
      continue;
    listed_conversation item;
    item.conversation = each.conversation;
    if (auto filled = fill_unread(rows, user, *row, item); !filled)
      return filled.error();
    const bool is_away = mine != kept->end() && is_archived(mine->second, *row, now);
    unread_sum& sum = is_away ? totals.archived : totals.at_hand;
    sum.conversations += item.unread > 0 ? 1 : 0;
    sum.unread += item.unread;
    sum.mentions += item.mentions;
  }
  return totals;
}

} // namespace parley
