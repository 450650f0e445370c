// Reads who is being erased, and what is still to be done for one of them.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "actors/limits.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// Messages of a user that one question looks at.
constexpr std::size_t own_messages_looked_at = 5'000;

/// Calls `see` for each number of a user's list of messages behind `behind`, rising, while it gives
/// true.
template <class See>
outcome for_each_own(const row_reader& rows, const conversation_id& conversation,
                     const user_id& user, sequence behind, See&& see) {
  const std::string list = tally_prefix(conversation, tally::own, user);
  cursor at = rows.rows(model_table::tallies);
  bool more = at.seek_before(tally_key(list, behind.next())) && at.key().starts_with(list);
  more = more || (!at.error() && at.seek(list)); // the row before may stand for numbers behind
  for (; more && at.key().starts_with(list); more = at.next()) {
    const auto place = split_tally_key(at.key());
    auto row = decode_tally(at.key(), at.value());
    if (!place || !row)
      return place ? row.error()
                   : failure{error_code::internal,
                             describe_row(model_table::tallies, at.key()) + " has a bad key",
                             {}};
    row->more.insert(row->more.begin(), 0);
    std::uint64_t number = place->seq.value();
    for (const auto each : row->more) {
      number += each;
      if (sequence{number} > behind && !see(sequence{number}))
        return success();
    }
  }
  return at.error() ? outcome{*at.error()} : success();
}

/// Some of a user's messages in one conversation that are there.
struct own_messages {
  std::vector<sequence> there;
  sequence last;           ///< The last one that was looked at.
  bool is_cut_off = false; ///< There may be more behind it.
};

/// What fell out of the conversation is gone, or going. What is damaged is left out: it cannot be
/// deleted, which the receipt says in the end.
result<own_messages> find_own(const row_reader& rows, const conversation_id& conversation,
                              const user_id& user, sequence behind, std::size_t most) {
  auto in = rows.conversation(conversation);
  if (!in)
    return in.error();
  own_messages found{{}, behind};
  if (!*in || (*in)->deleted)
    return found;
  const sequence begin = std::max(behind, first_kept(**in).previous());
  std::size_t looked_at = 0;
  const auto see = [&](sequence seq) {
    found.is_cut_off = found.there.size() == most || looked_at == own_messages_looked_at;
    if (found.is_cut_off)
      return false;
    ++looked_at;
    found.last = seq;
    const auto row = rows.message(conversation, seq);
    const bool is_erased = row && *row && (*row)->erased;
    if (row && !is_erased && rows.event(conversation, seq)) // else it is damaged, and nobody can
      found.there.push_back(seq);
    return true;
  };
  if (auto walked = for_each_own(rows, conversation, user, begin, see); !walked)
    return walked.error();
  return found;
}

/// Whether a user has a message there, however many were deleted.
result<bool> has_messages(const row_reader& rows, const conversation_id& conversation,
                          const user_id& user) {
  for (sequence behind;;) {
    auto found = find_own(rows, conversation, user, behind, 1);
    if (!found)
      return found.error();
    if (!found->there.empty() || !found->is_cut_off)
      return !found->there.empty();
    behind = found->last;
  }
}

class erasure_work_query {
public:
  erasure_work_query(const row_reader& rows, const erasure_work_question& asked)
      : rows_(rows), asked_(asked) {}

  // Who is a member goes first: then nobody speaks as the user any more.
  result<erasure_work> run() {
    for (const auto look :
         {&erasure_work_query::find_membership, &erasure_work_query::find_invitation,
          &erasure_work_query::find_messages}) {
      if (auto looked = (this->*look)(); !looked)
        return looked.error();
      if (!work_.conversation.empty())
        return std::move(work_);
    }
    return std::move(work_);
  }

private:
  outcome find_membership() {
    const auto see = [&](conversation_id conversation, const membership_row& row) {
      if (row.active())
        work_ = {std::move(conversation), {}, asked_.from};
      return !row.active();
    };
    return for_each_row(rows_, model_table::memberships, membership_prefix(asked_.user),
                        split_membership_key, decode_membership, see);
  }

  outcome find_invitation() {
    const auto see = [&](conversation_id conversation, const invited_row&) {
      work_ = {std::move(conversation), {}, asked_.from};
      return false;
    };
    return for_each_row(rows_, model_table::invited, membership_prefix(asked_.user),
                        split_membership_key, decode_invited, see);
  }

  /// Of all conversations that the user was ever in, from the place on.
  outcome find_messages() {
    if (asked_.policy != erasure_policy::remove)
      return success();
    const std::string prefix = membership_prefix(asked_.user);
    cursor at = rows_.rows(model_table::memberships);
    for (bool more = at.seek(prefix + asked_.from.conversation.str());
         more && at.key().starts_with(prefix) && work_.conversation.empty(); more = at.next()) {
      const conversation_id id{std::string(at.key().substr(prefix.size()))};
      const bool is_first = id == asked_.from.conversation;
      if (auto found = find_messages_in(id, is_first ? asked_.from.behind : sequence{}); !found)
        return found;
    }
    return at.error() ? outcome{*at.error()} : success();
  }

  outcome find_messages_in(const conversation_id& conversation, sequence behind) {
    auto held = rows_.hold(conversation);
    if (!held)
      return held.error();
    if (*held) {
      auto has_any = has_messages(rows_, conversation, asked_.user);
      if (!has_any)
        return has_any.error();
      work_.held += *has_any ? 1 : 0;
      return success();
    }
    auto found = find_own(rows_, conversation, asked_.user, behind, limits::erased_at_once);
    if (!found)
      return found.error();
    if (!found->there.empty() || found->is_cut_off)
      work_ = {conversation, std::move(found->there), {conversation, found->last}, work_.held};
    return success();
  }

  const row_reader& rows_;
  const erasure_work_question& asked_;
  erasure_work work_;
};

} // namespace

result<std::vector<user_erasure>> read_user_erasures(const row_reader& rows,
                                                     const std::optional<std::string>& id) {
  std::vector<user_erasure> all;
  if (id) {
    auto row = rows.erasure(*id);
    if (!row)
      return row.error();
    if (!*row)
      return all;
    user_erasure& what = all.emplace_back(std::move((*row)->what));
    if (what.phase == erasure_phase::begun && what.policy == erasure_policy::remove) {
      auto held = count_held_messages(rows, what.user);
      if (!held)
        return held.error();
      what.held = *held;
    }
    return all;
  }
  cursor at = rows.rows(model_table::erasures);
  for (bool more = at.first(); more; more = at.next()) {
    auto row = decode_erasure(at.key(), at.value());
    if (!row)
      return row.error();
    all.push_back(std::move(row->what));
  }
  if (at.error())
    return *at.error();
  return all;
}

result<std::uint64_t> count_held_messages(const row_reader& rows, const user_id& user) {
  std::uint64_t count = 0;
  cursor at = rows.rows(model_table::holds);
  for (bool more = at.first(); more; more = at.next()) {
    auto has_any = has_messages(rows, conversation_id{std::string(at.key())}, user);
    if (!has_any)
      return has_any.error();
    count += *has_any ? 1 : 0;
  }
  if (at.error())
    return *at.error();
  return count;
}

result<erasure_work> read_erasure_work(const row_reader& rows, const erasure_work_question& asked) {
  return erasure_work_query{rows, asked}.run();
}

} // namespace parley
