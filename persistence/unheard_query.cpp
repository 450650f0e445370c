// Reads what of unread messages is by people whom the reader has blocked.
#include "persistence/unheard_query.hpp"

#include "actors/limits_people.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// What one author wrote, gone through from the oldest number on.
class unheard_query {
public:
  unheard_query(const row_reader& rows, const unheard_question& asked, const user_id& author)
      : rows_(rows), asked_(asked), author_(author),
        list_(tally_prefix(asked.conversation, tally::own, author)) {}

  result<others_correction> run() {
    const std::string first = tally_key(list_, asked_.behind.next());
    cursor at = rows_.rows(model_table::tallies);
    // A row may have numbers behind its own.
    bool more = at.seek_before(first) && at.key().starts_with(list_);
    if (!more)
      more = at.seek(first);
    for (; more && !is_over_ && at.key().starts_with(list_); more = at.next()) {
      auto row = decode_tally(at.key(), at.value());
      if (!row)
        return row.error();
      const auto place = split_tally_key(at.key());
      if (!place || place->seq > asked_.last)
        break;
      for (const auto& seq : numbers_of(*place, *row))
        if (auto taken = take(seq); !taken)
          return taken.error();
    }
    if (at.error())
      return *at.error();
    return is_over_ ? with_the_rest() : sum_;
  }

private:
  outcome take(sequence seq) {
    if (seq <= asked_.behind || seq > asked_.last || is_over_)
      return success();
    if (++looked_at_ > limits::unheard_messages) {
      is_over_ = true;
      return success();
    }
    until_ = seq;
    auto known = read_message(rows_, asked_.conversation, {seq, asked_.user, {}});
    if (!known)
      return known.error();
    if (!*known || (*known)->erased || (*known)->hidden)
      return success();
    ++sum_.messages;
    sum_.mentions += mentions_user((*known)->mentions, asked_.user) ? 1 : 0;
    return success();
  }

  // By their number alone.
  result<others_correction> with_the_rest() {
    auto all = rows_.tallied(list_, asked_.last);
    if (!all)
      return all.error();
    auto seen = rows_.tallied(list_, until_);
    if (!seen)
      return seen.error();
    auto by = correct_own(rows_, asked_.conversation, author_, until_, asked_.last);
    if (!by)
      return by.error();
    sum_.messages += static_cast<std::int64_t>(*all - *seen) + *by;
    return sum_;
  }

  const row_reader& rows_;
  const unheard_question& asked_;
  const user_id& author_;
  std::string list_;
  others_correction sum_;
  sequence until_;
  std::size_t looked_at_ = 0;
  bool is_over_ = false;
};

} // namespace

result<std::vector<user_id>> read_whom_blocked(const row_reader& rows, const user_id& user) {
  const std::string prefix = membership_prefix(user);
  std::vector<user_id> users;
  cursor at = rows.rows(model_table::blocked);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    if (users.size() == limits::dealings)
      break;
    users.emplace_back(std::string(at.key().substr(prefix.size())));
  }
  if (at.error())
    return *at.error();
  return users;
}

result<others_correction> count_unheard(const row_reader& rows, const unheard_question& asked,
                                        const std::vector<user_id>& blocked) {
  others_correction sum;
  for (const auto& author : blocked) {
    auto theirs = unheard_query{rows, asked, author}.run();
    if (!theirs)
      return theirs.error();
    sum.messages += theirs->messages;
    sum.mentions += theirs->mentions;
  }
  return sum;
}

} // namespace parley
