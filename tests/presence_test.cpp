// Presence through the whole engine, on a clock of its own: who is shown what, when, and for how
// long.
#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace presence_test {

using enum presence_status;

std::vector<user_id> ids(const names& of) {
  std::vector<user_id> all;
  for (const auto& each : of)
    all.emplace_back(each);
  return all;
}

/// Alice and Bob share a conversation, Mallory shares none.
struct world {
  scene it;
  client bob{it, "bob"};
  json where = make_group(bob, {user_id{"alice"}});

  client enter(const std::string& user, const std::string& device = "d") {
    return client{it, user, {}, device};
  }
  /// Lets time pass in short steps, as it does.
  void wait(std::chrono::milliseconds time) {
    const instant end = it.engine->now() + time;
    while (it.engine->now() < end)
      it.pass(100ms);
  }
  /// What was told of whom since the last call: `alice online`, `alice offline 12` with the seconds
  /// since last_seen, rounded.
  names told(client& to) {
    names all;
    for (const auto& each : to.events()) {
      if (each["type"] != "presence")
        continue;
      std::string line = each["user"].get<std::string>() + " " + each["status"].get<std::string>();
      if (each.contains("text"))
        line += ": " + each["text"].get<std::string>();
      if (each.contains("last_seen"))
        line += " seen";
      all.push_back(line);
    }
    return all;
  }
  json say(client& who, presence_status status, std::optional<std::string> text = {}) {
    return who.ask(set_presence{status, std::move(text)});
  }
  json watch(client& who, const names& whom) { return who.ask(watch_users{ids(whom)}); }
};

/// `who` is gone, and with them what the shard knew of it.
void drop_silently(world& in, client& who) {
  in.it.engine->shard(0).silent = true;
  who.close();
  in.it.engine->settle();
  in.it.engine->shard(0).silent = false;
}

TEST_CASE("whoever watches is told now and on every change") {
  world all;
  CHECK(all.watch(all.bob, {"alice"})["type"] == "ok");
  CHECK(all.told(all.bob) == names{"alice offline"});
  client alice = all.enter("alice");
  all.wait(1s);
  CHECK(all.told(all.bob) == names{"alice online"});
  CHECK(all.say(alice, busy, "in a meeting")["type"] == "ok");
  all.wait(1s);
  CHECK(all.told(all.bob) == names{"alice busy: in a meeting"});
  CHECK(all.bob.ask(unwatch_users{ids({"alice"})})["type"] == "ok");
  all.say(alice, away);
  all.wait(1s);
  CHECK(all.told(all.bob).empty());
  CHECK(all.watch(all.bob, {"alice"})["type"] == "ok");
  CHECK(all.told(all.bob) == names{"alice away"});
}

TEST_CASE("whoever begins to watch after an answer sees its effect") {
  world all;
  client alice = all.enter("alice");
  client second = all.enter("bob", "e");
  all.watch(all.bob, {"alice"});
  all.told(all.bob);
  all.say(alice, busy);
  all.watch(second, {"alice"});
  CHECK(all.told(second) == names{"alice busy"});
  all.wait(1s);
  CHECK(all.told(second).empty()); // not twice
  CHECK(all.told(all.bob) == names{"alice busy"});
}

TEST_CASE("two devices merge: busy wins over online over away, and hiding wins over all") {
  world all;
  client desk = all.enter("alice", "desk");
  client phone = all.enter("alice", "phone");
  all.watch(all.bob, {"alice"});
  all.told(all.bob);
  const std::vector<std::tuple<client*, presence_status, names>> steps{
      {&desk, away, {}}, // the phone is online
      {&phone, away, {"alice away"}},
      {&phone, busy, {"alice busy"}},
      {&desk, online, {}},
      {&desk, invisible, {"alice offline seen"}},
      {&phone, online, {}},
      {&desk, away, {"alice online"}},
  };
  for (const auto& [who, status, expected] : steps) {
    CAPTURE(to_string(status));
    all.say(*who, status);
    all.wait(1s);
    CHECK(all.told(all.bob) == expected);
  }
  phone.close();
  all.wait(1s);
  CHECK(all.told(all.bob) == names{"alice away"});
}

TEST_CASE("a reconnect within ten seconds does not flicker") {
  world all;
  client alice = all.enter("alice");
  all.watch(all.bob, {"alice"});
  all.say(alice, busy);
  all.wait(1s);
  all.told(all.bob);
  alice.close();
  all.wait(9s);
  CHECK(all.told(all.bob).empty());
  client again = all.enter("alice");
  all.wait(30s);
  CHECK(all.told(all.bob).empty());
}

TEST_CASE("offline comes about ten seconds after the last session ended, with its end") {
  world all;
  client alice = all.enter("alice");
  all.watch(all.bob, {"alice"});
  all.told(all.bob);
  const instant begun = all.it.engine->now();
  const timestamp wall{std::chrono::hours{24 * 365 * 50}};
  alice.close();
  all.wait(limits::presence_grace - 500ms);
  CHECK(all.told(all.bob).empty());
  all.wait(1500ms);
  json last;
  for (auto& each : all.bob.events())
    last = each;
  CHECK(last["status"] == "offline");
  const auto seen = timestamp{std::chrono::milliseconds{last["last_seen"].get<std::int64_t>()}};
  CHECK(std::chrono::abs(seen - (wall + std::chrono::floor<std::chrono::milliseconds>(
                                            begun.time_since_epoch()))) < 300ms);
}

TEST_CASE("changes within a tick are one, and none when they lead back") {
  world all;
  client alice = all.enter("alice");
  all.watch(all.bob, {"alice"});
  all.wait(1s);
  all.told(all.bob);
  for (int round = 0; round < 10; ++round) {
    alice.say(set_presence{round % 2 ? away : busy});
    alice.say(set_presence{online});
  }
  all.wait(1s);
  CHECK(all.told(all.bob).empty());
  for (int round = 0; round < 10; ++round)
    alice.say(set_presence{round % 2 ? away : busy, std::to_string(round)});
  all.wait(1s);
  CHECK(all.told(all.bob) == names{"alice away: 9"});
}

TEST_CASE("to strangers everyone is offline, whoever they are") {
  world all;
  client alice = all.enter("alice");
  client mallory = all.enter("mallory");
  CHECK(all.watch(mallory, {"alice", "nobody", "bob"})["type"] == "ok");
  names told = all.told(mallory);
  std::sort(told.begin(), told.end());
  CHECK(told == names{"alice offline", "bob offline", "nobody offline"});
  all.say(alice, busy);
  alice.close();
  all.wait(20s);
  CHECK(all.told(mallory).empty());
  CHECK(all.watch(mallory, {"alice"})["type"] == "ok");
  CHECK(all.told(mallory) == names{"alice offline"}); // and nothing of when
}

TEST_CASE("whoever leaves the only shared conversation is told offline, and the truth when back") {
  world all;
  client alice = all.enter("alice");
  all.watch(alice, {"bob"});
  all.watch(all.bob, {"alice"});
  all.told(alice);
  all.told(all.bob);
  const conversation_id where{all.where.get<std::string>()};
  CHECK(all.bob.ask(remove_member{where, user_id{"alice"}, {}})["type"] == "ok");
  all.say(all.bob, busy); // must not reach alice
  all.wait(4s);
  CHECK(all.told(alice) == names{"bob offline"});
  CHECK(all.told(all.bob) == names{"alice offline"});
  CHECK(all.bob.ask(add_members{where, ids({"alice"}), {}, {}})["type"] == "ok");
  all.wait(4s);
  CHECK(all.told(alice) == names{"bob busy"});
  CHECK(all.told(all.bob) == names{"alice online"});
}

TEST_CASE("whoever shared nothing but a conversation that is deleted is a stranger from then on") {
  world in;
  client alice = in.enter("alice");
  in.watch(in.bob, {"alice"});
  in.wait(1s);
  CHECK(in.told(in.bob) == names{"alice online"});
  in.bob.ask(erase{conversation_id{in.where.get<std::string>()}});
  in.wait(5s);
  CHECK(in.told(in.bob) == names{"alice offline"});
}

TEST_CASE("one's own devices see what others see") {
  world all;
  client other = all.enter("bob", "e");
  all.watch(other, {"bob"});
  CHECK(all.told(other) == names{"bob online"});
  all.say(all.bob, invisible);
  all.wait(1s);
  CHECK(all.told(other) == names{"bob offline seen"});
}

TEST_CASE("a session whose end nobody heard of ends by itself") {
  world all;
  client alice = all.enter("alice");
  all.watch(all.bob, {"alice"});
  all.told(all.bob);
  drop_silently(all, alice);
  all.wait(40s);
  CHECK(all.told(all.bob).empty());
  all.wait(limits::session_lease + limits::presence_grace - 40s + 1s);
  CHECK(all.told(all.bob) == names{"alice offline seen"});
  all.wait(5min);
  CHECK(all.told(all.bob).empty());
}

TEST_CASE("a silent session that lives stays for as long as it likes") {
  world all;
  client alice = all.enter("alice");
  all.watch(all.bob, {"alice"});
  all.told(all.bob);
  all.wait(5min);
  CHECK(all.told(all.bob).empty());
  CHECK(alice.ask(list_sessions{})["items"].size() == 1);
}

TEST_CASE("after a restart everybody is offline, and was last seen when they were") {
  world all;
  json before;
  {
    client alice = all.enter("alice");
    all.watch(all.bob, {"alice"});
    alice.close();
    all.wait(12s);
    for (auto& each : all.bob.events())
      before = each;
    REQUIRE(before["status"] == "offline");
    REQUIRE(before.contains("last_seen"));
  }
  all.it.restart();
  client bob = all.enter("bob");
  all.watch(bob, {"alice"});
  const auto told = bob.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0] == before);
}

TEST_CASE("a crash loses little of when those who were there were seen") {
  world all;
  client alice = all.enter("alice");
  all.wait(limits::session_renewal + 2s);
  const auto crashed = all.it.engine->now().time_since_epoch();
  all.it.restart();
  client bob = all.enter("bob");
  all.watch(bob, {"alice"});
  const auto told = bob.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["status"] == "offline");
  REQUIRE(told[0].contains("last_seen"));
  const timestamp seen{std::chrono::milliseconds{told[0]["last_seen"].get<std::int64_t>()}};
  const auto ago = std::chrono::hours{24 * 365 * 50} + crashed - seen.time_since_epoch();
  CHECK(ago < limits::session_renewal + 5s);
}

TEST_CASE("the thirty-third device is refused, the same one again is not") {
  world all;
  std::vector<std::unique_ptr<client>> devices;
  const auto enter = [&](const std::string& device) -> client& {
    devices.push_back(std::make_unique<client>(all.it, "alice", std::nullopt, device));
    return *devices.back();
  };
  for (std::size_t i = 0; i < limits::devices_per_user; ++i)
    REQUIRE(enter("d" + std::to_string(i)).greeting()["type"] == "welcome");
  client& refused = enter("one more");
  CHECK(refused.greeting()["type"] == "error");
  CHECK(refused.greeting()["code"] == "forbidden");
  CHECK(refused.has_ended());
  CHECK(enter("d3").greeting()["type"] == "welcome");
  devices[5]->close();
  all.it.engine->settle();
  CHECK(enter("one more").greeting()["type"] == "welcome");
}

TEST_CASE("sessions are listed for their user, and ended from one another") {
  world all;
  client desk = all.enter("alice", "desk");
  client phone = all.enter("alice", "phone");
  const json listed = desk.ask(list_sessions{});
  CHECK(listed["type"] == "sessions");
  REQUIRE(listed["items"].size() == 2);
  for (const auto& each : listed["items"]) {
    const bool own = each["session"] == desk.greeting()["session"];
    CHECK(each["current"] == own);
    CHECK(each["device"] == (own ? "desk" : "phone"));
    CHECK(each["since"] > 0);
  }
  const auto name = phone.greeting()["session"].get<std::string>();
  CHECK(all.bob.ask(end_session{name})["code"] == "not_found"); // not his
  CHECK(desk.ask(end_session{"no such thing"})["code"] == "not_found");
  CHECK(desk.ask(end_session{name})["type"] == "ok");
  const auto last = phone.events();
  REQUIRE_FALSE(last.empty());
  CHECK(last.back()["type"] == "bye");
  CHECK(last.back()["reason"] == "ended");
  CHECK(phone.has_ended());
  CHECK(desk.ask(list_sessions{})["items"].size() == 1);
  CHECK(desk.ask(end_session{name})["code"] == "not_found");
}

TEST_CASE("a session watches a thousand users and not one more, and all ends with it") {
  world all;
  const std::size_t alone = all.it.engine->actors_alive();
  {
    client alice = all.enter("alice");
    std::vector<user_id> many;
    for (std::size_t i = 0; i < limits::watched_per_session; ++i)
      many.emplace_back("u" + std::to_string(i));
    CHECK(alice.ask(watch_users{many})["type"] == "ok");
    CHECK(all.watch(alice, {"u1", "u2"})["type"] == "ok"); // no new ones
    CHECK(all.watch(alice, {"bob"})["code"] == "too_large");
    CHECK(alice.ask(unwatch_users{ids({"u1"})})["type"] == "ok");
    CHECK(all.watch(alice, {"bob"})["type"] == "ok");
    CHECK(all.it.engine->actors_alive() > alone + 900);
    alice.close();
  }
  all.wait(limits::presence_grace + 1s);
  CHECK(all.it.engine->actors_alive() == alone);
}

TEST_CASE("a large watch counts as several commands") {
  scene it{true}; // twenty at once
  client alice{it, "alice"};
  std::vector<user_id> many;
  for (int i = 0; i < 500; ++i)
    many.emplace_back("u" + std::to_string(i));
  CHECK(alice.ask(watch_users{many})["code"] == "rate_limited");
}

} // namespace presence_test
