// Reads what is asked about users: to whom they show themselves because they share a conversation,
// when they were seen, what they show, who has blocked whom.
#include <algorithm>

#include "actors/limits_people.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// A user's conversations in rising order, ended ones too.
class conversations_of {
public:
  conversations_of(const row_reader& rows, const user_id& user)
      : prefix_(membership_prefix(user)), at_(rows.rows(model_table::memberships)),
        there_(at_.seek(prefix_)) {}

  bool there() const { return there_ && at_.key().starts_with(prefix_); }
  /// The conversation's id, while there is one.
  std::string_view conversation() const { return at_.key().substr(prefix_.size()); }
  void next() { there_ = at_.next(); }
  /// Goes on to `conversation`, or to the first one behind it.
  void seek(std::string_view conversation) {
    there_ = at_.seek(prefix_ + std::string(conversation));
  }
  result<bool> is_active() const {
    auto row = decode_membership(at_.key(), at_.value());
    if (!row)
      return row.error();
    return row->active();
  }
  const std::optional<failure>& error() const { return at_.error(); }

private:
  std::string prefix_;
  cursor at_;
  bool there_;
};

/// Both walk on to where the other one is, until they meet: the cost follows whoever has fewer.
class shared_query {
public:
  explicit shared_query(const row_reader& rows, std::size_t steps = limits::shared_steps)
      : rows_(rows), steps_left_(steps) {}

  bool has_steps_left() const noexcept { return steps_left_ > 0; }

  result<bool> share(const user_id& one, const user_id& other) {
    conversations_of left{rows_, one};
    conversations_of right{rows_, other};
    while (left.there() && right.there() && steps_left_ > 0) {
      --steps_left_;
      if (left.conversation() == right.conversation()) {
        auto met = both_active(left, right);
        if (!met || *met)
          return met;
        left.next();
      } else if (left.conversation() < right.conversation()) {
        left.seek(right.conversation());
      } else {
        right.seek(left.conversation());
      }
    }
    for (const auto* each : {&left, &right})
      if (each->error())
        return *each->error();
    return false;
  }

private:
  static result<bool> both_active(const conversations_of& left, const conversations_of& right) {
    auto active = left.is_active();
    return active && *active ? right.is_active() : active;
  }

  const row_reader& rows_;
  std::size_t steps_left_;
};

/// Whether a user may see what another shows.
result<bool> is_shown_to(const row_reader& rows, shared_query& query, const user_id& of,
                         const user_id& to) {
  if (of == to)
    return true;
  auto shares = query.share(of, to);
  if (!shares || !*shares)
    return shares;
  auto blocks = rows.blocks(of, to);
  if (!blocks)
    return blocks.error();
  return !*blocks;
}

} // namespace

result<shared_users> read_shared_with(const row_reader& rows, const user_id& user,
                                      const std::vector<user_id>& others) {
  auto applied = rows.applied();
  if (!applied)
    return applied.error();
  shared_users found{*applied, {}, 0};
  shared_query query{rows};
  for (const auto& other : others) {
    auto shares = query.share(user, other);
    if (!shares)
      return shares.error();
    if (*shares) {
      auto blocks = rows.blocks(user, other);
      if (!blocks)
        return blocks.error();
      *shares = !*blocks;
    }
    const bool given_up = !*shares && !query.has_steps_left();
    if (given_up && found.reached > 0)
      break; // for the next question, which gives them all the steps there are
    ++found.reached;
    if (*shares)
      found.shared.push_back(other);
  }
  return found;
}

result<seen_facts> read_last_seen(const row_reader& rows, const user_id& user) {
  auto row = rows.user(user);
  if (!row)
    return row.error();
  auto tuned = rows.tuning_of(user);
  if (!tuned)
    return tuned.error();
  seen_facts found;
  if (*row)
    found.at = (*row)->last_seen;
  found.is_shown = tuned->settings.last_seen.value_or(true);
  return found;
}

result<std::vector<listed_profile>> read_profiles(const row_reader& rows, const user_id& reader,
                                                  const std::vector<user_id>& users) {
  std::vector<listed_profile> found;
  shared_query query{rows, limits::profile_steps};
  for (const auto& user : users) {
    const bool is_again = std::any_of(found.begin(), found.end(),
                                      [&](const auto& each) { return each.user == user; });
    auto shown = is_again ? result<bool>{false} : is_shown_to(rows, query, user, reader);
    if (!shown)
      return shown.error();
    if (!*shown)
      continue;
    auto row = rows.profile_of(user);
    if (!row)
      return row.error();
    found.push_back({user, row->value_or(user_profile{})});
  }
  return found;
}

result<dealings> read_dealings_of(const row_reader& rows, const user_id& user) {
  auto applied = rows.applied();
  if (!applied)
    return applied.error();
  dealings found;
  found.as_of = *applied;
  auto blocked = list_blocks_of(rows, model_table::blocked, user, found.blocked);
  if (!blocked)
    return blocked.error();
  auto blockers = list_blocks_of(rows, model_table::blocked_by, user, found.blockers);
  if (!blockers)
    return blockers.error();
  found.is_complete = *blocked && *blockers;
  auto tuned = rows.tuning_of(user);
  if (!tuned)
    return tuned.error();
  found.types = tuned->settings.typing.value_or(true);
  found.shows_reads = tuned->settings.receipts.value_or(true);
  return found;
}

} // namespace parley
