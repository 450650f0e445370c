// Packs and unpacks runs of events, and remembers what was unpacked.
#include "persistence/cold_segment.hpp"

#include <utility>

#include "persistence/schema_values.hpp"

namespace parley {

namespace {

/// Segments unpack to no more than this: one event, as large as events are, may exceed the bound,
/// and users who were erased may have longer names since.
constexpr std::uint64_t most_unpacked = 16 * limits::cold_raw_bytes + (std::uint64_t{1} << 20);

} // namespace

// --- The row -------------------------------------------------------------------------------------

std::string encode_row(const std::string& key, const cold_row& row) {
  packed_writer to{row.packed.size() + 32};
  to.array(3).number(row.first.value()).number(row.raw_bytes).binary(row.packed);
  return seal(model_table::cold, key, std::move(to));
}

result<cold_row> decode_cold(std::string_view key, std::string_view value) {
  return open_row<cold_row>(model_table::cold, key, value, [](packed_reader& from, cold_row& row) {
    expect(from, 3);
    row.first = sequence{from.number()};
    row.raw_bytes = from.number();
    row.packed = from.binary();
    if (row.raw_bytes > most_unpacked || row.first.value() == 0)
      from.fail();
  });
}

// --- A segment -----------------------------------------------------------------------------------

result<cold_segment_ptr> cold_segment::open(std::string_view key, std::string_view value,
                                            decompressor& with) {
  auto row = decode_cold(key, value);
  if (!row)
    return row.error();
  auto place = split_event_key(key);
  auto unpacked = with.unpack(row->packed, row->raw_bytes);
  if (!place || !unpacked)
    return damaged(model_table::cold, key, " cannot be unpacked");
  std::shared_ptr<cold_segment> made{new cold_segment};
  made->conversation_ = std::move(place->first);
  made->first_ = row->first;
  made->unpacked_ = std::move(*unpacked);
  packed_reader from{made->unpacked_};
  for (std::uint64_t seq = row->first.value(); seq <= place->second.value() && from.ok(); ++seq)
    made->events_.push_back(unpack_event(from));
  if (!from.done() || made->events_.empty())
    return damaged(model_table::cold, key, " does not have the events it stands for");
  return cold_segment_ptr{std::move(made)};
}

const event_row* cold_segment::find(sequence seq) const noexcept {
  if (seq < first_ || seq > last())
    return nullptr;
  return &events_[seq.value() - first_.value()];
}

void segment_maker::begin(sequence first) {
  first_ = first;
  count_ = 0;
  raw_.clear();
}

void segment_maker::add(const event_row& row) {
  packed_writer to{row.event.size() + 48};
  pack_event(to, row);
  raw_.append(std::move(to).take());
  ++count_;
}

std::string segment_maker::value(const std::string& key, compressor& with) const {
  const std::string packed = with.pack(raw_);
  return encode_row(key, cold_row{first_, raw_.size(), packed});
}

// --- What was unpacked ---------------------------------------------------------------------------

segment_cache& segment_cache::of_thread() {
  thread_local segment_cache mine;
  return mine;
}

result<cold_segment_ptr> segment_cache::open(std::string_view key, std::string_view value) {
  const std::uint64_t sum = value.size() < checksum_bytes ? 0 : big_endian_at(value);
  if (const auto known = by_key_.find(key); known != by_key_.end() && known->second->sum == sum) {
    entries_.splice(entries_.begin(), entries_, known->second);
    return entries_.front().segment;
  }
  auto opened = cold_segment::open(key, value, work_);
  if (opened)
    remember({std::string(key), sum, *opened});
  return opened;
}

void segment_cache::remember(entry made) {
  if (const auto older = by_key_.find(made.key); older != by_key_.end()) {
    bytes_ -= older->second->segment->bytes();
    const auto at = older->second;
    by_key_.erase(older);
    entries_.erase(at);
  }
  bytes_ += made.segment->bytes();
  entries_.push_front(std::move(made));
  by_key_.emplace(entries_.front().key, entries_.begin());
  shrink();
}

void segment_cache::shrink() {
  while (bytes_ > most_bytes_ && entries_.size() > 1) {
    bytes_ -= entries_.back().segment->bytes();
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

void segment_cache::keep(std::size_t bytes) {
  most_bytes_ = bytes;
  shrink();
}

} // namespace parley
