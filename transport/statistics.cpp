// Latencies are read off the histograms: the bound of the bucket that the quantile falls into.
#include "transport/statistics.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "actors/session.hpp"

namespace parley {

namespace {

using nlohmann::json;

constexpr double microseconds_per_millisecond = 1e3;

std::uint64_t count_of(const histogram& what) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= what.bounds().size(); ++i)
    count += what.count(i);
  return count;
}

/// In milliseconds; nothing when nothing was measured, or it was longer than the last bound.
json quantile(const histogram& what, double part) {
  const auto all = static_cast<double>(count_of(what));
  double below = 0;
  for (std::size_t i = 0; i < what.bounds().size(); ++i) {
    below += static_cast<double>(what.count(i));
    if (all > 0 && below >= part * all)
      return static_cast<double>(what.bounds()[i]) / microseconds_per_millisecond;
  }
  return nullptr;
}

/// With how many values were below each bound, all since the start: whoever asks again after a
/// while finds the quantiles of the time between.
json latency(const histogram& what) {
  auto buckets = json::array();
  for (std::size_t i = 0; i <= what.bounds().size(); ++i) {
    json bound;
    if (i < what.bounds().size())
      bound = static_cast<double>(what.bounds()[i]) / microseconds_per_millisecond;
    buckets.push_back({{"to_ms", std::move(bound)}, {"count", what.count(i)}});
  }
  return {{"count", count_of(what)},
          {"sum_ms", static_cast<double>(what.sum()) / microseconds_per_millisecond},
          {"p50_ms", quantile(what, 0.5)},
          {"p99_ms", quantile(what, 0.99)},
          {"buckets", std::move(buckets)}};
}

template <std::size_t N>
json by_name(const std::array<counter, N>& all, const std::array<const char*, N>& names) {
  json counts = json::object();
  for (std::size_t i = 0; i < N; ++i)
    counts[names[i]] = all[i].value();
  return counts;
}

std::int64_t milliseconds_since(const gauge& when, instant now) {
  const auto since = when.value();
  return since == 0 ? 0 : std::max<std::int64_t>(nanoseconds_of(now) - since, 0) / 1'000'000;
}

json errors(const engine_metrics& all) {
  json counts = json::object();
  for (std::size_t i = 0; i < error_code_count; ++i)
    if (const auto count = all.errors[i].value(); count > 0)
      counts[std::string{describe(static_cast<error_code>(i)).name}] = count;
  return counts;
}

json log_facts(const engine_metrics& all, const metrics_moment& moment) {
  return {{"committed", moment.committed.value()},
          {"applied", moment.applied.value()},
          {"lag_ms", milliseconds_since(all.unapplied_since, moment.now)},
          {"bytes", moment.log_bytes},
          {"model_bytes", moment.model_bytes},
          {"queue_records", all.log_queue_records.value()},
          {"queue_bytes", all.log_queue_bytes.value()},
          {"unindexed_batches", all.unindexed_batches.value()},
          {"unapplied_records", all.unapplied_records.value()}};
}

/// What passes the edge.
void add_traffic(json& told, const engine_metrics& all) {
  told["received_bytes"] = all.bytes_in.value();
  told["sent_bytes"] = all.bytes_out.value();
  told["answers"] = all.answers.value();
  told["http"] = by_name<http_classes>(all.http_answers, {"good", "refused", "failed"});
  told["connections_accepted"] = all.connections_accepted.value();
  told["connections_refused"] =
      by_name<refusal_kinds>(all.connections_refused, {"descriptors", "sessions", "address_rate"});
  told["rate_limited"] = by_name<rate_kinds>(all.rate_limited, {"user", "conversation", "address"});
  told["throttled"] = all.throttled.value() != 0;
  told["ring_bytes"] = all.ring_bytes.value();
}

/// What is done beside messages.
void add_other_work(json& told, const engine_metrics& all) {
  told["files"] = by_name<file_ways>(all.files, {"uploaded", "downloaded"});
  told["file_bytes"] = by_name<file_ways>(all.file_bytes, {"uploaded", "downloaded"});
  told["exports"] = by_name<export_stages>(all.exports, {"begun", "ended", "failed"});
  told["erasures"] = by_name<erasing_stages>(all.erasures, {"begun", "ended", "refused"});
  told["notifications"] = by_name<notice_changes>(all.notices, {"made", "withdrawn", "joined"});
  told["cold"] = {{"segments", all.cold_segments.value()},
                  {"bytes", all.cold_bytes.value()},
                  {"raw_bytes", all.cold_raw_bytes.value()}};
}

} // namespace

std::string print_statistics(const engine_metrics& all, const metrics_moment& moment,
                             std::string_view durability, instant started) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  std::uint64_t commands = 0;
  for (const auto& each : all.commands)
    commands += each.value();
  json told{
      {"type", "statistics"},
      {"version", moment.version},
      {"durability", durability},
      {"uptime_ms", duration_cast<milliseconds>(moment.now - started).count()},
      {"sessions",
       {{"msgpack", of(all.sessions, encoding::msgpack).value()},
        {"json", of(all.sessions, encoding::json).value()}}},
      {"connections", all.connections.value()},
      {"conversations", all.conversations.value()},
      {"presences", all.presences.value()},
      {"messages", all.messages.value()},
      {"deliveries", all.deliveries.value()},
      {"commands", commands},
      {"errors", errors(all)},
      {"slow_readers_closed", all.slow_readers_closed.value()},
      {"outbox_bytes", all.outbox_bytes.value()},
      {"log", log_facts(all, moment)},
      {"send", latency(all.send_latency)},
      {"commit", latency(all.commit_time)},
      {"apply", latency(all.apply_time)},
      {"process", {{"resident_bytes", moment.resident_bytes}, {"cpu_ms", moment.cpu_time.count()}}},
      {"webhooks",
       {{"waiting", all.webhook_waiting.value()},
        {"dead", all.webhook_dead.value()},
        {"waiting_ms", milliseconds_since(all.webhook_waiting_since, moment.now)}}}};
  add_traffic(told, all);
  add_other_work(told, all);
  return told.dump();
}

} // namespace parley
