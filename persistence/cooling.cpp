// One conversation after another, from its oldest row on.
#include "persistence/cooling.hpp"

#include <map>
#include <optional>
#include <utility>

#include "actors/fault.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

class cooling_walk {
public:
  cooling_walk(const row_reader& rows, const cooling_age& age)
      : rows_(rows), age_(age), with_(limits::cold_level) {}

  result<cooled_portion> run(const std::string& from) {
    cursor at = rows_.rows(model_table::events);
    bool more = from.empty() ? at.first() : at.seek(from);
    for (std::size_t seen = 0; more; ++seen) {
      if (seen == limits::cold_conversations_at_once || is_full()) {
        made_.next = at.key();
        break;
      }
      const auto place = split_event_key(at.key());
      if (!place) {
        more = at.next();
        continue;
      }
      if (auto packed = pack(at, place->first); !packed)
        return packed.error();
      if (!is_full())
        more = at.seek(event_prefix(place->first) + std::string(9, '\xff'));
    }
    if (at.error())
      return *at.error();
    return std::move(made_);
  }

private:
  bool is_full() const { return made_.segments.size() == limits::cold_segments_at_once; }

  /// The first number that stays as it is; 0 when all do: also while what fell out is going.
  result<sequence> end_of(const conversation_id& id, sequence oldest) const {
    auto row = rows_.conversation(id);
    if (!row)
      return row.error();
    if (!*row || (*row)->deleted || oldest < (*row)->kept_from)
      return sequence{};
    return (*row)->last_message.value() > 0 ? (*row)->last_message : (*row)->head;
  }

  /// Packs runs from the row on at which the cursor stands; leaves it behind them.
  outcome pack(cursor& at, const conversation_id& id) {
    if (!is_old(at, age_.before))
      return success();
    const auto oldest = split_event_key(at.key());
    auto end = end_of(id, oldest ? oldest->second : sequence{});
    if (!end)
      return end.error();
    const std::string prefix = event_prefix(id);
    bool more = true;
    while (more && !is_full()) {
      const bool waited = is_old(at, age_.long_before);
      more = collect(at, prefix, *end);
      if (run_.is_full() || (run_.count() >= limits::cold_events_low && waited))
        keep(id);
      if (!run_.is_full())
        break;
    }
    return success();
  }

  /// The next run; whether rows are left behind it.
  bool collect(cursor& at, const std::string& prefix, sequence end) {
    run_.begin(sequence{});
    said_.clear();
    bool more = true;
    for (; more && at.key().starts_with(prefix) && !run_.is_full(); more = at.next()) {
      const auto place = split_event_key(at.key());
      const auto row = decode_event(at.key(), at.value());
      const auto facts = row ? facts_of(row->event) : std::nullopt;
      if (!place || !facts || place->second >= end || facts->at >= age_.before)
        return false;
      if (run_.count() == 0)
        run_.begin(place->second);
      if (place->second != run_.next())
        return false;
      run_.add(*row);
      note_author(*row, *facts, place->second);
    }
    return more && at.key().starts_with(prefix);
  }

  void keep(const conversation_id& id) {
    const sequence last = run_.next().previous();
    made_.segments.push_back({id, run_.first(), last, run_.value(event_key(id, last), with_),
                              run_.raw_bytes(), packed_tallies(id)});
  }

  /// The rows of each author's list that are in the run, as one. A list that is not as it should be
  /// stays as it is.
  std::vector<std::pair<std::string, std::string>> packed_tallies(const conversation_id& id) const {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& [author, numbers] : said_) {
      const std::string list = tally_prefix(id, tally::own, user_id{author});
      const auto before = count_of_rows(list, numbers);
      if (numbers.size() < 2 || !before)
        continue;
      tally_row packed{*before, {}};
      for (std::size_t i = 1; i < numbers.size(); ++i) {
        packed.more.push_back(numbers[i].value() - numbers[i - 1].value());
        rows.emplace_back(tally_key(list, numbers[i]), std::string{});
      }
      std::string key = tally_key(list, numbers.front());
      std::string value = encode_row(key, packed);
      rows.emplace_back(std::move(key), std::move(value));
    }
    return rows;
  }

  /// What the first row says, if there is one for each of these numbers and no other between them.
  std::optional<std::uint64_t> count_of_rows(const std::string& list,
                                             const std::vector<sequence>& numbers) const {
    cursor at = rows_.rows(model_table::tallies);
    bool more = at.seek(tally_key(list, numbers.front()));
    std::optional<std::uint64_t> first;
    std::uint64_t count = 0;
    for (const auto& each : numbers) {
      const auto row = more && at.key() == tally_key(list, each)
                           ? decode_tally(at.key(), at.value())
                           : result<tally_row>{failure{error_code::internal, "no such row", {}}};
      if (!row || !row->more.empty() || (first && row->count != count + 1))
        return std::nullopt;
      count = row->count;
      first = first.value_or(count);
      more = at.next();
    }
    return first;
  }

  void note_author(const event_row& row, const event_facts& facts, sequence seq) {
    if (row.kind == record_kind::message)
      said_[std::string(facts.from)].push_back(seq);
  }

  static bool is_old(const cursor& at, timestamp before) {
    const auto row = decode_event(at.key(), at.value());
    const auto facts = row ? facts_of(row->event) : std::nullopt;
    return facts && facts->at < before;
  }

  const row_reader& rows_;
  const cooling_age& age_;
  compressor with_;
  segment_maker run_;
  std::map<std::string, std::vector<sequence>> said_; ///< In the run, by author.
  cooled_portion made_;
};

} // namespace

result<cooled_portion> pack_old_events(const row_reader& rows, const std::string& from,
                                       const cooling_age& age) {
  return cooling_walk{rows, age}.run(from);
}

outcome write_segments(write_transaction& to, const cooled_portion& what) {
  const row_reader rows{to};
  cold_changes changes{rows};
  for (const auto& each : what.segments) {
    if (auto put = changes.put(event_key(each.conversation, each.last), each.value, each.raw_bytes);
        !put)
      return put;
    for (sequence seq = each.first; seq <= each.last; seq = seq.next())
      to.erase(index_of(model_table::events), event_key(each.conversation, seq));
    for (const auto& [key, value] : each.tallies)
      value.empty() ? to.erase(index_of(model_table::tallies), key)
                    : to.put(index_of(model_table::tallies), key, value);
  }
  failpoint("cooling.within_segments");
  changes.write(to);
  return success();
}

namespace {

/// The rows of one author's list that were one; whether they were. What cannot be read stays.
result<bool> unpack_tally(write_transaction& to, const row_reader& rows, const std::string& list,
                          sequence first) {
  const std::string key = tally_key(list, first);
  tally_row packed;
  {
    cursor at = rows.rows(model_table::tallies);
    if (!at.seek(key) || at.key() != key)
      return at.error() ? result<bool>{*at.error()} : false;
    auto row = decode_tally(at.key(), at.value());
    if (!row || row->more.empty())
      return false;
    packed = std::move(*row);
  }
  std::uint64_t count = packed.count;
  for (const auto seq : numbers_of(first, packed)) {
    const std::string place = tally_key(list, seq);
    to.put(index_of(model_table::tallies), place, encode_row(place, tally_row{count++, {}}));
  }
  return true;
}

/// The lists of those who wrote what is in a segment, `most` of them; how many were packed.
result<std::size_t> unpack_tallies(write_transaction& to, const cold_segment& segment,
                                   std::size_t most) {
  std::map<std::string, sequence> said; // the first in the segment, by author
  for (sequence seq = segment.first(); seq <= segment.last(); seq = seq.next()) {
    const event_row& row = *segment.find(seq);
    if (const auto facts = facts_of(row.event); facts && row.kind == record_kind::message)
      said.try_emplace(std::string(facts->from), seq);
  }
  const row_reader rows{to};
  std::size_t unpacked = 0;
  for (auto each = said.begin(); each != said.end() && unpacked < most; ++each) {
    auto was_packed = unpack_tally(
        to, rows, tally_prefix(segment.conversation(), tally::own, user_id{each->first}),
        each->second);
    if (!was_packed)
      return was_packed.error();
    unpacked += *was_packed ? 1 : 0;
  }
  return unpacked;
}

} // namespace

outcome unpack_segment(write_transaction& to, const cold_segment& segment, const std::string& key,
                       std::string_view value, std::size_t most_lists) {
  auto lists = unpack_tallies(to, segment, most_lists);
  if (!lists)
    return lists.error();
  if (*lists > 0)
    return success();
  const row_reader rows{to};
  cold_changes changes{rows};
  if (auto gone = changes.erase(key, value); !gone)
    return gone;
  for (sequence seq = segment.first(); seq <= segment.last(); seq = seq.next()) {
    const std::string place = event_key(segment.conversation(), seq);
    to.put(index_of(model_table::events), place, encode_row(place, *segment.find(seq)));
  }
  changes.write(to);
  return success();
}

} // namespace parley
