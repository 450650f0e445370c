// Appends batches to an LMDB table and trims it in bounded portions.
#include "persistence/lmdb_log.hpp"

#include <algorithm>
#include <utility>

#include "actors/fault.hpp"
#include "actors/limits.hpp"
#include "persistence/checksum.hpp"
#include "persistence/packed.hpp"

namespace parley {

namespace {

constexpr table_index batches = 0;
/// Trimming waits until it pays for the pages it touches, and then stays short.
constexpr std::uint64_t trim_at_least = 64;
constexpr std::uint64_t trim_at_most = 128;
/// When the log is full, what is dropped must fit the reserve's few pages.
constexpr std::uint64_t trim_when_full = 16;
/// Bytes that are in memory at a time while the log is copied.
constexpr std::size_t log_copied_at_once = std::size_t{8} << 20;

std::string row_key(std::uint64_t at) {
  std::string key;
  append_big_endian(key, at);
  return key;
}

// Only the log of a backup says where it begins; any other is as it always was.
std::string header_row(std::string_view epoch, position base) {
  packed_writer fields;
  fields.array(base.value() > 0 ? 3 : 2).number(log_format).text(epoch);
  if (base.value() > 0)
    fields.number(base.value());
  const std::string payload = std::move(fields).take();
  std::string row;
  append_big_endian(row, checksum_of(payload));
  row.append(payload);
  return row;
}

failure log_failure(std::string_view what) {
  return {error_code::internal, "the log " + std::string(what), {}};
}

} // namespace

outcome lmdb_log::create(const environment_options& options, std::string_view epoch,
                         position base) {
  auto made = environment::open(options);
  if (!made)
    return made.error();
  return (*made)->write([&](write_transaction& writing) {
    writing.put(batches, row_key(0), header_row(epoch, base));
    return success();
  });
}

result<std::unique_ptr<lmdb_log>> lmdb_log::open(const environment_options& options,
                                                 std::string_view epoch) {
  auto opened = environment::open(options);
  if (!opened)
    return opened.error();
  std::unique_ptr<lmdb_log> log{new lmdb_log(std::move(*opened))};
  {
    auto reading = log->environment_->read();
    if (!reading)
      return reading.error();
    const auto base = read_base(*reading, epoch);
    if (!base)
      return base.error();
    log->head_ = base->value();
    if (auto found = log->find_ends(*reading); !found)
      return found.error();
  }
  return log;
}

result<position> lmdb_log::read_base(const transaction& view, std::string_view epoch) {
  auto row = view.get(batches, row_key(0));
  if (!row)
    return row.error();
  const auto bytes = row->value_or(std::string_view{});
  if (bytes.size() < checksum_bytes ||
      big_endian_at(bytes) != checksum_of(bytes.substr(checksum_bytes)))
    return log_failure("has a damaged header");
  packed_reader fields{bytes.substr(checksum_bytes)};
  const std::size_t count = fields.array();
  if (fields.number() > log_format)
    return log_failure("was written by a newer version of Parley");
  if (fields.text() != epoch || !fields.ok())
    return log_failure("belongs to another store than the read model");
  const position base{count > 2 ? fields.number() : 0};
  if (!fields.ok())
    return log_failure("has a damaged header");
  return base;
}

std::string lmdb_log::key_of(position at) { return row_key(at.value()); }

std::optional<position> lmdb_log::position_of(std::string_view key) {
  return key.size() == 8 ? std::optional{position{big_endian_at(key)}} : std::nullopt;
}

outcome lmdb_log::find_ends(const transaction& view) {
  cursor rows = view.rows(batches);
  if (rows.last())
    head_ = std::max(head_.load(), position_of(rows.key()).value_or(position{}).value());
  if (rows.seek(row_key(1)))
    floor_ = position_of(rows.key()).value_or(position{}).value();
  if (rows.error())
    return *rows.error();
  return success();
}

result<position> lmdb_log::append(std::string_view batch) {
  const position next{head_ + 1};
  outcome written = write_batch(next, batch);
  while (!written && written.error().code == error_code::unavailable && make_room())
    written = write_batch(next, batch);
  if (!written)
    return written.error();
  head_ = next.value();
  return next;
}

outcome lmdb_log::write_batch(position at, std::string_view batch) {
  const std::uint64_t old = trimmable(limits::log_kept_batches);
  const std::uint64_t dropped = old < trim_at_least ? 0 : std::min(old, trim_at_most);
  const std::uint64_t floor = floor_;
  auto written = environment_->write([&](write_transaction& writing) {
    for (std::uint64_t each = floor; each < floor + dropped; ++each)
      writing.erase(batches, row_key(each));
    writing.append(batches, row_key(at.value()), batch);
    return success();
  });
  if (dropped > 0)
    failpoint("lmdb_log.after_trim");
  if (written)
    floor_ = floor == 0 ? at.value() : floor + dropped;
  return written;
}

// LMDB reuses pages two commits after they were freed, hence the second, empty-handed one.
bool lmdb_log::make_room() {
  if (trimmable(0) == 0)
    let_go(); // whoever holds batches here gives up before senders do
  const std::uint64_t dropped = std::min(trimmable(0), trim_when_full);
  if (dropped == 0)
    return false;
  const std::uint64_t floor = floor_;
  const auto drop = [&](write_transaction& writing) {
    for (std::uint64_t each = floor; each < floor + dropped; ++each)
      writing.erase(batches, row_key(each));
    return success();
  };
  const auto touch = [&](write_transaction& writing) -> outcome {
    auto header = writing.get(batches, row_key(0));
    if (header && *header)
      writing.put(batches, row_key(0), std::string(**header));
    return success();
  };
  if (!environment_->write(drop, environment::room::reserve))
    return false;
  floor_ = floor + dropped;
  return environment_->write(touch, environment::room::reserve).ok();
}

// How many batches from the floor on may go; never the newest, which says what the next position
// is.
std::uint64_t lmdb_log::trimmable(std::uint64_t kept) const {
  const std::uint64_t unused = std::min(applied_.load(), held_.load());
  const std::uint64_t applied = std::min<std::uint64_t>(unused, head_ > 0 ? head_ - 1 : 0);
  const std::uint64_t last = applied > kept ? applied - kept : 0;
  const std::uint64_t first = floor_;
  return first > 0 && last >= first ? last - first + 1 : 0;
}

result<std::vector<logged_batch>> lmdb_log::read(position from, std::size_t most_bytes) const {
  const auto rows_of = file();
  auto reading = rows_of->read();
  if (!reading)
    return reading.error();
  std::vector<logged_batch> found;
  std::size_t bytes = 0;
  cursor rows = reading->rows(batches);
  for (bool more = rows.seek(row_key(std::max<std::uint64_t>(from.value(), 1))); more;
       more = rows.next()) {
    bytes += rows.value().size();
    if (!found.empty() && bytes > most_bytes)
      break;
    found.push_back({position_of(rows.key()).value_or(position{}), std::string(rows.value())});
  }
  if (rows.error())
    return *rows.error();
  return found;
}

void lmdb_log::trim(position applied) {
  if (applied.value() > applied_)
    applied_ = applied.value();
}

std::shared_ptr<environment> lmdb_log::file() const {
  std::lock_guard looking{looking_};
  return environment_;
}

result<std::unique_ptr<lmdb_log>> lmdb_log::copy_to(const environment_options& fresh,
                                                    std::string_view epoch, position after) const {
  if (auto made = create(fresh, epoch, after); !made)
    return made.error();
  auto copy = open(fresh, epoch);
  if (!copy)
    return copy;
  while ((*copy)->head() < head()) {
    auto some = read((*copy)->head().next(), log_copied_at_once);
    if (!some)
      return some.error();
    for (const auto& each : *some) {
      auto at = (*copy)->append(each.bytes);
      if (!at)
        return at.error();
      if (*at != each.at)
        return log_failure("has no batch " + std::to_string(at->value()));
    }
  }
  return copy;
}

outcome lmdb_log::take_over(lmdb_log& fresh, const std::function<outcome()>& put_into_place) {
  if (fresh.head_ != head_)
    return log_failure("was not rewritten to its end");
  if (auto placed = put_into_place(); !placed)
    return placed;
  {
    std::lock_guard looking{looking_};
    environment_ = fresh.environment_;
  }
  floor_ = fresh.floor_.load();
  return success();
}

} // namespace parley
