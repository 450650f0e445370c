// What is counted, and how it reads in Prometheus' text format.
#include <cmath>
#include <sstream>
#include <string>

#include "actors/encoding.hpp"
#include "actors/export_desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"
#include "transport/metrics_text.hpp"

namespace parley::test {

namespace metrics_test {

using namespace std::chrono_literals;

/// The value behind `name`, or -1.
double value(const std::string& text, const std::string& name) {
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + " "))
      return std::stod(line.substr(name.size()));
  return -1;
}

metrics_moment moment() {
  metrics_moment made;
  made.committed = position{12};
  made.applied = position{10};
  made.model_bytes = 4096;
  made.log_bytes = 8192;
  made.disk = {10, 20, 30, 40};
  made.actors = 9;
  made.now = instant{90s};
  made.version = "1.2.3";
  return made;
}

TEST_CASE("a value falls into the first bucket that holds it") {
  static constexpr std::array<std::uint64_t, 3> bounds{10, 20, 30};
  histogram spread{bounds};
  for (const std::uint64_t each : {0, 10, 11, 30, 31, 1'000'000})
    spread.observe(each);
  CHECK(spread.count(0) == 2);
  CHECK(spread.count(1) == 1);
  CHECK(spread.count(2) == 1);
  CHECK(spread.count(3) == 2);
  CHECK(spread.sum() == 1'000'082);
  histogram times{bounds};
  times.observe(std::chrono::nanoseconds{-5});
  times.observe(15us);
  CHECK(times.count(0) == 1);
  CHECK(times.count(1) == 1);
}

TEST_CASE("shares of a gauge add up and are taken back") {
  gauge whole;
  gauge_share one;
  one.join(whole);
  {
    gauge_share other;
    other.join(whole);
    one.set(5);
    other.set(7);
    CHECK(whole.value() == 12);
    other.set(1);
    CHECK(whole.value() == 6);
  }
  CHECK(whole.value() == 5);
}

TEST_CASE("an error's code is read back from its envelope") {
  for (std::size_t i = 0; i < error_code_count; ++i) {
    const auto code = static_cast<error_code>(i);
    for (const reference& ref : {reference{}, reference{std::int64_t{7}}, reference{"a name"}})
      CHECK(code_of_error(encode_error(ref, {code, "why", 5ms})) == code);
  }
  CHECK_FALSE(code_of_error(encode_ok(std::int64_t{7})));
  CHECK_FALSE(code_of_error({}));
  CHECK_FALSE(code_of_error(std::string_view{"\x81\xa4type\xa5"
                                             "error"}));
}

TEST_CASE("everything that is counted is told, with its labels") {
  engine_metrics all;
  all.messages.add(3);
  all.commands[command{send_message{}}.index()].add(4);
  of(all.errors, error_code::rate_limited).add(2);
  of(all.rate_limited, rate_kind::address).add(5);
  all.sessions[1].add(6);
  of(all.reads, read_kind::page).observe(std::uint64_t{400});
  all.commit_time.observe(2ms);
  all.commit_time.observe(1h);
  all.batch_records.observe(std::uint64_t{16});
  all.unapplied_since.set(nanoseconds_of(instant{88s}));
  all.cold_segments.set(2);
  all.cold_bytes.set(40'000);
  all.cold_raw_bytes.set(100'000);
  of(all.files, file_way::uploaded).add(2);
  of(all.file_bytes, file_way::downloaded).add(700);
  of(all.exports, export_stage::failed).add(3);
  of(all.erasures, erasing_stage::refused).add(4);
  of(all.notices, notice_change::withdrawn).add(5);
  const std::string text = print_metrics(all, moment());
  CHECK(value(text, "parley_files_total{way=\"uploaded\"}") == 2);
  CHECK(value(text, "parley_files_total{way=\"downloaded\"}") == 0);
  CHECK(value(text, "parley_file_bytes_total{way=\"downloaded\"}") == 700);
  CHECK(value(text, "parley_exports_total{stage=\"failed\"}") == 3);
  CHECK(value(text, "parley_erasures_total{stage=\"refused\"}") == 4);
  CHECK(value(text, "parley_notifications_total{change=\"withdrawn\"}") == 5);
  CHECK(value(text, "parley_build_info{version=\"1.2.3\"}") == 1);
  CHECK(value(text, "parley_messages_total") == 3);
  CHECK(value(text, "parley_commands_total{type=\"send\"}") == 4);
  CHECK(value(text, "parley_commands_total{type=\"hello\"}") == 0);
  CHECK(value(text, "parley_errors_total{code=\"rate_limited\"}") == 2);
  CHECK(value(text, "parley_rate_limited_total{limit=\"address\"}") == 5);
  CHECK(value(text, "parley_sessions{encoding=\"json\"}") == 6);
  CHECK(value(text, "parley_read_seconds_count{kind=\"page\"}") == 1);
  CHECK(value(text, "parley_read_seconds_bucket{kind=\"page\",le=\"0.0005\"}") == 1);
  CHECK(value(text, "parley_read_seconds_bucket{kind=\"page\",le=\"0.00025\"}") == 0);
  CHECK(value(text, "parley_commit_seconds_count") == 2);
  CHECK(value(text, "parley_commit_seconds_bucket{le=\"+Inf\"}") == 2);
  CHECK(value(text, "parley_commit_seconds_bucket{le=\"5\"}") == 1);
  CHECK(std::abs(value(text, "parley_commit_seconds_sum") - 3600.002) < 1e-6);
  CHECK(value(text, "parley_batch_records_bucket{le=\"16\"}") == 1);
  CHECK(value(text, "parley_unapplied_batches") == 2);
  CHECK(value(text, "parley_unapplied_seconds") == 2);
  CHECK(value(text, "parley_model_file_bytes") == 4096);
  CHECK(value(text, "parley_log_file_bytes") == 8192);
  CHECK(value(text, "parley_actors") == 9);
  CHECK(value(text, "parley_search_file_bytes") == 10);
  CHECK(value(text, "parley_webhook_file_bytes") == 20);
  CHECK(value(text, "parley_files_bytes") == 30);
  CHECK(value(text, "parley_free_bytes") == 40);
  CHECK(value(text, "parley_cold_segments") == 2);
  CHECK(value(text, "parley_cold_bytes") == 40'000);
  CHECK(value(text, "parley_cold_raw_bytes") == 100'000);
}

TEST_CASE("a model that is up to date is zero behind") {
  engine_metrics all;
  auto now = moment();
  now.applied = position{13}; // read a moment later
  const std::string text = print_metrics(all, now);
  CHECK(value(text, "parley_unapplied_batches") == 0);
  CHECK(value(text, "parley_unapplied_seconds") == 0);
}

TEST_CASE("webhooks are counted by what became of them, and the oldest one's age is told") {
  engine_metrics all;
  of(all.webhook_deliveries, webhook_result::accepted).add(3);
  of(all.webhook_deliveries, webhook_result::gone).add();
  all.webhook_waiting.set(2);
  all.webhook_dead.set(1);
  all.webhook_waiting_since.set(nanoseconds_of(moment().now - 60s));
  const std::string text = print_metrics(all, moment());
  CHECK(value(text, "parley_webhook_deliveries_total{result=\"accepted\"}") == 3);
  CHECK(value(text, "parley_webhook_deliveries_total{result=\"refused\"}") == 0);
  CHECK(value(text, "parley_webhook_deliveries_total{result=\"gone\"}") == 1);
  CHECK(value(text, "parley_webhook_waiting") == 2);
  CHECK(value(text, "parley_webhook_waiting_seconds") == 60);
  CHECK(value(text, "parley_webhook_dead_letters") == 1);
}

TEST_CASE("each family has a help and a type, once") {
  const std::string text = print_metrics(engine_metrics{}, moment());
  std::istringstream lines{text};
  std::size_t helps = 0;
  std::size_t types = 0;
  for (std::string line; std::getline(lines, line);) {
    helps += line.starts_with("# HELP parley_") ? 1 : 0;
    types += line.starts_with("# TYPE parley_") ? 1 : 0;
    CHECK((line.starts_with("# ") || line.starts_with("parley_")));
  }
  CHECK(helps == types);
  CHECK(helps > 25);
}

/// Archives that have nothing in them.
class empty_archives final : public exports {
public:
  class no_bytes final : public export_stream {
    void read(told<std::string> to) override { to(std::string{}); }
  };
  void open(export_question, told<std::shared_ptr<export_stream>> to) override {
    to(std::shared_ptr<export_stream>{std::make_shared<no_bytes>()});
  }
};

TEST_CASE(
    "an export that was read to its end has ended, one that was let go of before has failed") {
  scene it;
  export_desk desk{it.engine->context(), std::make_shared<empty_archives>()};
  std::vector<opened_export> held;
  for (const auto* user : {"alice", "bob"}) {
    identity who;
    who.user = user_id{user};
    desk.open(who.user, who, [&](const result<opened_export>& opened) {
      REQUIRE(opened);
      held.push_back(*opened);
    });
    it.engine->settle();
  }
  REQUIRE(held.size() == 2);
  const auto& counted = it.engine->context()->metrics->exports;
  CHECK(of(counted, export_stage::begun).value() == 2);
  held.back().bytes->read([](const result<std::string>& bytes) { CHECK(bytes->empty()); });
  held.pop_back();
  CHECK(of(counted, export_stage::ended).value() == 1);
  CHECK(of(counted, export_stage::failed).value() == 0);
  held.clear();
  CHECK(of(counted, export_stage::failed).value() == 1);
}

} // namespace metrics_test

} // namespace parley::test
