// Reads who is invited to what.
#include <algorithm>
#include <tuple>
#include <utility>

#include "actors/digest.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"
#include "persistence/checksum.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// Where an invitation stands in its user's list: the newest first, then by conversation.
struct invitation_place {
  position at;
  conversation_id conversation;
  friend bool operator<(const invitation_place& a, const invitation_place& b) {
    return std::tie(b.at, a.conversation) < std::tie(a.at, b.conversation);
  }
};

std::string cursor_behind(const invitation_place& last) {
  std::string bytes;
  append_big_endian(bytes, last.at.value());
  return base64url(bytes.append(last.conversation.str()));
}

std::optional<invitation_place> invitation_place_in(const std::string& cursor) {
  const std::string bytes = from_base64url(cursor);
  if (bytes.size() <= 8)
    return {};
  invitation_place found{position{big_endian_at(bytes)}, conversation_id{bytes.substr(8)}};
  return cursor_behind(found) == cursor ? std::optional{std::move(found)} : std::nullopt;
}

result<std::vector<invitation_place>>
invitations_behind(const row_reader& rows, const user_id& user, const invitation_place* after) {
  std::vector<invitation_place> places;
  const auto see = [&](conversation_id conversation, const invited_row& row) {
    invitation_place place{row.at, std::move(conversation)};
    if (after == nullptr || *after < place)
      places.push_back(std::move(place));
    return true;
  };
  auto read = for_each_row(rows, model_table::invited, membership_prefix(user),
                           split_membership_key, decode_invited, see);
  if (!read)
    return read.error();
  std::sort(places.begin(), places.end());
  return places;
}

result<listed_invitation> invitation_at(const row_reader& rows, const user_id& user,
                                        const invitation_place& place) {
  auto offered = rows.required_invitation(place.conversation, user);
  if (!offered)
    return offered.error();
  auto facts = rows.required_conversation(place.conversation);
  if (!facts)
    return facts.error();
  return listed_invitation{place.conversation, facts->kind, std::move(facts->title),
                           std::move(*offered)};
}

struct invitation_counts {
  std::size_t of_all = 0;
  std::size_t of_one = 0; ///< By the one who asks; not counted where there are few.
};

result<invitation_counts> read_invitations_of(const row_reader& rows, const user_id& user,
                                              const user_id& by) {
  auto places = invitations_behind(rows, user, nullptr);
  if (!places)
    return places.error();
  invitation_counts counts{places->size(), 0};
  if (counts.of_all < limits::invitations_by_one)
    return counts;
  for (const auto& place : *places) {
    auto offered = rows.required_invitation(place.conversation, user);
    if (!offered)
      return offered.error();
    counts.of_one += offered->by == by ? 1 : 0;
  }
  return counts;
}

} // namespace

result<invitation_page> read_invitation_page(const row_reader& rows, const user_id& user,
                                             const list_invitations& what) {
  std::optional<invitation_place> after;
  if (what.cursor && !(after = invitation_place_in(*what.cursor)))
    return failure{error_code::bad_request, "this cursor is not one of invitations", {}};
  auto places = invitations_behind(rows, user, after ? &*after : nullptr);
  if (!places)
    return places.error();
  const std::size_t shown = std::min(rules::page_limit(what.limit), places->size());
  invitation_page page;
  for (std::size_t i = 0; i < shown; ++i) {
    auto item = invitation_at(rows, user, (*places)[i]);
    if (!item)
      return item.error();
    page.items.push_back(std::move(*item));
  }
  if (shown < places->size())
    page.cursor = cursor_behind((*places)[shown - 1]);
  return page;
}

result<std::vector<invitation>> read_invitations(const row_reader& rows,
                                                 const conversation_id& conversation) {
  std::vector<invitation> all;
  const auto take = [&](user_id user, invitation row) {
    row.user = std::move(user);
    all.push_back(std::move(row));
    return true;
  };
  auto read = for_each_row(rows, model_table::invitations, member_prefix(conversation),
                           split_member_key, decode_invitation, take);
  if (!read)
    return read.error();
  return all;
}

result<invitation_obstacles> read_obstacles(const row_reader& rows, const user_id& by,
                                            const std::vector<user_id>& users, bool counts) {
  invitation_obstacles found;
  for (const auto& user : users) {
    auto blockers = read_blockers(rows, rules::id_of_pair(by, user));
    if (!blockers)
      return blockers.error();
    if (!blockers->empty())
      found.blocked.push_back(user);
    if (!counts || !found.blocked.empty())
      continue; // nothing else counts then
    auto counted = read_invitations_of(rows, user, by);
    if (!counted)
      return counted.error();
    if (counted->of_all >= limits::invitations_of_user)
      found.gravest = invitation_obstacle::too_many;
    else if (counted->of_one >= limits::invitations_by_one &&
             found.gravest == invitation_obstacle::none)
      found.gravest = invitation_obstacle::too_many_of_one;
  }
  if (!found.blocked.empty())
    found.gravest = invitation_obstacle::blocked;
  return found;
}

} // namespace parley
