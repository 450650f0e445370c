// How often something may happen, alone and shared, and what a client is told.
#include "actors/rate_limit.hpp"

#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "actors/address_rates.hpp"
#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"
#include "transport/peer_address.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace rate_limit_test {

const instant start = instant{} + 1h;

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

TEST_CASE("addresses are limited one by one, in memory that does not grow") {
  address_rates rates{{1, 2}, 7, 1024};
  CHECK_FALSE(rates.take("alice's", start));
  CHECK_FALSE(rates.take("alice's", start));
  CHECK(rates.take("alice's", start) == std::chrono::seconds{1});
  CHECK_FALSE(rates.take("bob's", start));
  CHECK_FALSE(rates.take("alice's", start + std::chrono::seconds{1}));
  int refused = 0;
  for (int i = 0; i < 10'000; ++i) // more than there are cells: they share
    refused += rates.take("network " + std::to_string(i), start) ? 1 : 0;
  CHECK(refused > 7'900);
  CHECK(refused < 10'000 - 1'900);
}

TEST_CASE("nobody can choose whom to share a limit with") {
  const auto shares = [](std::uint64_t seed) {
    std::string who;
    for (int i = 0; i < 256; ++i) {
      address_rates rates{{1, 1}, seed, 16};
      rates.take("alice's", start);
      who += rates.take(std::string(1, static_cast<char>(i)), start) ? 'x' : '.';
    }
    return who;
  };
  CHECK(shares(1) == shares(1));
  CHECK(shares(1) != shares(2));
}

TEST_CASE("an address counts as what its owner cannot choose") {
  const auto network = [](const char* text) {
    sockaddr_storage peer{};
    auto& v4 = reinterpret_cast<sockaddr_in&>(peer);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(peer);
    if (::inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
      peer.ss_family = AF_INET;
    } else {
      REQUIRE(::inet_pton(AF_INET6, text, &v6.sin6_addr) == 1);
      peer.ss_family = AF_INET6;
    }
    return std::string{network_of(peer)};
  };
  CHECK(network("192.0.2.1") != network("192.0.2.2"));
  CHECK(network("192.0.2.1") == network("::ffff:192.0.2.1"));
  CHECK(network("2001:db8::1") == network("2001:db8::2"));
  CHECK(network("2001:db8:0:1::1") != network("2001:db8:0:2::1"));
  CHECK(network_of(sockaddr_storage{}).empty());
}

TEST_CASE("many at once are counted together or not at all, and the wait is the right one") {
  rate_limit limit{{100, 20}};
  instant now{std::chrono::seconds{1}};
  CHECK_FALSE(limit.take(now, 20));
  const auto wait = limit.take(now, 10);
  REQUIRE(wait);
  CHECK(*wait == std::chrono::milliseconds{100});
  CHECK(limit.take(now + *wait - std::chrono::milliseconds{1}, 10));
  CHECK_FALSE(limit.take(now + *wait, 10)); // what was refused has cost nothing
  CHECK(limit.take(now + std::chrono::seconds{1}, 1000) == std::nullopt); // no more than a burst
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

TEST_CASE("a conversation's rate is the members' alone: strangers use none of it") {
  constexpr std::size_t people = limits::conversation_messages_burst / 20 + 10;
  scene it{true}; // twenty commands of a user at once
  std::vector<std::unique_ptr<client>> members;
  std::vector<std::unique_ptr<client>> strangers;
  std::vector<user_id> names;
  for (std::size_t i = 0; i < people; ++i) {
    names.emplace_back("member" + std::to_string(i));
    members.push_back(std::make_unique<client>(it, names.back().str()));
    strangers.push_back(std::make_unique<client>(it, "stranger" + std::to_string(i)));
  }
  const conversation_id where{make_group(*members[0], names).get<std::string>()};
  it.pass(std::chrono::seconds{10}); // everyone is rested
  const auto all_post = [&](const std::vector<std::unique_ptr<client>>& crowd) {
    for (const auto& each : crowd)
      for (int i = 0; i < 20; ++i)
        each->say(send_message{where, client_id{std::to_string(i)}, "hi"});
    it.engine->settle();
    std::size_t limited = 0;
    for (const auto& each : crowd) {
      const json told = each->last();
      const std::string code = told.value("code", "");
      limited += code == "rate_limited" && told.value("retry_after_ms", 0) > 0 ? 1 : 0;
      if (&crowd == &strangers)
        CHECK(code == "not_found");
    }
    return limited;
  };
  CHECK(all_post(strangers) == 0);
  CHECK(all_post(members) > 0);
  CHECK(it.all.head(where) > sequence{limits::conversation_messages_burst});
}

} // namespace rate_limit_test
