// What a running server counts and measures: plain atomics, cheap to move, read by whoever asks.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>

#include "actors/commands.hpp"
#include "actors/errors.hpp"
#include "actors/outbox.hpp"
#include "actors/screening.hpp"
#include "actors/webhooks.hpp"

namespace parley {

/// A number that only grows.
class counter {
public:
  void add(std::uint64_t more = 1) noexcept { value_.fetch_add(more, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// A number that goes up and down.
class gauge {
public:
  void set(std::int64_t now) noexcept { value_.store(now, std::memory_order_relaxed); }
  void add(std::int64_t more) noexcept { value_.fetch_add(more, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_{0};
};

/// One shard's part of a gauge that all shards share; taken out again when the shard goes.
class gauge_share {
public:
  gauge_share() = default;
  ~gauge_share() { leave(); }
  gauge_share(const gauge_share&) = delete;
  gauge_share& operator=(const gauge_share&) = delete;
  /// Which gauge it is a part of; that one outlives it.
  void join(gauge& whole) noexcept {
    leave();
    whole_ = &whole;
  }
  void set(std::size_t now) noexcept {
    if (whole_ != nullptr)
      whole_->add(static_cast<std::int64_t>(now) - static_cast<std::int64_t>(part_));
    part_ = now;
  }

private:
  void leave() noexcept { set(0); }

  gauge* whole_ = nullptr;
  std::size_t part_ = 0;
};

/// How often values fell into each bucket. Values are whole numbers in the smallest unit that is
/// of interest: bytes, records, microseconds.
class histogram {
public:
  static constexpr std::size_t most_bounds = 14;

  /// `bounds` rise; each is the largest value of its bucket. They outlive the histogram.
  explicit histogram(std::span<const std::uint64_t> bounds) noexcept
      : bounds_(bounds.first(std::min(bounds.size(), most_bounds))) {}

  void observe(std::uint64_t value) noexcept {
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }
  void observe(std::chrono::nanoseconds took) noexcept {
    observe(static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0)) / 1000);
  }

  std::span<const std::uint64_t> bounds() const noexcept { return bounds_; }
  /// Values in one bucket; the one behind the last bound holds what is larger than all.
  std::uint64_t count(std::size_t bucket) const noexcept {
    return counts_[bucket].load(std::memory_order_relaxed);
  }
  std::uint64_t sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

private:
  std::span<const std::uint64_t> bounds_;
  std::array<std::atomic<std::uint64_t>, most_bounds + 1> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

namespace buckets {
/// Microseconds, from what a cached read takes to what is given up.
inline constexpr std::array<std::uint64_t, 14> microseconds{
    100,    250,    500,     1'000,   2'500,   5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 5'000'000};
inline constexpr std::array<std::uint64_t, 9> records{1, 4, 16, 64, 128, 256, 512, 1024, 4096};
inline constexpr std::array<std::uint64_t, 9> bytes{256,    1'024,   4'096,   16'384, 32'768,
                                                    65'536, 131'072, 262'144, 524'288};
} // namespace buckets

/// What a reader of the store is asked for.
enum class read_kind : std::uint8_t {
  snapshot,
  keys,
  cursors,
  page,
  receipts,
  list,
  catch_up,
  sharing,
  last_seen,
  message,
  search,
  due,
  notices,
  files,
};
inline constexpr std::size_t read_kinds = 14;

/// Whose limit a command or connection was beyond.
enum class rate_kind : std::uint8_t { user, conversation, address };
inline constexpr std::size_t rate_kinds = 3;

/// Why a connection or an upgrade was turned away.
enum class refusal_kind : std::uint8_t { descriptors, sessions, address_rate };
inline constexpr std::size_t refusal_kinds = 3;

inline constexpr std::size_t encodings = 2;

/// Which way the bytes of a file went.
enum class file_way : std::uint8_t { uploaded, downloaded };
inline constexpr std::size_t file_ways = 2;

/// How far an export has got; one that was broken off has failed.
enum class export_stage : std::uint8_t { begun, ended, failed };
inline constexpr std::size_t export_stages = 3;

/// How far the erasing of a user has got; nothing has begun where it was refused.
enum class erasing_stage : std::uint8_t { begun, ended, refused };
inline constexpr std::size_t erasing_stages = 3;

/// What became of a notification: it was made or has grown, or is over; or it was made as one of
/// too many, which counts beside that.
enum class notice_change : std::uint8_t { made, withdrawn, joined };
inline constexpr std::size_t notice_changes = 3;

/// How a request below `/v1/` was answered.
enum class http_class : std::uint8_t { good, refused, failed };
inline constexpr std::size_t http_classes = 3;

/// Everything at once; one per engine, shared by all threads. Nothing in it names anybody.
struct engine_metrics {
  // --- The edge ---
  std::array<counter, std::variant_size_v<command>> commands; ///< By place in `command`.
  std::array<counter, error_code_count> errors;               ///< Told to clients, by code.
  counter answers;                                            ///< Errors included.
  counter deliveries; ///< Events times the sessions they went to.
  counter bytes_in;
  counter bytes_out;
  counter connections_accepted;
  std::array<counter, refusal_kinds> connections_refused;
  std::array<gauge, encodings> sessions; ///< By place in `encoding`.
  std::array<counter, rate_kinds> rate_limited;
  counter slow_readers_closed;
  std::array<counter, http_classes> http_answers; ///< Below `/v1/`, by place in `http_class`.
  gauge ring_bytes;
  gauge outbox_bytes;
  histogram send_latency{buckets::microseconds}; ///< A sample: one send of a session at a time.

  // --- The engine ---
  counter messages; ///< Committed ones.
  gauge conversations;
  gauge presences;
  gauge connections;

  // --- The store ---
  gauge log_queue_bytes;
  gauge log_queue_records;
  gauge throttled;
  histogram batch_records{buckets::records};
  histogram batch_bytes{buckets::bytes};
  histogram commit_time{buckets::microseconds};
  gauge unapplied_records;
  gauge unindexed_batches;
  /// When the oldest batch that is not applied was committed, in nanoseconds of the steady clock; 0
  /// when there is none.
  gauge unapplied_since;
  histogram apply_time{buckets::microseconds};
  std::array<histogram, read_kinds> reads{
      histogram{buckets::microseconds}, histogram{buckets::microseconds},
      histogram{buckets::microseconds}, histogram{buckets::microseconds},
      histogram{buckets::microseconds}, histogram{buckets::microseconds},
      histogram{buckets::microseconds}, histogram{buckets::microseconds},
      histogram{buckets::microseconds}, histogram{buckets::microseconds},
      histogram{buckets::microseconds}, histogram{buckets::microseconds},
      histogram{buckets::microseconds}, histogram{buckets::microseconds}};

  gauge cold_segments;
  gauge cold_bytes;
  gauge cold_raw_bytes; ///< What is in the segments, as it was before.

  // --- Screening ---
  std::array<counter, screenings> screened; ///< By place in `screening`.
  counter screenings_failed;

  // --- Webhooks ---
  std::array<counter, webhook_results> webhook_deliveries; ///< By place in `webhook_result`.
  gauge webhook_waiting;
  gauge webhook_dead;
  /// When the oldest event that waits came to the outbox, as `unapplied_since`.
  gauge webhook_waiting_since;

  // --- Files, archives, erasures, notifications ---
  std::array<counter, file_ways> files; ///< Kept, or handed out; by place in `file_way`.
  std::array<counter, file_ways> file_bytes;
  std::array<counter, export_stages> exports;
  std::array<counter, erasing_stages> erasures;
  std::array<counter, notice_changes> notices; ///< As the read model has them.
};
using metrics_ptr = std::shared_ptr<engine_metrics>;

/// The member of an array that belongs to an enumerator.
template <class Array, class Enum>
auto& of(Array& all, Enum which) noexcept {
  return all[static_cast<std::size_t>(which)];
}

/// An instant as a gauge holds it.
inline std::int64_t nanoseconds_of(instant at) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

/// Measures from its making to its end.
class stopwatch {
public:
  explicit stopwatch(histogram& into) noexcept
      : into_(&into), begun_(std::chrono::steady_clock::now()) {}
  ~stopwatch() { into_->observe(std::chrono::steady_clock::now() - begun_); }
  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;

private:
  histogram* into_;
  instant begun_;
};

} // namespace parley
