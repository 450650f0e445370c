// The statistics: what is counted, in one JSON object, from which an operator's page makes rates.
#include "transport/statistics.hpp"

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

namespace statistics_test {

using namespace parley;
using namespace std::chrono_literals;
using nlohmann::json;

const instant started{1h};

json told(const engine_metrics& all, metrics_moment moment) {
  moment.now = started + 5s;
  moment.version = "1.2.3";
  return json::parse(print_statistics(all, moment, "local-fsync", started));
}

TEST_CASE("counts are told by their names") {
  engine_metrics all;
  all.bytes_in.add(7);
  of(all.http_answers, http_class::refused).add(3);
  of(all.rate_limited, rate_kind::address).add(2);
  of(all.files, file_way::downloaded).add();
  of(all.notices, notice_change::made).add(4);
  all.throttled.set(1);
  all.cold_bytes.set(9);
  const json found = told(all, {});
  CHECK(found["uptime_ms"] == 5000);
  CHECK(found["received_bytes"] == 7);
  CHECK(found["http"] == json{{"good", 0}, {"refused", 3}, {"failed", 0}});
  CHECK(found["rate_limited"]["address"] == 2);
  CHECK(found["files"]["downloaded"] == 1);
  CHECK(found["notifications"]["made"] == 4);
  CHECK(found["throttled"] == true);
  CHECK(found["cold"]["bytes"] == 9);
}

TEST_CASE("a latency has its quantiles, and how often it took how long") {
  engine_metrics all;
  for (int i = 0; i < 99; ++i)
    all.commit_time.observe(2ms);
  all.commit_time.observe(10s); // longer than the last bound
  const json commit = told(all, {})["commit"];
  CHECK(commit["count"] == 100);
  CHECK(commit["p50_ms"] == 2.5);
  CHECK(commit["p99_ms"] == 2.5);
  CHECK(commit["sum_ms"] == 99 * 2.0 + 10'000.0);
  const json& buckets = commit["buckets"];
  REQUIRE(buckets.size() == all.commit_time.bounds().size() + 1);
  CHECK(buckets[4] == json{{"to_ms", 2.5}, {"count", 99}});
  CHECK(buckets.back()["to_ms"].is_null());
  CHECK(buckets.back()["count"] == 1);
  CHECK(told(all, {})["send"]["p50_ms"].is_null()); // nothing was measured
}

TEST_CASE("what the process takes, and what lags, are of the moment") {
  engine_metrics all;
  all.unapplied_since.set(nanoseconds_of(started + 3s));
  all.webhook_waiting_since.set(nanoseconds_of(started + 1s));
  metrics_moment moment;
  moment.resident_bytes = 123;
  moment.cpu_time = 456ms;
  moment.committed = position{9};
  const json found = told(all, moment);
  CHECK(found["process"] == json{{"resident_bytes", 123}, {"cpu_ms", 456}});
  CHECK(found["log"]["committed"] == 9);
  CHECK(found["log"]["lag_ms"] == 2000);
  CHECK(found["webhooks"]["waiting_ms"] == 4000);
}

} // namespace statistics_test
