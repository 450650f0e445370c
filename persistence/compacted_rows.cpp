// Every row is judged by the view that it comes from, so that none depends on what was written.
#include "persistence/compacted_rows.hpp"

#include <algorithm>
#include <utility>

#include "persistence/checksum.hpp"
#include "persistence/corrections.hpp"
#include "persistence/event_facts.hpp"

namespace parley {

namespace {

/// A list of corrections, and the block of numbers that a row of it is about.
struct correction_place {
  tally_place list; ///< Without a number.
  sequence first;
  sequence last;
};

/// Nothing unless the row is of whom was mentioned by name. The first parts of the key are spelled
/// like those of a tally's.
std::optional<correction_place> split_named_correction(const std::string& key) {
  constexpr std::size_t tail = 1 + sizeof(std::uint64_t);
  if (key.size() < tail)
    return std::nullopt;
  auto place = split_tally_key(key.substr(0, key.size() - tail) + std::string(8, '\0'));
  const auto level = static_cast<unsigned char>(key[key.size() - tail]);
  if (!place || level >= correction_levels ||
      correction_prefix(place->conversation, correction::named, place->user) !=
          key.substr(0, key.size() - tail))
    return std::nullopt;
  const std::uint64_t block =
      big_endian_at(std::string_view{key}.substr(key.size() - sizeof(std::uint64_t)));
  const unsigned shift = correction_shift(level);
  return correction_place{std::move(*place), sequence{block << shift},
                          sequence{((block + 1) << shift) - 1}};
}

} // namespace

std::optional<std::string> compacted_rows::see(model_table table, const std::string& key,
                                               std::string_view value) {
  switch (table) {
  case model_table::events:
    return event(key, value);
  case model_table::cold:
    return segment(key, value);
  case model_table::conversations:
    return conversation(key, value);
  case model_table::messages:
    return message(key, value);
  case model_table::tallies:
    return tally_of(key, value);
  case model_table::corrections:
    return correction_of(key, value);
  default:
    return std::nullopt;
  }
}

// --- Reactions -----------------------------------------------------------------------------------

std::optional<std::string> compacted_rows::event(const std::string& key, std::string_view value) {
  const auto place = split_event_key(key);
  const auto row = decode_event(key, value);
  if (!place || !row)
    return std::nullopt;
  auto left = left_of(place->first, *row);
  if (!left)
    return std::nullopt;
  event_row now = *row;
  now.event = *left;
  return encode_row(key, now);
}

std::optional<std::string> compacted_rows::segment(const std::string& key, std::string_view value) {
  const auto opened = cold_segment::open(key, value, unpacker_);
  if (!opened)
    return std::nullopt;
  const cold_segment& old = **opened;
  segment_maker made;
  made.begin(old.first());
  bool is_changed = false;
  for (event_row row : old.events()) {
    const auto left = left_of(old.conversation(), row);
    if (left)
      row.event = *left;
    is_changed = is_changed || left;
    made.add(row);
  }
  if (!is_changed)
    return std::nullopt;
  std::string now = made.value(key, packer_);
  before_.bytes += value.size();
  before_.raw_bytes += old.bytes();
  after_.bytes += now.size();
  after_.raw_bytes += made.raw_bytes();
  return now;
}

result<std::vector<row_change>> compacted_rows::rest() const {
  std::vector<row_change> rows;
  for (const auto& [key, sum] : missing_)
    rows.push_back({model_table::corrections, key, encode_correction(key, sum)});
  if (before_ == cold_totals{})
    return rows;
  auto all = read_cold_totals(rows_);
  if (!all)
    return all.error();
  const auto put = [&](const std::string& name, std::uint64_t sum, std::uint64_t before,
                       std::uint64_t after) {
    rows.push_back(
        {model_table::meta, name, encode_meta(name, sum - std::min(sum, before) + after)});
  };
  put(meta::cold_bytes, all->bytes, before_.bytes, after_.bytes);
  put(meta::cold_raw_bytes, all->raw_bytes, before_.raw_bytes, after_.raw_bytes);
  return rows;
}

std::optional<std::string> compacted_rows::left_of(const conversation_id& in,
                                                   const event_row& row) {
  if (row.kind != record_kind::reacted)
    return std::nullopt;
  const auto facts = facts_of(row.event);
  if (!facts || facts->message == 0)
    return std::nullopt;
  const sequence message{facts->message};
  const bool is_gone = message < kept_from(in) || is_erased(in, message);
  return is_gone ? left_of_reaction(row.event) : std::nullopt;
}

// --- Mentions ------------------------------------------------------------------------------------

std::optional<std::string> compacted_rows::message(const std::string& key, std::string_view value) {
  const auto place = split_event_key(key);
  auto row = decode_message(key, value);
  if (!place || !row || !row->erased || !row->sent_with)
    return std::nullopt;
  const auto gone = std::erase_if(
      row->sent_with->users, [&](const user_id& each) { return is_stranger(place->first, each); });
  return gone > 0 ? std::optional{encode_row(key, *row)} : std::nullopt;
}

// Without whom it mentioned, a message is none that mentions somebody.
std::optional<std::string> compacted_rows::conversation(const std::string& key,
                                                        std::string_view value) {
  auto row = decode_conversation(key, value);
  if (!row || row->deleted || row->mentions == 0 || row->restated == 0)
    return std::nullopt;
  const conversation_id in{key};
  const std::string prefix = event_prefix(in);
  std::uint64_t fewer = 0;
  cursor at = rows_.rows(model_table::messages);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    const auto place = split_event_key(at.key());
    auto message = decode_message(at.key(), at.value());
    if (!place || !message || !message->erased || !message->sent_with ||
        message->sent_with->everyone)
      continue;
    auto& users = message->sent_with->users;
    if (std::none_of(users.begin(), users.end(),
                     [&](const user_id& each) { return is_stranger(in, each); }))
      continue;
    const auto sent = rows_.event(in, place->second);
    const auto facts = sent && *sent ? facts_of((*sent)->event) : std::nullopt;
    if (facts)
      std::erase_if(users, [&](const user_id& each) { return each.str() == facts->from; });
    const bool mentioned_any = !users.empty();
    std::erase_if(users, [&](const user_id& each) { return is_stranger(in, each); });
    fewer += mentioned_any && users.empty() ? 1 : 0;
  }
  if (fewer == 0)
    return std::nullopt;
  row->mentions -= std::min(row->mentions, fewer);
  return encode_row(key, *row);
}

// The rows that stay are counted anew, from the first that is kept on.
std::optional<std::string> compacted_rows::tally_of(const std::string& key,
                                                    std::string_view value) {
  const auto place = split_tally_key(key);
  if (!place || place->what != tally::named || !is_stranger(place->conversation, place->user))
    return std::nullopt;
  const auto row = decode_tally(key, value);
  if (!row || !row->more.empty())
    return std::nullopt;
  std::string list = tally_prefix(place->conversation, place->what, place->user);
  if (list != list_) {
    list_ = std::move(list);
    counted_ = 0;
  }
  const bool is_gone = is_erased(place->conversation, place->seq);
  if (is_gone)
    note_missing(*place);
  if (is_gone || place->seq < kept_from(place->conversation))
    return std::string{};
  return encode_tally(key, ++counted_);
}

void compacted_rows::note_missing(const tally_place& of) {
  const std::string list = correction_prefix(of.conversation, correction::named, of.user);
  for (unsigned level = 0; level < correction_levels; ++level) {
    std::string key = correction_key(list, level, of.seq.value() >> correction_shift(level));
    const auto sum = rows_.correction(key);
    if (sum && *sum == 0)
      ++missing_[std::move(key)];
  }
}

// Each deleted message was taken off once; it is not counted any more.
std::optional<std::string> compacted_rows::correction_of(const std::string& key,
                                                         std::string_view value) {
  const auto place = split_named_correction(key);
  if (!place || !is_stranger(place->list.conversation, place->list.user))
    return std::nullopt;
  const auto sum = decode_correction(key, value);
  if (!sum)
    return std::nullopt;
  const conversation_id& in = place->list.conversation;
  const std::string list = tally_prefix(in, tally::named, place->list.user);
  std::int64_t erased = 0;
  cursor at = rows_.rows(model_table::tallies);
  for (bool more = at.seek(tally_key(list, place->first));
       more && at.key().starts_with(list) && at.key() <= tally_key(list, place->last);
       more = at.next())
    if (const auto each = split_tally_key(at.key()))
      erased += is_erased(in, each->seq) ? 1 : 0;
  if (erased == 0)
    return std::nullopt;
  return *sum + erased == 0 ? std::string{} : encode_correction(key, *sum + erased);
}

// --- What they have in common --------------------------------------------------------------------

bool compacted_rows::is_erased(const conversation_id& in, sequence seq) const {
  const auto row = rows_.message(in, seq);
  return row && *row && (*row)->erased;
}

sequence compacted_rows::kept_from(const conversation_id& in) {
  if (!kept_ || kept_->first != in) {
    const auto row = rows_.conversation(in);
    kept_.emplace(in, row && *row ? (*row)->kept_from : sequence{});
  }
  return kept_->second;
}

bool compacted_rows::is_stranger(const conversation_id& in, const user_id& user) {
  std::string key = membership_key(user, in);
  if (!stranger_ || stranger_->first != key) {
    const auto periods = rows_.membership(user, in);
    stranger_.emplace(std::move(key), periods && !*periods);
  }
  return stranger_->second;
}

} // namespace parley
