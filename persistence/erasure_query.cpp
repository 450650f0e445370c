// Reads who is being erased, and what is still to be done for one of them.
#include <utility>

#include "actors/limits.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// Messages of a user that one question looks at.
constexpr std::size_t own_messages_looked_at = 5'000;

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
    return erasure_work{};
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
    const std::string prefix = tally_prefix(conversation, tally::own, asked_.user);
    std::vector<sequence> messages;
    sequence last = behind;
    cursor at = rows_.rows(model_table::tallies);
    bool more = at.seek(tally_key(prefix, behind.next()));
    std::size_t looked_at = 0;
    for (; more && at.key().starts_with(prefix) && messages.size() < limits::erased_at_once &&
           looked_at < own_messages_looked_at;
         more = at.next(), ++looked_at) {
      const auto place = split_tally_key(at.key());
      if (!place)
        return failure{error_code::internal,
                       describe_row(model_table::tallies, at.key()) + " has a bad key",
                       {}};
      last = place->seq;
      auto row = rows_.message(conversation, last);
      if (!row)
        return row.error();
      if (!*row || !(*row)->erased)
        messages.push_back(last);
    }
    if (at.error())
      return *at.error();
    if (!messages.empty() || looked_at == own_messages_looked_at)
      work_ = {conversation, std::move(messages), {conversation, last}};
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
    if (*row)
      all.push_back(std::move((*row)->what));
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

result<erasure_work> read_erasure_work(const row_reader& rows, const erasure_work_question& asked) {
  return erasure_work_query{rows, asked}.run();
}

} // namespace parley
