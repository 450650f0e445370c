// Sums in blocks of three sizes.
#include "persistence/corrections.hpp"

#include <algorithm>

#include "persistence/checksum.hpp"

namespace parley {

namespace {

/// The sum of the blocks `first`..`last` of a level.
result<std::int64_t> sum_of(const row_reader& rows, const std::string& list, unsigned level,
                            std::uint64_t first, std::uint64_t last) {
  std::int64_t sum = 0;
  if (first > last)
    return sum;
  const std::string end = correction_key(list, level, last);
  cursor at = rows.rows(model_table::corrections);
  for (bool more = at.seek(correction_key(list, level, first)); more && at.key() <= end;
       more = at.next()) {
    auto row = decode_correction(at.key(), at.value());
    if (!row)
      return row.error();
    sum += *row;
  }
  if (at.error())
    return *at.error();
  return sum;
}

/// The sum of all numbers before `end`: of whole blocks as large as they come.
result<std::int64_t> sum_before(const row_reader& rows, const std::string& list,
                                std::uint64_t end) {
  std::int64_t sum = 0;
  std::uint64_t from = 0;
  for (unsigned level = correction_levels; level-- > 0;) {
    const unsigned shift = correction_shift(level);
    const std::uint64_t first = from >> shift;
    const std::uint64_t behind = end >> shift;
    if (behind == first)
      continue;
    auto part = sum_of(rows, list, level, first, behind - 1);
    if (!part)
      return part.error();
    sum += *part;
    from = behind << shift;
  }
  return sum;
}

result<std::int64_t> sum_behind(const row_reader& rows, const std::string& list, sequence after,
                                sequence last) {
  auto upper = sum_before(rows, list, last.value() + 1);
  if (!upper)
    return upper.error();
  auto lower = sum_before(rows, list, after.value() + 1);
  if (!lower)
    return lower.error();
  return *upper - *lower;
}

bool names(const mentioned& who, const user_id& user) {
  return std::find(who.users.begin(), who.users.end(), user) != who.users.end();
}

} // namespace

std::string correction_key(const std::string& list, unsigned level, std::uint64_t block) {
  std::string key = list;
  key.push_back(static_cast<char>(level));
  append_big_endian(key, block);
  return key;
}

outcome correction_changes::add(const std::string& list, sequence message, std::int64_t by) {
  for (unsigned level = 0; level < correction_levels; ++level) {
    const std::string key = correction_key(list, level, message.value() >> correction_shift(level));
    const auto [sum, unseen] = sums_.try_emplace(key);
    if (unseen) {
      auto stored = base_.correction(key);
      if (!stored)
        return stored.error();
      sum->second = *stored;
    }
    sum->second += by;
  }
  return success();
}

outcome correction_changes::add(const list_changes& changes, sequence message) {
  for (const auto& [list, by] : changes)
    if (auto added = add(list, message, by); !added)
      return added;
  return success();
}

list_changes changes_of_erasing(const conversation_id& in, const user_id& author,
                                const mentioned& mentions) {
  list_changes changes = changes_of_mentioning(in, author, mentions, {});
  changes.emplace_back(correction_prefix(in, correction::messages, {}), -1);
  changes.emplace_back(correction_prefix(in, correction::own, author), -1);
  return changes;
}

// Nobody is mentioned by themselves.
list_changes changes_of_mentioning(const conversation_id& in, const user_id& author,
                                   const mentioned& before, const mentioned& now) {
  list_changes changes;
  for (const auto& user : before.users)
    if (user != author && !names(now, user))
      changes.emplace_back(correction_prefix(in, correction::named, user), -1);
  for (const auto& user : now.users)
    if (user != author && !names(before, user))
      changes.emplace_back(correction_prefix(in, correction::named, user), 1);
  if (before.everyone != now.everyone) {
    const std::int64_t by = now.everyone ? 1 : -1;
    changes.emplace_back(correction_prefix(in, correction::everyone, {}), by);
    changes.emplace_back(correction_prefix(in, correction::everyone_by, author), by);
  }
  return changes;
}

bool mentions_user(const mentioned& who, const user_id& user) {
  return who.everyone || names(who, user);
}

list_changes changes_of_hiding(const conversation_id& in, const user_id& from,
                               const mentioned& mentions) {
  list_changes changes{{correction_prefix(in, correction::hidden, from), -1}};
  if (mentions_user(mentions, from))
    changes.emplace_back(correction_prefix(in, correction::hidden_named, from), -1);
  return changes;
}

list_changes changes_of_hidden(const conversation_id& in, const user_id& from,
                               const mentioned& before, const std::optional<mentioned>& now) {
  list_changes changes;
  if (!now)
    changes.emplace_back(correction_prefix(in, correction::hidden, from), 1);
  const bool was = mentions_user(before, from);
  const bool is = now && mentions_user(*now, from);
  if (was != is)
    changes.emplace_back(correction_prefix(in, correction::hidden_named, from), was ? 1 : -1);
  return changes;
}

std::vector<std::pair<std::string, std::string>> correction_changes::encoded() const {
  std::vector<std::pair<std::string, std::string>> rows;
  rows.reserve(sums_.size());
  for (const auto& [key, sum] : sums_)
    rows.emplace_back(key, sum == 0 ? std::string{} : encode_correction(key, sum));
  return rows;
}

result<others_correction> correct_others(const row_reader& rows, const conversation_id& in,
                                         const user_id& user, sequence after, sequence last) {
  const auto of = [&](correction what, const user_id& whose) {
    return sum_behind(rows, correction_prefix(in, what, whose), after, last);
  };
  auto messages = of(correction::messages, {});
  auto own = of(correction::own, user);
  auto named = of(correction::named, user);
  auto everyone = of(correction::everyone, {});
  auto everyone_by = of(correction::everyone_by, user);
  auto hidden = of(correction::hidden, user);
  auto hidden_named = of(correction::hidden_named, user);
  for (const auto* each :
       {&messages, &own, &named, &everyone, &everyone_by, &hidden, &hidden_named})
    if (!*each)
      return each->error();
  return others_correction{*messages - *own + *hidden,
                           *named + *everyone - *everyone_by + *hidden_named};
}

result<std::int64_t> correct_own(const row_reader& rows, const conversation_id& in,
                                 const user_id& author, sequence after, sequence last) {
  return sum_behind(rows, correction_prefix(in, correction::own, author), after, last);
}

} // namespace parley
