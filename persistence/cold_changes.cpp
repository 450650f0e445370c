// A deletion writes a segment anew rather than taking it apart: what has cooled stays cold.
#include "persistence/cold_changes.hpp"

#include <algorithm>
#include <utility>

namespace parley {

result<cold_totals> read_cold_totals(const row_reader& rows) {
  auto bytes = rows.find_meta_number(meta::cold_bytes);
  if (!bytes)
    return bytes.error();
  auto raw = rows.find_meta_number(meta::cold_raw_bytes);
  if (!raw)
    return raw.error();
  return cold_totals{bytes->value_or(0), raw->value_or(0)};
}

outcome cold_changes::read_totals() {
  if (totals_)
    return success();
  auto totals = read_cold_totals(base_);
  if (!totals)
    return totals.error();
  totals_ = *totals;
  return success();
}

void cold_changes::count(std::uint64_t bytes, std::uint64_t raw_bytes, bool goes) {
  const auto change = [goes](std::uint64_t& sum, std::uint64_t by) {
    sum = goes ? sum - std::min(sum, by) : sum + by;
  };
  change(totals_->bytes, bytes);
  change(totals_->raw_bytes, raw_bytes);
}

outcome cold_changes::replace(const event_row& row, sequence seq, std::string event) {
  if (auto read = read_totals(); !read)
    return read;
  const std::string key = event_key(row.segment->conversation(), row.segment->last());
  rewritten& what = rewritten_[key];
  if (!what.segment) {
    what.segment = row.segment;
    cursor at = base_.rows(model_table::cold);
    what.bytes = at.seek(key) && at.key() == key ? at.value().size() : 0;
    if (at.error())
      return *at.error();
  }
  what.events.insert_or_assign(seq, std::move(event));
  return success();
}

outcome cold_changes::put(std::string key, std::string value, std::uint64_t raw_bytes) {
  if (auto read = read_totals(); !read)
    return read;
  count(value.size(), raw_bytes, false);
  others_.insert_or_assign(std::move(key), std::move(value));
  return success();
}

outcome cold_changes::erase(std::string key, std::string_view value) {
  if (auto read = read_totals(); !read)
    return read;
  if (const auto row = decode_cold(key, value); row)
    count(value.size(), row->raw_bytes, true);
  others_.insert_or_assign(std::move(key), std::string{});
  return success();
}

std::string cold_changes::encoded(const std::string& key, const rewritten& what,
                                  cold_totals& into) const {
  segment_maker made;
  made.begin(what.segment->first());
  for (event_row row : what.segment->events()) {
    if (const auto fresh = what.events.find(made.next()); fresh != what.events.end())
      row.event = fresh->second;
    made.add(row);
  }
  compressor with{limits::cold_level};
  std::string value = made.value(key, with);
  into.bytes += value.size() - std::min(into.bytes, what.bytes);
  into.raw_bytes +=
      made.raw_bytes() - std::min<std::uint64_t>(into.raw_bytes, what.segment->bytes());
  return value;
}

void cold_changes::write(write_transaction& to) const {
  if (!totals_)
    return;
  cold_totals totals = *totals_;
  const auto table = index_of(model_table::cold);
  for (const auto& [key, what] : rewritten_)
    to.put(table, key, encoded(key, what, totals));
  for (const auto& [key, value] : others_)
    value.empty() ? to.erase(table, key) : to.put(table, key, value);
  const auto meta_table = index_of(model_table::meta);
  to.put(meta_table, meta::cold_bytes, encode_meta(meta::cold_bytes, totals.bytes));
  to.put(meta_table, meta::cold_raw_bytes, encode_meta(meta::cold_raw_bytes, totals.raw_bytes));
}

} // namespace parley
