// Segment by segment: unpacked, and packed again when anything in it has changed.
#include "persistence/erasures/segment_changes.hpp"

#include <algorithm>
#include <utility>

#include "persistence/cold_changes.hpp"

namespace parley {

namespace {

class segment_walk {
public:
  segment_walk(const row_reader& rows, const event_change& change, std::vector<row_change>& changes)
      : rows_(rows), change_(change), changes_(changes), packer_(limits::cold_level) {}

  result<bool> run(const conversation_id& conversation, std::size_t& looked_at) {
    const std::string prefix = event_prefix(conversation);
    bool is_damaged = false;
    cursor at = rows_.rows(model_table::cold);
    for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
      const auto segment = cold_segment::open(at.key(), at.value(), unpacker_);
      if (!segment) { // which `check` names: nobody reads what is in it
        is_damaged = true;
        continue;
      }
      looked_at += (*segment)->events().size();
      if (auto seen = see(std::string(at.key()), at.value().size(), **segment); !seen)
        return seen.error();
    }
    if (at.error())
      return *at.error();
    if (auto written = write_totals(); !written)
      return written.error();
    return is_damaged;
  }

private:
  outcome see(std::string key, std::size_t bytes, const cold_segment& segment) {
    segment_maker made;
    made.begin(segment.first());
    bool is_changed = false;
    for (event_row row : segment.events()) {
      const auto changed = change_(event_key(segment.conversation(), made.next()), row);
      if (!changed)
        return changed.error();
      if (*changed)
        row.event = **changed;
      is_changed = is_changed || *changed;
      made.add(row);
    }
    if (!is_changed)
      return success();
    std::string value = made.value(key, packer_);
    before_.bytes += bytes;
    before_.raw_bytes += segment.bytes();
    after_.bytes += value.size();
    after_.raw_bytes += made.raw_bytes();
    changes_.push_back({model_table::cold, std::move(key), std::move(value)});
    return success();
  }

  outcome write_totals() {
    if (before_ == cold_totals{})
      return success();
    auto totals = read_cold_totals(rows_);
    if (!totals)
      return totals.error();
    const auto put = [&](const std::string& name, std::uint64_t sum, std::uint64_t before,
                         std::uint64_t after) {
      changes_.push_back(
          {model_table::meta, name, encode_meta(name, sum - std::min(sum, before) + after)});
    };
    put(meta::cold_bytes, totals->bytes, before_.bytes, after_.bytes);
    put(meta::cold_raw_bytes, totals->raw_bytes, before_.raw_bytes, after_.raw_bytes);
    return success();
  }

  const row_reader& rows_;
  const event_change& change_;
  std::vector<row_change>& changes_;
  decompressor unpacker_;
  compressor packer_;
  cold_totals before_; ///< Of the segments that change.
  cold_totals after_;
};

} // namespace

result<bool> change_segments(const row_reader& rows, const conversation_id& conversation,
                             const event_change& change, std::vector<row_change>& changes,
                             std::size_t& looked_at) {
  if (rows.count(model_table::cold) == 0)
    return false;
  return segment_walk{rows, change, changes}.run(conversation, looked_at);
}

} // namespace parley
