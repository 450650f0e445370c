// Scenarios through all actors and the store, under CAF's test coordinator and a virtual clock.
#include <set>

#include <nlohmann/json.hpp>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/simulation/engine_in_memory.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/unpack.hpp"

using namespace parley;
using namespace parley::test;
using nlohmann::json;

namespace {

/// An engine with one shard, and clients that ask and wait.
class scene {
public:
  temporary_directory data{quick_place()};
  truth all;
  random_source random{7};
  std::unique_ptr<engine_in_memory> engine = start();

  std::unique_ptr<engine_in_memory> start() {
    return std::make_unique<engine_in_memory>(data.path(), all, random, 1);
  }
  void restart() {
    engine.reset();
    engine = start();
  }
  void pass(std::chrono::milliseconds time) {
    engine->advance(time);
    engine->settle();
  }
};

class client {
public:
  client(scene& in, std::string user, std::optional<std::string> since = {})
      : in_(in), session_(in.engine->shard(0).open()) {
    greeting_ = ask(hello{std::move(user), device_id{"d"}, std::move(since)});
  }

  void say(command what) { in_.engine->shard(0).say(session_, {++ref_, std::move(what)}); }
  json ask(command what) {
    say(std::move(what));
    in_.engine->settle();
    return last();
  }
  void receive() {
    for (const auto& bytes : in_.engine->shard(0).take(session_, 1'000'000))
      for (auto& each : unpack_all(bytes))
        got_.push_back(std::move(each));
  }
  /// Everything that came without being an answer, and forgets it.
  std::vector<json> events() {
    in_.engine->settle();
    receive();
    std::vector<json> events;
    for (auto& each : std::exchange(got_, {}))
      if (!each.contains("ref") && each["type"] != "checkpoint")
        events.push_back(std::move(each));
    return events;
  }
  std::vector<std::string> types() {
    std::vector<std::string> names;
    for (const auto& each : events())
      names.push_back(each["type"]);
    return names;
  }
  json post(const json& where, const std::string& id, const std::string& body = "hi") {
    return ask(send_message{conversation_id{where.get<std::string>()}, client_id{id}, body});
  }
  /// The answer to what was asked last, once it is there.
  json last() {
    receive();
    for (const auto& each : got_)
      if (each.contains("ref") && each["ref"] == ref_)
        return each;
    return {};
  }
  const json& greeting() const { return greeting_; }
  bool has_ended() {
    receive();
    return in_.engine->shard(0).has_ended(session_);
  }
  void close() { in_.engine->shard(0).close(session_); }

private:
  scene& in_;
  std::uint64_t session_;
  std::int64_t ref_ = 0;
  std::vector<json> got_;
  json greeting_;
};

json make_group(client& by, std::vector<user_id> members) {
  return by.ask(
      create{conversation_kind::group, {}, "Crew", std::move(members), {}})["conversation"];
}

using names = std::vector<std::string>;

} // namespace

TEST_CASE("two clients talk") {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  CHECK(alice.greeting()["type"] == "welcome");
  const json where =
      alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}})["conversation"];
  CHECK(bob.types() == names{"conversation", "joined"});
  CHECK(alice.post(where, "a1")["seq"] == 2);
  const auto got = bob.events();
  REQUIRE(got.size() == 1);
  CHECK(got[0]["from"] == "alice");
  CHECK(got[0]["body"] == "hi");
}

TEST_CASE("a command before hello ends the session") {
  scene it;
  const auto session = it.engine->shard(0).open();
  it.engine->shard(0).say(session, {std::int64_t{1}, ping{}});
  it.engine->settle();
  const auto got = it.engine->shard(0).take(session, 10);
  REQUIRE(got.size() == 1);
  CHECK(unpack(got[0])["code"] == "unauthenticated");
  CHECK(it.engine->shard(0).has_ended(session));
}

TEST_CASE("an idle conversation leaves memory and comes back with its numbers and keys") {
  scene it;
  client alice{it, "alice"};
  const json where = make_group(alice, {});
  const json first = alice.post(where, "a1");
  const std::size_t before = it.engine->actors_alive();
  for (int i = 0; i < 10; ++i)
    it.pass(limits::idle_sweep);
  CHECK(it.engine->actors_alive() == before - 1);
  CHECK(alice.post(where, "a1")["seq"] == first["seq"]);
  CHECK(alice.post(where, "a2")["seq"] == 3);
  CHECK(it.engine->actors_alive() == before);
}

TEST_CASE("a conversation that does not exist does not stay in memory") {
  scene it;
  client alice{it, "alice"};
  const std::size_t before = it.engine->actors_alive();
  CHECK(alice.ask(get_conversation{conversation_id{"nowhere"}})["code"] == "not_found");
  CHECK(it.engine->actors_alive() == before);
}

TEST_CASE("a full disk is unavailable, and sends go on when there is room") {
  scene it;
  client alice{it, "alice"};
  const json where = make_group(alice, {});
  alice.post(where, "a1");
  it.engine->log().failing = true;
  CHECK(alice.post(where, "a2")["code"] == "unavailable");
  CHECK(alice.ask(history{conversation_id{where.get<std::string>()}, {}, {}, {}, {}})["last"] == 2);
  it.engine->log().failing = false;
  CHECK(alice.post(where, "a2")["seq"] == 3);
}

TEST_CASE("after a restart everything acknowledged is there and retries get their first answer") {
  scene it;
  json where;
  json first;
  std::string cursor;
  {
    client alice{it, "alice"};
    where = make_group(alice, {user_id{"bob"}});
    first = alice.post(where, "a1");
    cursor = alice.greeting()["cursor"];
  }
  it.restart();
  client alice{it, "alice", cursor};
  CHECK(alice.types() == names{"conversation", "joined", "message", "synced"});
  json again = alice.post(where, "a1");
  again["ref"] = first["ref"];
  CHECK(again == first);
  client bob{it, "bob"};
  CHECK(bob.ask(list_conversations{})["items"][0]["last"]["body"] == "hi");
}

TEST_CASE("a member who was added while away is introduced on resume") {
  scene it;
  client bob{it, "bob"};
  const std::string cursor = bob.greeting()["cursor"];
  bob.close();
  client alice{it, "alice"};
  const json where = make_group(alice, {});
  alice.post(where, "a1");
  alice.ask(add_members{conversation_id{where.get<std::string>()}, {user_id{"bob"}}, {}, {}});
  alice.post(where, "a2");
  client again{it, "bob", cursor};
  const auto got = again.types();
  CHECK(got.front() == "conversation");
  CHECK(got.back() == "synced");
}

TEST_CASE("commands of one connection take effect in the order they were sent") {
  scene it;
  client alice{it, "alice"};
  const json where = make_group(alice, {});
  const conversation_id id{where.get<std::string>()};
  alice.say(send_message{id, client_id{"a"}, "one"});
  alice.say(send_message{id, client_id{"b"}, "two"});
  alice.say(history{id, {}, {}, {}, {}});
  const json list = alice.ask(list_conversations{});
  CHECK(list["items"][0]["seq"] == 3);
  CHECK(list["items"][0]["last"]["body"] == "two");
}

TEST_CASE("a list of large messages is cut by its bytes and goes on at its cursor") {
  scene it;
  client alice{it, "alice"};
  constexpr std::size_t many = 30;
  for (std::size_t i = 0; i < many; ++i)
    alice.post(make_group(alice, {}), "a", std::string(limits::body_bytes, 'x'));
  std::set<std::string> seen;
  std::optional<std::string> cursor;
  do {
    const json page = alice.ask(list_conversations{{}, cursor});
    REQUIRE(page["items"].size() > 0);
    CHECK(page.dump().size() < 2 * limits::page_bytes);
    for (const auto& each : page["items"])
      CHECK(seen.insert(each["conversation"]).second);
    cursor =
        page.contains("cursor") ? std::optional{page["cursor"].get<std::string>()} : std::nullopt;
  } while (cursor);
  CHECK(seen.size() == many);
}

TEST_CASE("of two creations with one client_id the second gets the first's answer or a conflict") {
  scene it;
  client alice{it, "alice"};
  const create group{
      conversation_kind::group, {}, "Crew", std::vector{user_id{"bob"}}, client_id{"x"}};
  json first = alice.ask(group);
  json again = alice.ask(group);
  again["ref"] = first["ref"];
  CHECK(again == first);
  CHECK(alice.ask(
            create{conversation_kind::direct, user_id{"bob"}, {}, {}, client_id{"x"}})["code"] ==
        "conflict");
  alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, client_id{"y"}});
  CHECK(alice.ask(create{conversation_kind::group, {}, "Crew", {}, client_id{"y"}})["code"] ==
        "conflict");
}

TEST_CASE("of two different creations with one client_id at the same moment one is a conflict") {
  scene it;
  client phone{it, "alice"};
  client tablet{it, "alice"};
  client bob{it, "bob"};
  phone.say(create{conversation_kind::direct, user_id{"bob"}, {}, {}, client_id{"x"}});
  const json second = tablet.ask(
      create{conversation_kind::group, {}, "Crew", std::vector{user_id{"bob"}}, client_id{"x"}});
  const json first = phone.last();
  const auto conflicts =
      (first.value("code", "") == "conflict") + (second.value("code", "") == "conflict");
  CHECK(conflicts == 1);
  CHECK(bob.types() == names{"conversation", "joined"});
  // Both are remembered: the loser may be asked for under another name.
  CHECK(tablet.ask(create{conversation_kind::group, {}, "Crew", {}, client_id{"y"}})["type"] ==
        "conversation");
}

TEST_CASE("an add that changed nothing is remembered, whatever happened since") {
  scene it;
  client alice{it, "alice"};
  const json where = make_group(alice, {user_id{"bob"}});
  const conversation_id id{where.get<std::string>()};
  const add_members again{id, {user_id{"bob"}}, {}, client_id{"add-bob"}};
  json first = alice.ask(again);
  CHECK(first["type"] == "ok");
  CHECK(first["seq"] == 1);
  CHECK(alice.ask(remove_member{id, user_id{"bob"}, {}})["seq"] == 2);
  it.restart();
  client later{it, "alice"};
  json retry = later.ask(again);
  retry["ref"] = first["ref"];
  CHECK(retry == first);
  CHECK(later.ask(get_members{id, {}, {}})["items"].size() == 1);
  CHECK(later.ask(add_members{id, {user_id{"carol"}}, {}, client_id{"add-bob"}})["code"] ==
        "conflict");
  CHECK(later.post(where, "a1")["seq"] == 3);
}

TEST_CASE("a creation that found what it named is remembered with its answer") {
  scene it;
  client alice{it, "alice"};
  const create direct{conversation_kind::direct, user_id{"bob"}, {}, {}, {}};
  const json where = alice.ask(direct)["conversation"];
  alice.post(where, "a1");
  create named = direct;
  named.client = client_id{"talk"};
  json first = alice.ask(named);
  CHECK(first["seq"] == 2);
  alice.post(where, "a2");
  it.restart();
  client later{it, "alice"};
  json retry = later.ask(named);
  retry["ref"] = first["ref"];
  CHECK(retry == first);
  CHECK(later.ask(create{conversation_kind::group, {}, "Crew", {}, client_id{"talk"}})["code"] ==
        "conflict");
}

TEST_CASE("an actor that ends by a fault stops the process, one of a connection only its session") {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  it.engine->fault_connection(0);
  it.engine->settle();
  CHECK(alice.has_ended());
  CHECK_FALSE(bob.has_ended());
  CHECK(it.engine->failures().empty());
  it.engine->fault_directory();
  it.engine->settle();
  REQUIRE(it.engine->failures().size() == 1);
  CHECK(it.engine->failures()[0].find("directory ended") != std::string::npos);
}
