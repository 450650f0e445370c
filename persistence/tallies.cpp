// Lists of message numbers, each row with how many there are up to it.
#include "persistence/tallies.hpp"

#include <algorithm>

namespace parley {

outcome tally_changes::add(const std::string& prefix, sequence seq) {
  const auto [list, unseen] = lists_.try_emplace(prefix);
  if (unseen) {
    auto before = base_.tallied(prefix, seq);
    if (!before)
      return before.error();
    list->second.before = *before;
  }
  list->second.added.push_back(seq);
  return success();
}

result<std::uint64_t> tally_changes::up_to(const std::string& prefix, sequence seq) const {
  const auto list = lists_.find(prefix);
  if (list == lists_.end() || seq < list->second.added.front())
    return base_.tallied(prefix, seq);
  const auto& added = list->second.added;
  const auto up_to = std::upper_bound(added.begin(), added.end(), seq) - added.begin();
  return list->second.before + static_cast<std::uint64_t>(up_to);
}

std::vector<std::pair<std::string, std::string>> tally_changes::encoded() const {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& [prefix, list] : lists_) {
    std::uint64_t count = list.before;
    for (const auto& seq : list.added) {
      std::string key = tally_key(prefix, seq);
      std::string value = encode_tally(key, ++count);
      rows.emplace_back(std::move(key), std::move(value));
    }
  }
  return rows;
}

namespace {

result<std::uint64_t> counted(const row_reader& tallies, const std::string& prefix, sequence seq) {
  return tallies.tallied(prefix, seq);
}

result<std::uint64_t> counted(const tally_changes& tallies, const std::string& prefix,
                              sequence seq) {
  return tallies.up_to(prefix, seq);
}

} // namespace

template <class Tallies>
result<others_count> count_others(const Tallies& tallies, const conversation_id& conversation,
                                  const user_id& user, sequence seq, message_ordinal ordinal,
                                  bool has_mentions) {
  const auto of = [&](tally what, const user_id& whose) {
    return counted(tallies, tally_prefix(conversation, what, whose), seq);
  };
  auto own = of(tally::own, user);
  if (!own)
    return own.error();
  others_count count{ordinal.value() - *own, 0};
  if (!has_mentions)
    return count;
  auto named = of(tally::named, user);
  auto everyone = of(tally::everyone, user_id{});
  auto everyone_by = of(tally::everyone_by, user);
  for (const auto* each : {&named, &everyone, &everyone_by})
    if (!*each)
      return each->error();
  count.mentions = *named + *everyone - *everyone_by;
  return count;
}

template result<others_count> count_others(const row_reader&, const conversation_id&,
                                           const user_id&, sequence, message_ordinal, bool);
template result<others_count> count_others(const tally_changes&, const conversation_id&,
                                           const user_id&, sequence, message_ordinal, bool);

result<message_ordinal> count_messages(const row_reader& rows, const conversation_id& conversation,
                                       sequence seq) {
  std::string all = tally_prefix(conversation, tally::own, {});
  all.pop_back(); // of nobody in particular
  std::uint64_t count = 0;
  cursor at = rows.rows(model_table::tallies);
  for (bool more = at.seek(all); more && at.key().starts_with(all);) {
    const auto place = split_tally_key(at.key());
    if (!place)
      return failure{error_code::internal,
                     describe_row(model_table::tallies, at.key()) + " has a bad key",
                     {}};
    const std::string list = tally_prefix(conversation, tally::own, place->user);
    auto written = rows.tallied(list, seq);
    if (!written)
      return written.error();
    count += *written;
    more = at.seek(tally_key(list, sequence{UINT64_MAX}));
  }
  if (at.error())
    return *at.error();
  return message_ordinal{count};
}

} // namespace parley
