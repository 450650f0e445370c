// Reads what of unread messages is by people whom the reader has blocked.
#include "persistence/unheard_query.hpp"

#include <algorithm>
#include <limits>

#include "persistence/queries.hpp"
#include "persistence/tallies.hpp"

namespace parley {

namespace {

constexpr sequence last_sequence{std::numeric_limits<std::uint64_t>::max()};

/// What one author wrote, gone through from the oldest number on.
class unheard_query {
public:
  /// `looks` is how many messages may be looked at, and is less by those that were.
  unheard_query(const row_reader& rows, const unheard_question& asked, const user_id& author,
                std::size_t& looks)
      : rows_(rows), asked_(asked), author_(author), looks_left_(looks),
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
    if (++looked_at_ > limits::unheard_messages || looks_left_ == 0) {
      is_over_ = true;
      return success();
    }
    --looks_left_;
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
  std::size_t& looks_left_;
  std::string list_;
  others_correction sum_;
  sequence until_ = asked_.behind;
  std::size_t looked_at_ = 0;
  bool is_over_ = false;
};

} // namespace

namespace {

/// Those of the blocked who have written anything here: by going through all who have, as long as
/// they are fewer, or else through the blocked.
result<std::vector<user_id>> writers_among(const row_reader& rows, const conversation_id& in,
                                           unheard_authors& blocked) {
  const std::string own = tally_prefix(in, tally::own, user_id{});
  const std::string all = own.substr(0, own.size() - 1); // without the name's length
  std::vector<user_id> found;
  std::size_t steps = 0;
  cursor at = rows.rows(model_table::tallies);
  bool more = at.seek(all);
  while (more && at.key().starts_with(all)) {
    const auto place = split_tally_key(at.key());
    if (!place || ++steps > blocked.users.size())
      break;
    if (std::binary_search(blocked.users.begin(), blocked.users.end(), place->user))
      found.push_back(place->user);
    more = at.seek(tally_key(tally_prefix(in, tally::own, place->user), last_sequence).append("x"));
  }
  if (at.error())
    return *at.error();
  blocked.lists_left -= std::min(blocked.lists_left, steps);
  return steps > blocked.users.size() ? blocked.users : found;
}

} // namespace

result<unheard_authors> read_whom_blocked(const row_reader& rows, const user_id& user) {
  unheard_authors found;
  auto read = list_blocks_of(rows, model_table::blocked, user, found.users);
  if (!read)
    return read.error();
  return found;
}

result<others_correction> count_unheard(const row_reader& rows, const unheard_question& asked,
                                        unheard_authors& blocked) {
  others_correction sum;
  if (blocked.users.empty() || blocked.lists_left == 0)
    return sum;
  auto authors = writers_among(rows, asked.conversation, blocked);
  if (!authors)
    return authors.error();
  for (const auto& author : *authors) {
    if (blocked.lists_left == 0)
      break;
    --blocked.lists_left;
    auto theirs = unheard_query{rows, asked, author, blocked.messages_left}.run();
    if (!theirs)
      return theirs.error();
    sum.messages += theirs->messages;
    sum.mentions += theirs->mentions;
  }
  return sum;
}

namespace {

result<others_count> others_up_to(const row_reader& rows, const conversation_row& in,
                                  const unheard_question& asked, sequence seq) {
  if (seq < in.kept_from)
    return count_others(rows, asked.conversation, asked.user, seq, in.gone, in.mentions > 0);
  auto event = rows.required_event(asked.conversation, seq);
  if (!event)
    return event.error();
  return count_others(rows, asked.conversation, asked.user, seq, event->ordinal, in.mentions > 0);
}

} // namespace

result<others_correction> count_heard(const row_reader& rows, const conversation_row& in,
                                      unheard_question asked, unheard_authors& blocked) {
  others_correction sum;
  asked.behind = std::max(asked.behind, in.kept_from.previous());
  if (asked.behind >= asked.last)
    return sum;
  auto until = others_up_to(rows, in, asked, asked.last);
  if (!until)
    return until.error();
  auto before = others_up_to(rows, in, asked, asked.behind);
  if (!before)
    return before.error();
  sum.messages = static_cast<std::int64_t>(until->messages - before->messages);
  sum.mentions = static_cast<std::int64_t>(until->mentions - before->mentions);
  const auto add = [&](const result<others_correction>& by, std::int64_t sign) -> outcome {
    if (!by)
      return by.error();
    sum.messages += sign * by->messages;
    sum.mentions += sign * by->mentions;
    return success();
  };
  if (in.restated + in.hidden > 0)
    if (auto added =
            add(correct_others(rows, asked.conversation, asked.user, asked.behind, asked.last), 1);
        !added)
      return added.error();
  if (sum.messages <= 0)
    return sum;
  if (auto added = add(count_unheard(rows, asked, blocked), -1); !added)
    return added.error();
  return sum;
}

} // namespace parley
