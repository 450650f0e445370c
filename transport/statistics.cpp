// Latencies are read off the histograms: the bound of the bucket that the quantile falls into.
#include "transport/statistics.hpp"

#include <algorithm>

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

json latency(const histogram& what) {
  return {
      {"count", count_of(what)}, {"p50_ms", quantile(what, 0.5)}, {"p99_ms", quantile(what, 0.99)}};
}

json errors(const engine_metrics& all) {
  json counts = json::object();
  for (std::size_t i = 0; i < error_code_count; ++i)
    if (const auto count = all.errors[i].value(); count > 0)
      counts[std::string{describe(static_cast<error_code>(i)).name}] = count;
  return counts;
}

json log_facts(const engine_metrics& all, const metrics_moment& moment) {
  const auto since = all.unapplied_since.value();
  const auto lag = since == 0 ? 0 : std::max<std::int64_t>(nanoseconds_of(moment.now) - since, 0);
  return {{"committed", moment.committed.value()},
          {"applied", moment.applied.value()},
          {"lag_ms", lag / 1'000'000},
          {"bytes", moment.log_bytes},
          {"model_bytes", moment.model_bytes},
          {"queue_records", all.log_queue_records.value()},
          {"queue_bytes", all.log_queue_bytes.value()},
          {"unindexed_batches", all.unindexed_batches.value()}};
}

} // namespace

std::string print_statistics(const engine_metrics& all, const metrics_moment& moment,
                             std::string_view durability, instant started) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  std::uint64_t commands = 0;
  for (const auto& each : all.commands)
    commands += each.value();
  const json told{
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
      {"webhooks", {{"waiting", all.webhook_waiting.value()}, {"dead", all.webhook_dead.value()}}}};
  return told.dump();
}

} // namespace parley
