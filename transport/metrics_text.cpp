// Turns counters into Prometheus' types, family by family, in the order a reader looks for them.
#include "transport/metrics_text.hpp"

#include <sstream>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "actors/session.hpp"

namespace parley {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr double microseconds_per_second = 1e6;
constexpr double nanoseconds_per_second = 1e9;

constexpr std::array<std::string_view, read_kinds> read_names{
    "snapshot", "keys",      "cursors", "page",   "receipts", "list",    "catch_up",
    "sharing",  "last_seen", "message", "search", "due",      "notices", "files"};
constexpr std::array<std::string_view, rate_kinds> rate_names{"user", "conversation", "address"};
constexpr std::array<std::string_view, refusal_kinds> refusal_names{"descriptors", "sessions",
                                                                    "address_rate"};
constexpr std::array<std::string_view, webhook_results> webhook_result_names{"accepted", "refused",
                                                                             "unreachable", "gone"};
constexpr std::array<std::string_view, screenings> screening_names{"allowed", "rejected",
                                                                   "rewritten"};
constexpr std::array<std::string_view, file_ways> file_way_names{"uploaded", "downloaded"};
constexpr std::array<std::string_view, export_stages> export_stage_names{"begun", "ended",
                                                                         "failed"};
constexpr std::array<std::string_view, erasing_stages> erasing_stage_names{"begun", "ended",
                                                                           "refused"};
constexpr std::array<std::string_view, notice_changes> notice_change_names{"made", "withdrawn",
                                                                           "joined"};
constexpr std::array<std::string_view, http_classes> http_class_names{"good", "refused", "failed"};
constexpr std::array<std::string_view, encodings> encoding_names{"msgpack", "json"};
static_assert(static_cast<std::size_t>(encoding::json) + 1 == encodings);

template <std::size_t... Is>
constexpr auto names_of_commands(std::index_sequence<Is...>) {
  return std::array{std::variant_alternative_t<Is, command>::name...};
}
constexpr auto command_names =
    names_of_commands(std::make_index_sequence<std::variant_size_v<command>>{});

auto names_of_errors() {
  std::array<std::string_view, error_code_count> names;
  for (std::size_t i = 0; i < names.size(); ++i)
    names[i] = describe(static_cast<error_code>(i)).name;
  return names;
}

/// Collects families.
class page {
public:
  page& count(const char* name, const char* help, const counter& what) {
    add(name, help, MetricType::Counter).counter.value = static_cast<double>(what.value());
    return *this;
  }
  page& level(const char* name, const char* help, double what) {
    add(name, help, MetricType::Gauge).gauge.value = what;
    return *this;
  }
  page& level(const char* name, const char* help, const gauge& what) {
    return level(name, help, static_cast<double>(what.value()));
  }
  template <std::size_t N, class Names>
  page& counts(const char* name, const char* help, const char* label,
               const std::array<counter, N>& all, const Names& names) {
    static_assert(std::tuple_size_v<Names> == N);
    for (std::size_t i = 0; i < N; ++i)
      add(name, help, MetricType::Counter, label, names[i]).counter.value =
          static_cast<double>(all[i].value());
    return *this;
  }
  template <std::size_t N, class Names>
  page& levels(const char* name, const char* help, const char* label,
               const std::array<gauge, N>& all, const Names& names) {
    static_assert(std::tuple_size_v<Names> == N);
    for (std::size_t i = 0; i < N; ++i)
      add(name, help, MetricType::Gauge, label, names[i]).gauge.value =
          static_cast<double>(all[i].value());
    return *this;
  }
  /// `unit` is how many of the histogram's smallest unit make one of the metric's.
  page& spread(const char* name, const char* help, const histogram& what, double unit) {
    fill(add(name, help, MetricType::Histogram), what, unit);
    return *this;
  }
  template <std::size_t N, class Names>
  page& spreads(const char* name, const char* help, const char* label,
                const std::array<histogram, N>& all, const Names& names, double unit) {
    static_assert(std::tuple_size_v<Names> == N);
    for (std::size_t i = 0; i < N; ++i)
      fill(add(name, help, MetricType::Histogram, label, names[i]), all[i], unit);
    return *this;
  }
  page& info(const char* name, const char* help, const char* label, std::string_view value) {
    add(name, help, MetricType::Gauge, label, value).gauge.value = 1;
    return *this;
  }

  std::string take() const {
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, families_);
    return std::move(out).str();
  }

private:
  ClientMetric& add(const char* name, const char* help, MetricType type,
                    const char* label = nullptr, std::string_view value = {}) {
    if (families_.empty() || families_.back().name != name)
      families_.push_back({name, help, type, {}});
    ClientMetric& made = families_.back().metric.emplace_back();
    if (label != nullptr)
      made.label.push_back({label, std::string{value}});
    return made;
  }

  // Values are counted while this reads: the total is of the buckets that were read.
  static void fill(ClientMetric& to, const histogram& from, double unit) {
    const auto bounds = from.bounds();
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      total += from.count(i);
      to.histogram.bucket.push_back({total, static_cast<double>(bounds[i]) / unit});
    }
    to.histogram.sample_count = total + from.count(bounds.size());
    to.histogram.sample_sum = static_cast<double>(from.sum()) / unit;
  }

  std::vector<MetricFamily> families_;
};

void add_edge(page& to, const engine_metrics& all) {
  to.counts("parley_commands_total", "Commands of clients, by type.", "type", all.commands,
            command_names)
      .count("parley_answers_total", "Answers to commands, errors included.", all.answers)
      .counts("parley_errors_total", "Errors told to clients, by code.", "code", all.errors,
              names_of_errors())
      .counts("parley_rate_limited_total", "Commands and connections beyond a limit, by whose.",
              "limit", all.rate_limited, rate_names)
      .count("parley_deliveries_total", "Events times the sessions that they went to.",
             all.deliveries)
      .count("parley_received_bytes_total", "Bytes from clients, without TLS.", all.bytes_in)
      .count("parley_sent_bytes_total", "Bytes to clients, without TLS.", all.bytes_out)
      .count("parley_connections_accepted_total", "Connections that were taken.",
             all.connections_accepted)
      .counts("parley_connections_refused_total",
              "Connections and upgrades turned away, by reason.", "reason", all.connections_refused,
              refusal_names)
      .levels("parley_sessions", "WebSocket sessions, by encoding.", "encoding", all.sessions,
              encoding_names)
      .count("parley_slow_readers_closed_total", "Sessions closed because they read too slowly.",
             all.slow_readers_closed)
      .counts("parley_http_answers_total",
              "Answers below /v1/: good, refused (4xx) or failed (5xx).", "how", all.http_answers,
              http_class_names)
      .level("parley_ring_bytes", "Recent batches kept for those who connect.", all.ring_bytes)
      .level("parley_outbox_bytes", "What waits for slow readers, looked at twice a second.",
             all.outbox_bytes)
      .spread("parley_send_latency_seconds",
              "From a send to its queued acknowledgement; one send of a session at a time.",
              all.send_latency, microseconds_per_second);
}

void add_engine(page& to, const engine_metrics& all, const metrics_moment& moment) {
  to.count("parley_messages_total", "Messages that were committed.", all.messages)
      .level("parley_actors", "Actors of the engine, of any kind.",
             static_cast<double>(moment.actors))
      .level("parley_conversations", "Conversations in memory.", all.conversations)
      .level("parley_presences", "Users whose presence is in memory.", all.presences)
      .level("parley_connection_actors", "Actors of connections in memory.", all.connections);
}

double age_in_seconds(const gauge& since, instant now) {
  const std::int64_t begun = since.value();
  return begun == 0 ? 0
                    : static_cast<double>(std::max<std::int64_t>(nanoseconds_of(now) - begun, 0)) /
                          nanoseconds_per_second;
}

void add_store(page& to, const engine_metrics& all, const metrics_moment& moment) {
  const std::uint64_t committed = moment.committed.value();
  const std::uint64_t behind = committed - std::min(committed, moment.applied.value());
  to.level("parley_log_queue_bytes", "What waits for the log or is being committed.",
           all.log_queue_bytes)
      .level("parley_log_queue_records", "Records that wait for the log or are being committed.",
             all.log_queue_records)
      .level("parley_throttled", "1 while sockets are not read because the store is behind.",
             all.throttled)
      .spread("parley_batch_records", "Records of a batch of the log.", all.batch_records, 1)
      .spread("parley_batch_bytes", "Bytes of a batch of the log.", all.batch_bytes, 1)
      .spread("parley_commit_seconds", "Commits of the log, synced.", all.commit_time,
              microseconds_per_second)
      .level("parley_log_position", "The newest batch of the log.", static_cast<double>(committed))
      .level("parley_unapplied_batches", "Batches that the read model is behind the log.",
             static_cast<double>(behind))
      .level("parley_unindexed_batches", "Batches that the search index is behind the log.",
             all.unindexed_batches)
      .level("parley_unapplied_records", "Records that the read model is behind the log.",
             all.unapplied_records)
      .level("parley_unapplied_seconds", "Age of the oldest batch that the read model lacks.",
             age_in_seconds(all.unapplied_since, moment.now))
      .spread("parley_apply_seconds", "Transactions of the read model.", all.apply_time,
              microseconds_per_second)
      .spreads("parley_read_seconds", "Queries of the read model, by kind.", "kind", all.reads,
               read_names, microseconds_per_second)
      .level("parley_model_file_bytes", "Size of the read model's file.",
             static_cast<double>(moment.model_bytes))
      .level("parley_log_file_bytes", "Size of the log's file.",
             static_cast<double>(moment.log_bytes))
      .level("parley_search_file_bytes", "Size of the search index's files.",
             static_cast<double>(moment.disk.search_bytes))
      .level("parley_webhook_file_bytes", "Size of the files of the webhooks' outbox.",
             static_cast<double>(moment.disk.webhook_bytes))
      .level("parley_files_bytes", "Size of all attached files, counted every ten minutes.",
             static_cast<double>(moment.disk.file_bytes))
      .level("parley_free_bytes", "What the data directory's file system has left.",
             static_cast<double>(moment.disk.free_bytes))
      .level("parley_cold_segments", "Segments of old events.", all.cold_segments)
      .level("parley_cold_bytes", "What they take, compressed.", all.cold_bytes)
      .level("parley_cold_raw_bytes", "What is in them, as it was before.", all.cold_raw_bytes);
}

void add_webhooks(page& to, const engine_metrics& all, const metrics_moment& moment) {
  to.counts("parley_webhook_deliveries_total", "Attempts to deliver a webhook, by result.",
            "result", all.webhook_deliveries, webhook_result_names)
      .level("parley_webhook_waiting", "Events that wait for an endpoint.", all.webhook_waiting)
      .level("parley_webhook_waiting_seconds", "Age of the oldest of them.",
             age_in_seconds(all.webhook_waiting_since, moment.now))
      .level("parley_webhook_dead_letters", "Events that were given up.", all.webhook_dead);
}

void add_screening(page& to, const engine_metrics& all) {
  to.counts("parley_messages_screened_total", "Messages that were screened, by verdict.", "verdict",
            all.screened, screening_names)
      .count("parley_screenings_failed_total", "Messages that could not be screened.",
             all.screenings_failed);
}

void add_files_and_users(page& to, const engine_metrics& all) {
  to.counts("parley_files_total", "Files that were uploaded, and that were handed out, by way.",
            "way", all.files, file_way_names)
      .counts("parley_file_bytes_total", "Their bytes.", "way", all.file_bytes, file_way_names)
      .counts("parley_exports_total", "Archives, by how far they got.", "stage", all.exports,
              export_stage_names)
      .counts("parley_erasures_total", "Users who were to be erased, by how far that got.", "stage",
              all.erasures, erasing_stage_names)
      .counts("parley_notifications_total",
              "Notifications that were made or have grown, that are over, and that were one of "
              "too many.",
              "change", all.notices, notice_change_names);
}

} // namespace

std::string print_metrics(const engine_metrics& all, const metrics_moment& moment) {
  page whole;
  whole.info("parley_build_info", "Always 1; the version is a label.", "version", moment.version)
      .level("parley_resident_bytes", "What the process has in memory.",
             static_cast<double>(moment.resident_bytes));
  add_edge(whole, all);
  add_engine(whole, all, moment);
  add_store(whole, all, moment);
  add_screening(whole, all);
  add_webhooks(whole, all, moment);
  add_files_and_users(whole, all);
  return whole.take();
}

} // namespace parley
