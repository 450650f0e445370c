// Scenarios through all actors and the store, under CAF's test coordinator and a virtual clock.
#include <set>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"
#include "tests/support/unpack.hpp"

using namespace parley;
using namespace parley::test;

namespace engine_test {

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

TEST_CASE("more retries at once than a conversation remembers get their first answers") {
  scene it;
  json where;
  constexpr std::uint64_t devices = 12;
  constexpr std::uint64_t many = devices * limits::commands_in_flight;
  static_assert(many > 2 * limits::keys_in_memory);
  {
    client alice{it, "alice"};
    where = make_group(alice, {});
    for (std::uint64_t i = 0; i < many; ++i)
      alice.post(where, "a" + std::to_string(i));
  }
  it.restart();
  std::vector<std::unique_ptr<client>> all;
  for (std::uint64_t i = 0; i < devices; ++i)
    all.push_back(std::make_unique<client>(it, "alice", std::nullopt, "d" + std::to_string(i)));
  for (std::uint64_t i = 0; i < many; ++i)
    all[i % devices]->say(send_message{conversation_id{where.get<std::string>()},
                                       client_id{"a" + std::to_string(i)}, "hi"});
  CHECK(all.back()->last().is_null());
  it.engine->settle();
  for (std::uint64_t i = 0; i < devices; ++i)
    CHECK(all[i]->last()["seq"] == 2 + many - devices + i);
  CHECK(all[0]->post(where, "new")["seq"] == 2 + many);
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
  it.engine->fault_shard(0);
  it.engine->settle();
  REQUIRE(it.engine->failures().size() == 2);
  CHECK(it.engine->failures()[1].find("shard ended") != std::string::npos);
}

} // namespace engine_test
