// Opens the read model, applies batches to it, and keeps disk space ahead of what was promised.
#include "persistence/read_model.hpp"

#include <algorithm>
#include <utility>

#include "actors/fault.hpp"
#include "actors/limits.hpp"
#include "actors/limits_cold.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/changes.hpp"
#include "persistence/cooling.hpp"
#include "persistence/corrections.hpp"
#include "persistence/erasures/forgetting.hpp"
#include "persistence/purge.hpp"
#include "persistence/queries.hpp"
#include "persistence/rows.hpp"
#include "persistence/schema.hpp"

namespace parley {

namespace {

/// What a row takes beside its own bytes: key, checksum, tags, and LMDB's share of a page.
constexpr std::size_t row_overhead = 160;
/// The moves that a row of a cursor or of the journal holds.
constexpr std::size_t moves_bytes = 2 * moves_per_row * 18;
/// The devices that a row of a cursor holds.
constexpr std::size_t devices_bytes = limits::devices_per_receipt * (limits::id_bytes + 30);
/// Inserted rows leave pages half empty at worst.
constexpr std::size_t half_empty = 2;
constexpr std::size_t page_bytes = 4096;
/// Values larger than this have whole pages of their own in LMDB.
constexpr std::size_t inline_bytes = 1900;
/// Bytes promised per page that applying them may touch, at least.
constexpr std::size_t promised_per_page = 256;
/// Rows that one transaction erases of what was deleted: it has little room of its own.
constexpr std::size_t rows_purged_at_once = 512;
/// For LMDB's own tables: roots, branches and the list of free pages.
constexpr std::size_t slack = std::size_t{256} << 10;
/// Records in one transaction when there is a backlog: neighbouring rows then share their pages.
constexpr std::size_t records_at_once = 2 * limits::apply_records;
/// Joins in one transaction, each of which writes two rows.
constexpr std::size_t joins_at_once = 65'536;
/// Bytes of events in one transaction: LMDB keeps its pages in memory until the commit.
constexpr std::size_t bytes_at_once = std::size_t{64} << 20;

std::vector<std::string> table_names() {
  return {model_table_names.begin(), model_table_names.end()};
}

/// What the message's row has, and what this adds to it; tombstones; sums of corrections.
std::size_t room_for_change(const record& what) noexcept {
  const message_change& change = *what.change;
  const std::size_t lists = 2 * (change.before.users.size() + what.mentions.users.size());
  const std::size_t row = change.kept_bytes + what.event.size() +
                          (lists + 2) * (limits::id_bytes + 24) + limits::emoji_bytes;
  const std::size_t cold = change.tombstones.size() * limits::cold_rewrite_bytes / half_empty;
  return cold + 2 * row_overhead + row + (row > inline_bytes ? page_bytes : 0) +
         change_bytes(what) + change.tombstones.size() * row_overhead +
         (4 + lists) * correction_levels * row_overhead;
}

std::size_t room_for(const record& what) noexcept {
  constexpr std::size_t rows = 4; // Event, idempotency key, conversation, own tally.
  std::size_t bytes = rows * row_overhead + what.event.size() + what.answer.bytes.size();
  bytes += what.roles.size() * row_overhead + what.settings.title.value_or("").size() +
           what.settings.meta.value_or("").size();
  bytes += is_about_invitations(what.kind) ? what.roles.size() * 4 * row_overhead : 0;
  bytes += what.uninvited.size() * 2 * row_overhead;
  bytes += what.kind == record_kind::joined ? what.joined.size() * 2 * row_overhead : 0;
  bytes += what.joined.size() * 3 * row_overhead + (what.left ? 4 * row_overhead + moves_bytes : 0);
  bytes += what.ended.size() * 2 * row_overhead + (what.restricted ? row_overhead : 0);
  bytes += is_about_users(what.kind) || is_of_user(what.kind) ? 3 * row_overhead : 0;
  bytes += what.kind == record_kind::profiled ? page_bytes : 0;
  bytes += what.told ? notice_bytes(what) + what.told->notices.size() * row_overhead : 0;
  bytes += what.thread.value() > 0
               ? 2 * row_overhead + limits::thread_participants * limits::id_bytes
               : 0;
  bytes += what.expires_at > 0 ? row_overhead : 0;
  bytes += (what.file ? 3 : 4 * what.files.size()) * row_overhead;
  bytes += what.file ? what.file->name.size() + what.file->type.size() : 0;
  bytes += (what.mentions.users.size() + (what.mentions.everyone ? 2 : 0)) * row_overhead;
  if (what.change)
    bytes += room_for_change(what);
  bytes += what.receipts.size() * (2 * (row_overhead + moves_bytes) + devices_bytes);
  if (what.created)
    bytes += what.created->title.size();
  const auto large = [](const std::string& value) { return value.size() > inline_bytes; };
  return half_empty * bytes + (what.settings.meta ? page_bytes : 0) +
         (large(what.event) ? page_bytes : 0) + (large(what.answer.bytes) ? page_bytes : 0);
}

/// What the transactions of a backlog may grow to.
struct transaction_size {
  std::size_t records = 0;
  std::size_t joins = 0;
  std::size_t bytes = 0;

  void add(const committed_batch& batch) {
    records += batch.records.size();
    for (const auto& each : batch.records) {
      joins += each->joined.size();
      bytes += each->event.size() + change_bytes(*each);
      if (each->change)
        bytes += each->change->tombstones.size() * limits::cold_rewrite_bytes;
    }
  }
  bool has_room() const {
    return records < records_at_once && joins < joins_at_once && bytes < bytes_at_once;
  }
};

/// As many batches as belong into one transaction, at least one.
std::span<const batch_ptr> portion(std::span<const batch_ptr> batches) {
  transaction_size size;
  std::size_t count = 0;
  while (count < batches.size() && size.has_room())
    size.add(*batches[count++]);
  return batches.first(count);
}

} // namespace

std::size_t room_for(std::span<const record_ptr> records) noexcept {
  std::size_t bytes = 0;
  for (const auto& each : records)
    bytes += room_for(*each);
  return bytes;
}

// --- Opening -------------------------------------------------------------------------------------

outcome read_model::create(environment_options options, std::string_view epoch) {
  options.tables = table_names();
  auto made = environment::open(options);
  if (!made)
    return made.error();
  return (*made)->write([&](write_transaction& writing) {
    const auto table = index_of(model_table::meta);
    writing.put(table, meta::format, encode_meta(meta::format, model_format));
    writing.put(table, meta::epoch, encode_meta(meta::epoch, epoch));
    writing.put(table, meta::applied, encode_meta(meta::applied, std::uint64_t{0}));
    writing.put(table, meta::decided, encode_meta(meta::decided, std::uint64_t{0}));
    return success();
  });
}

result<std::unique_ptr<read_model>> read_model::open(environment_options options) {
  options.tables = table_names();
  auto opened = environment::open(options);
  if (!opened)
    return opened.error();
  std::unique_ptr<read_model> model{new read_model};
  model->environment_ = std::move(*opened);
  if (auto known = model->read_meta(); !known)
    return known.error();
  if (auto measured = model->measure(); !measured)
    return measured.error();
  if (auto looked = model->look_for_condemned(); !looked)
    return looked.error();
  if (auto measured = model->measure_cold(); !measured)
    return measured.error();
  return model;
}

outcome read_model::read_meta() {
  auto reading = environment_->read();
  if (!reading)
    return reading.error();
  const row_reader rows{*reading};
  if (auto known = rows.known_format(); !known)
    return known;
  auto epoch = rows.meta_text(meta::epoch);
  if (!epoch)
    return epoch.error();
  epoch_ = std::move(*epoch);
  auto applied = rows.applied();
  if (!applied)
    return applied.error();
  applied_ = applied->value();
  return success();
}

// --- Writing -------------------------------------------------------------------------------------

result<position> read_model::apply(std::span<const batch_ptr> batches) {
  while (!batches.empty() && batches.front()->at <= applied())
    batches = batches.subspan(1);
  if (batches.empty())
    return applied();
  const auto together = portion(batches);
  auto reached = apply_some(together);
  // A small transaction needs less room than a large one.
  if (!reached && reached.error().code == error_code::unavailable && together.size() > 1)
    reached = apply_some(together.first(1));
  return reached;
}

result<position> read_model::apply_some(std::span<const batch_ptr> batches) {
  position next = applied();
  for (const auto& each : batches) {
    if (each->at != next.next())
      return failure{error_code::internal,
                     "batch " + std::to_string(each->at.value()) + " does not follow " +
                         std::to_string(next.value()),
                     {}};
    next = each->at;
  }
  notices_so_far news;
  bool is_erasing = true;
  auto written = environment_->write([&](write_transaction& writing) -> outcome {
    model_changes changes{writing};
    if (auto read = changes.read_erasures(is_erasing_); !read)
      return read;
    for (const auto& each : batches) {
      if (auto added = changes.add(*each); !added)
        return added;
    }
    is_erasing = changes.is_erasing();
    changes.write(writing);
    failpoint("read_model.before_meta");
    news = changes.notices();
    writing.put(index_of(model_table::meta), meta::applied,
                encode_meta(meta::applied, next.value()));
    failpoint("read_model.after_meta");
    return success();
  });
  if (!written)
    return written.error();
  applied_ = next.value();
  notices_made_ += news.made;
  notices_withdrawn_ += news.withdrawn;
  notices_joined_ += news.joined;
  is_erasing_ = is_erasing;
  if (auto measured = measure(); !measured)
    return measured.error();
  const auto deletes = [](const record_ptr& each) {
    return each->kind == record_kind::deleted || each->kind == record_kind::erased ||
           each->kind == record_kind::trimmed || each->kind == record_kind::user_erased;
  };
  for (const auto& each : batches)
    if (std::any_of(each->records.begin(), each->records.end(), deletes))
      has_condemned_ = true;
  if (cold_segments_ > 0 && has_condemned_)
    if (auto measured = measure_cold(); !measured)
      return measured.error();
  return next;
}

outcome read_model::look_for_condemned() {
  auto reading = environment_->read();
  if (!reading)
    return reading.error();
  auto forgets = is_anybody_to_be_forgotten(row_reader{*reading});
  if (!forgets)
    return forgets.error();
  has_condemned_ = *forgets || reading->count(index_of(model_table::condemned)) > 0;
  return success();
}

// One that cannot be purged stays as it is and keeps no other from going; the next start tries
// again.
result<position> read_model::purge_some() {
  std::size_t erased = 0;
  const std::size_t damaged = unpurgeable_.size();
  failpoint("read_model.before_purge");
  auto written = environment_->write(
      [&](write_transaction& writing) -> outcome {
        auto done = purge(writing, rows_purged_at_once, unpurgeable_);
        erased = done ? *done : 0;
        failpoint("read_model.within_purge");
        return done ? success() : outcome{done.error()};
      },
      environment::room::reserve);
  if (!written && unpurgeable_.size() > damaged) {
    thread_log().error("purge_left_damage reason={}", in_quotes(written.error().message));
    return applied();
  }
  auto forgot = !written ? written.error() : erased > 0 ? result<bool>{true} : forget_some();
  if (!forgot) {
    has_condemned_ = has_condemned_ && forgot.error().code == error_code::unavailable;
    return forgot.error();
  }
  has_condemned_ = *forgot;
  if (auto measured = measure(); !measured)
    return measured.error();
  if (auto measured = measure_cold(); !measured)
    return measured.error();
  return applied();
}

// Read and packed first, so that writing is short; nobody else writes in between. Its room is
// promised like a batch's, or it could take what was promised to one.
result<bool> read_model::cool_some(const cooling_age& age) {
  auto packed = [&]() -> result<cooled_portion> {
    auto reading = environment_->read();
    if (!reading)
      return reading.error();
    return pack_old_events(row_reader{*reading}, cooled_to_, age);
  }();
  if (!packed)
    return packed.error();
  if (!packed->segments.empty()) {
    failpoint("read_model.before_cooling");
    std::size_t room = 0;
    for (const auto& each : packed->segments)
      room += each.value.size() + page_bytes;
    if (auto promised = reserve(room); !promised)
      return promised.error();
    auto written = environment_->write(
        [&](write_transaction& writing) { return write_segments(writing, *packed); });
    failpoint("read_model.after_cooling");
    release(room);
    if (!written)
      return written.error();
    for (const auto& measured : {measure(), measure_cold()})
      if (!measured)
        return measured.error();
  }
  cooled_to_ = std::move(packed->next);
  return !cooled_to_.empty();
}

outcome read_model::measure_cold() {
  auto reading = environment_->read();
  if (!reading)
    return reading.error();
  const row_reader rows{*reading};
  auto totals = read_cold_totals(rows);
  if (!totals)
    return totals.error();
  cold_segments_ = rows.count(model_table::cold);
  cold_bytes_ = totals->bytes;
  cold_raw_bytes_ = totals->raw_bytes;
  return success();
}

// Only this thread writes, so what was read still holds. Rows are rewritten in their places, which
// takes pages until the old ones are free.
result<bool> read_model::forget_some() {
  std::optional<forgetting_portion> portion;
  {
    auto reading = environment_->read();
    if (!reading)
      return reading.error();
    auto planned = plan_forgetting(row_reader{*reading});
    if (!planned)
      return planned.error();
    portion = std::move(*planned);
  }
  if (!portion)
    return false;
  std::size_t room = half_empty * row_overhead;
  for (const auto& each : portion->changes)
    room += half_empty * (row_overhead + each.key.size() + each.value.size());
  if (auto promised = reserve(room); !promised)
    return promised.error();
  auto written = environment_->write([&](write_transaction& writing) {
    for (const auto& [table, key, value] : portion->changes)
      value.empty() ? writing.erase(index_of(table), key)
                    : writing.put(index_of(table), key, value);
    writing.put(index_of(model_table::erasures), portion->receipt,
                encode_row(portion->receipt, portion->after));
    return success();
  });
  release(room);
  return written ? result<bool>{true} : written.error();
}

// --- Space ---------------------------------------------------------------------------------------

outcome read_model::measure() {
  auto found = environment_->measure();
  if (!found)
    return found.error();
  used_ = found->used;
  free_ = found->free;
  return success();
}

// A transaction copies each page it touches before the old one is free, and that one can be used
// again two transactions later: twice the touched pages, at most twice of all that hold anything.
std::size_t read_model::transient_bytes(std::size_t promised) const noexcept {
  const std::size_t live = used_ - std::min<std::size_t>(used_, free_);
  const std::size_t touched = promised / promised_per_page * page_bytes;
  return 2 * std::min(live, touched) + slack;
}

outcome read_model::reserve(std::size_t bytes) {
  std::lock_guard promising{promising_};
  const std::size_t promised = promised_ + bytes;
  const std::size_t needed = promised + transient_bytes(promised);
  const std::size_t free = free_;
  if (auto taken = environment_->allocate(used_ + needed - std::min(needed, free)); !taken)
    return taken;
  promised_ += bytes;
  return success();
}

void read_model::release(std::size_t bytes) { promised_ -= bytes; }

// What was promised meanwhile is promised by the new tables, too, before anyone sees them.
outcome read_model::take_over(read_model& fresh, const std::function<outcome()>& put_into_place) {
  if (fresh.applied_ != applied_ || fresh.epoch_ != epoch_)
    return failure{error_code::internal, "the rewritten model is not this one", {}};
  std::lock_guard promising{promising_};
  if (auto room = fresh.reserve(promised_); !room)
    return room;
  if (auto placed = put_into_place(); !placed)
    return placed;
  {
    std::lock_guard looking{looking_};
    environment_ = fresh.environment_;
  }
  used_ = fresh.used_.load();
  free_ = fresh.free_.load();
  has_condemned_ = fresh.has_condemned_.load();
  is_erasing_ = true; // perhaps; the next batch finds out
  cold_segments_ = fresh.cold_segments_.load();
  cold_bytes_ = fresh.cold_bytes_.load();
  cold_raw_bytes_ = fresh.cold_raw_bytes_.load();
  return success();
}

outcome read_model::note_compaction(position settled, timestamp at) {
  return environment_->write([&](write_transaction& writing) {
    const auto table = index_of(model_table::meta);
    writing.put(table, meta::compacted, encode_meta(meta::compacted, settled.value()));
    writing.put(table, meta::compacted_at,
                encode_meta(meta::compacted_at, static_cast<std::uint64_t>(to_wire(at))));
    return success();
  });
}

std::shared_ptr<const environment> read_model::tables() const {
  std::lock_guard looking{looking_};
  return environment_;
}

// --- Reading -------------------------------------------------------------------------------------

} // namespace parley
