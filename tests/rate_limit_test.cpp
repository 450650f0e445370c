// How often something may happen, alone and shared, and what a client is told.
#include "actors/rate_limit.hpp"

#include <thread>

#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace {

const instant start = instant{} + 1h;

} // namespace

TEST_CASE(
    "after a rest a burst is allowed, then the average, and the wait that is told is enough") {
  rate_limit limit{{10, 5}};
  for (int i = 0; i < 5; ++i)
    CHECK_FALSE(limit.take(start));
  const auto wait = limit.take(start);
  REQUIRE(wait);
  CHECK(*wait == 100ms);
  CHECK(limit.take(start + 99ms));
  CHECK_FALSE(limit.take(start + *wait));
  CHECK(limit.take(start + *wait));
  for (auto now = start + 200ms; now < start + 1s; now += 100ms)
    CHECK_FALSE(limit.take(now));
  CHECK_FALSE(limit.is_rested(start + 1s));
  CHECK(limit.is_rested(start + 10s));
}

TEST_CASE("a refusal costs nothing, and a clock that stands still gives nothing") {
  rate_limit limit{{1, 1}};
  CHECK_FALSE(limit.take(start));
  for (int i = 0; i < 1000; ++i)
    CHECK(limit.take(start) == 1000ms);
  CHECK_FALSE(limit.take(start + 1s));
}

TEST_CASE("threads that share a limit are allowed no more than one of them alone") {
  rate_limit limit{{1, 1000}};
  std::atomic<int> allowed = 0;
  std::vector<std::thread> all;
  for (int i = 0; i < 4; ++i)
    all.emplace_back([&] {
      for (int times = 0; times < 1000; ++times)
        allowed += !limit.take(start);
    });
  for (auto& each : all)
    each.join();
  CHECK(allowed == 1000);
}

TEST_CASE("a user's limit outlives the connection until it is rested") {
  user_rates rates{{1, 2}};
  const user_id alice{"alice"};
  CHECK_FALSE(rates.of(alice, start)->take(start));
  CHECK_FALSE(rates.of(alice, start)->take(start));
  CHECK(rates.of(alice, start)->take(start));
  for (int i = 0; i < 3000; ++i)
    rates.of(user_id{std::to_string(i)}, start);
  CHECK(rates.of(alice, start)->take(start));
  CHECK(rates.size() < 1100);
}

TEST_CASE("whoever asks too much is told when to ask again, on every connection of theirs") {
  scene it{true};
  client phone{it, "alice"};
  client tablet{it, "alice"};
  client bob{it, "bob"};
  CHECK(phone.ask(ping{})["type"] == "pong");
  for (int i = 0; i < 30; ++i)
    for (client* each : {&phone, &tablet})
      each->say(ping{});
  it.engine->settle();
  const json refused = tablet.last();
  CHECK(refused["code"] == "rate_limited");
  REQUIRE(refused["retry_after_ms"] > 0);
  CHECK(phone.last()["code"] == "rate_limited");
  CHECK(bob.ask(ping{})["type"] == "pong");
  it.pass(std::chrono::milliseconds{refused["retry_after_ms"].get<int>()});
  CHECK(phone.ask(ping{})["type"] == "pong");
}
