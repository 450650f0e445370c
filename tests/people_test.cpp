// Who may do what to whom, and what a conversation is called, through the whole engine.
#include <memory>
#include <string>
#include <vector>

#include "actors/limits_people.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace people_test {

/// Alice owns a conversation of some kind with Bob and Carol in it.
struct cast {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client carol{it, "carol"};
  conversation_id where;

  explicit cast(conversation_kind kind)
      : where(alice
                  .ask(create{kind,
                              {},
                              "Crew",
                              std::vector{user_id{"bob"}, user_id{"carol"}},
                              {}})["conversation"]
                  .get<std::string>()) {}

  std::string code(client& who, command what) {
    const json answer = who.ask(std::move(what));
    return answer["type"] == "error" ? answer["code"] : answer["type"];
  }
  json posted(client& who, const std::string& id) { return who.post(where.str(), id); }
  std::string role_of(const std::string& user) {
    const json page = alice.ask(get_members{where, {}, {}});
    for (const auto& each : page["items"])
      if (each["user"] == user)
        return each["role"];
    return "nobody";
  }
};

application_data map_of(const std::string& key, int value) {
  const auto bytes = json::to_msgpack(json{{key, value}});
  return {{bytes.begin(), bytes.end()}};
}

TEST_CASE("in a channel owners and admins post, and readers read") {
  cast all{conversation_kind::channel};
  CHECK(all.role_of("bob") == "reader");
  CHECK(all.posted(all.alice, "a1")["seq"] == 2);
  CHECK(all.posted(all.bob, "b1")["code"] == "forbidden");
  CHECK(all.code(all.bob, history{all.where, {}, {}, {}, {}}) == "page");
  CHECK(all.code(all.bob, add_members{all.where, {user_id{"dave"}}, {}, {}}) == "forbidden");
  CHECK(all.alice.ask(change_role{all.where, user_id{"bob"}, role::admin})["seq"] == 3);
  CHECK(all.posted(all.bob, "b2")["seq"] == 4);
  CHECK(all.code(all.bob, add_members{all.where, {user_id{"dave"}}, {}, {}}) == "ok");
}

TEST_CASE("a change of role is an event to all, and survives a restart") {
  cast all{conversation_kind::group};
  all.bob.events();
  const json answer = all.alice.ask(change_role{all.where, user_id{"carol"}, role::admin});
  CHECK(answer["type"] == "ok");
  const auto seen = all.bob.events();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0]["type"] == "changed");
  CHECK(seen[0]["seq"] == answer["seq"]);
  CHECK(seen[0]["user"] == "carol");
  CHECK(seen[0]["role"] == "admin");
  CHECK(seen[0]["by"] == "alice");
  all.it.restart();
  client carol{all.it, "carol"};
  CHECK(carol.ask(list_conversations{})["items"][0]["role"] == "admin");
  const json gone = carol.ask(remove_member{all.where, user_id{"bob"}, {}});
  CAPTURE(gone.dump());
  CHECK(gone["type"] == "ok");
}

TEST_CASE("nobody gives a role they may not give") {
  cast all{conversation_kind::group};
  CHECK(all.code(all.bob, change_role{all.where, user_id{"carol"}, role::reader}) == "forbidden");
  CHECK(all.code(all.alice, change_role{all.where, user_id{"bob"}, role::admin}) == "ok");
  CHECK(all.code(all.bob, change_role{all.where, user_id{"carol"}, role::reader}) == "ok");
  CHECK(all.code(all.bob, change_role{all.where, user_id{"carol"}, role::admin}) == "forbidden");
  CHECK(all.code(all.bob, change_role{all.where, user_id{"alice"}, role::member}) == "forbidden");
  CHECK(all.code(all.alice, change_role{all.where, user_id{"nobody"}, role::member}) ==
        "not_found");
  client mallory{all.it, "mallory"};
  CHECK(all.code(mallory, change_role{all.where, user_id{"mallory"}, role::owner}) == "not_found");
}

TEST_CASE("a conversation is never without an owner") {
  cast all{conversation_kind::group};
  CHECK(all.code(all.alice, change_role{all.where, user_id{"alice"}, role::member}) == "forbidden");
  CHECK(all.code(all.alice, change_role{all.where, user_id{"carol"}, role::admin}) == "ok");
  all.bob.events();
  CHECK(all.alice.ask(leave{all.where, {}})["type"] == "ok");
  const auto seen = all.bob.events();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0]["type"] == "left");
  CHECK(seen[0]["owner"] == "carol"); // the highest role comes first
  CHECK(all.carol.ask(change_role{all.where, user_id{"bob"}, role::owner})["type"] == "ok");
  all.it.restart();
  client bob{all.it, "bob"};
  client carol{all.it, "carol"};
  CHECK(bob.ask(change_role{all.where, user_id{"carol"}, role::reader})["type"] == "ok");
  CHECK(carol.ask(leave{all.where, {}})["type"] == "ok");
  CHECK(bob.ask(leave{all.where, {}})["type"] == "ok"); // the last one may go
}

TEST_CASE("a title and data of the application change for everyone") {
  cast all{conversation_kind::group};
  all.carol.events();
  update_conversation what{all.where, "Boat", map_of("n", 1), {}, {}, {}, client_id{"u1"}};
  json first = all.bob.ask(what);
  CHECK(first["seq"] == 2);
  const auto seen = all.carol.events();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0]["type"] == "changed");
  CHECK(seen[0]["title"] == "Boat");
  CHECK(seen[0]["meta"] == json{{"n", 1}});
  CHECK(seen[0]["by"] == "bob");
  json again = all.bob.ask(what);
  again["ref"] = first["ref"];
  CHECK(again == first);
  what.title = "Ship";
  CHECK(all.code(all.bob, what) == "conflict");
  CHECK(all.code(all.bob, update_conversation{all.where}) == "bad_request");
  all.it.restart();
  client carol{all.it, "carol"};
  const json item = carol.ask(list_conversations{})["items"][0];
  CHECK(item["title"] == "Boat");
  CHECK(item["meta"] == json{{"n", 1}});
  const json facts = carol.ask(get_conversation{all.where});
  CHECK(facts["title"] == "Boat");
  CHECK(facts["meta"] == json{{"n", 1}});
}

TEST_CASE("an update that changes nothing is no event") {
  cast all{conversation_kind::group};
  all.carol.events();
  CHECK(all.bob.ask(
            update_conversation{all.where, "Crew", {}, {}, {}, {}, client_id{"u"}})["seq"] == 1);
  CHECK(all.carol.events().empty());
}

TEST_CASE("a message carries what it answers, whom it mentions and the application's data") {
  cast all{conversation_kind::group};
  all.posted(all.alice, "a1");
  all.carol.events();
  send_message what{all.where, client_id{"b1"}, "hi"};
  what.reply_to = 2;
  what.mentions = {user_id{"carol"}, user_id{"@all"}};
  what.meta = map_of("n", 7);
  CHECK(all.bob.ask(what)["seq"] == 3);
  const auto seen = all.carol.events();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0]["reply_to"] == 2);
  CHECK(seen[0]["mentions"] == json{"carol", "@all"});
  CHECK(seen[0]["meta"] == json{{"n", 7}});
  what.meta = map_of("n", 8);
  CHECK(all.code(all.bob, what) == "conflict");
  what.client = client_id{"b2"};
  what.reply_to = 99;
  CHECK(all.code(all.bob, what) == "bad_request");
  what.reply_to = 3;
  what.mentions = std::vector<user_id>(51, user_id{"carol"});
  CHECK(all.code(all.bob, what) == "too_large");
}

TEST_CASE("typing is shown to the others and ends by itself within fifteen seconds") {
  cast all{conversation_kind::group};
  all.bob.events();
  all.alice.events();
  CHECK(all.alice.ask(set_typing{all.where, true})["type"] == "ok");
  auto seen = all.bob.events();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0]["type"] == "typing");
  CHECK(seen[0]["user"] == "alice");
  CHECK(seen[0]["active"] == true);
  CHECK(all.alice.events().empty());
  for (int second = 0; second < 14; ++second)
    all.it.pass(std::chrono::seconds{1});
  seen = all.bob.events();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0]["active"] == false);
  CHECK(seen[0]["expires_ms"] == 0);
}

TEST_CASE("who is removed while typing is shown to have stopped before they are gone") {
  cast all{conversation_kind::group};
  all.bob.ask(set_typing{all.where, true});
  all.carol.events();
  all.alice.ask(remove_member{all.where, user_id{"bob"}, {}});
  CHECK(all.carol.types() == names{"typing", "left"});
}

TEST_CASE("who may not post is not shown typing, and a stranger learns nothing") {
  cast all{conversation_kind::channel};
  client mallory{all.it, "mallory"};
  all.alice.events();
  CHECK(all.code(all.bob, set_typing{all.where, true}) == "forbidden");
  CHECK(all.code(mallory, set_typing{all.where, true}) == "not_found");
  CHECK(all.alice.events().empty());
}

TEST_CASE("the owner deletes a conversation: its last event, then nothing of it is there") {
  cast all{conversation_kind::group};
  for (int i = 0; i < 5; ++i)
    all.posted(all.bob, "b" + std::to_string(i));
  all.carol.close();
  CHECK(all.code(all.bob, erase{all.where}) == "forbidden");
  CHECK(all.code(all.alice, erase{all.where, 2}) == "bad_request");
  const erase all_of_it{all.where, {}, {}, client_id{"gone"}};
  all.bob.events();
  CHECK(all.alice.ask(all_of_it)["seq"] == 7);
  CHECK(all.bob.types() == names{"deleted"});
  const auto expect_nothing = [&](client& owner, client& member) {
    CHECK(owner.ask(all_of_it)["seq"] == 7); // the retry alone is remembered
    CHECK(all.posted(member, "b1")["code"] == "not_found");
    CHECK(all.posted(member, "b9")["code"] == "not_found");
    CHECK(all.code(owner, history{all.where, {}, {}, {}, {}}) == "not_found");
    CHECK(all.code(owner, get_conversation{all.where}) == "not_found");
    CHECK(all.code(owner, mark_read{all.where, 1}) == "not_found");
    CHECK(all.code(owner, add_members{all.where, {user_id{"dave"}}, {}, {}}) == "not_found");
    CHECK(member.ask(list_conversations{})["items"].empty());
  };
  expect_nothing(all.alice, all.bob);
  all.it.restart();
  client owner{all.it, "alice"};
  client member{all.it, "bob"};
  expect_nothing(owner, member);
}

TEST_CASE(
    "who was away is told on return that a conversation was deleted, and nothing else of it") {
  cast all{conversation_kind::channel};
  const std::string cursor = all.carol.greeting()["cursor"];
  all.carol.close();
  all.alice.ask(change_role{all.where, user_id{"bob"}, role::admin});
  all.posted(all.alice, "a1");
  all.alice.ask(erase{all.where});
  all.it.pass(std::chrono::seconds{1}); // its rows go
  client back{all.it, "carol", cursor};
  CHECK(back.types() == names{"deleted", "synced"});
}

TEST_CASE("the retry of a creation finds nothing when the conversation was deleted") {
  scene it;
  client alice{it, "alice"};
  const create made{conversation_kind::group, {}, "Secret", std::vector<user_id>{}, client_id{"m"}};
  const conversation_id where{alice.ask(made)["conversation"].get<std::string>()};
  alice.ask(erase{where});
  for (int life = 0; life < 2; ++life) {
    client again{it, "alice"};
    CHECK(again.ask(made)["code"] == "not_found");
    it.restart();
  }
}

TEST_CASE("a member who missed their own end and the conversation's is told to start anew") {
  cast all{conversation_kind::group};
  const std::string cursor = all.carol.greeting()["cursor"];
  all.carol.close();
  all.alice.ask(remove_member{all.where, user_id{"carol"}, {}});
  all.alice.ask(erase{all.where});
  client back{all.it, "carol", cursor};
  CHECK(back.types() == names{"reset"});
}

TEST_CASE("a direct conversation is nobody's to delete") {
  scene it;
  client alice{it, "alice"};
  const json made = alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}});
  const conversation_id where{made["conversation"].get<std::string>()};
  CHECK(alice.ask(erase{where})["code"] == "forbidden");
}

std::vector<json> typing_of(client& who) {
  std::vector<json> found;
  for (auto& each : who.events())
    if (each["type"] == "typing")
      found.push_back(std::move(each));
  return found;
}

/// A conversation of Bob's in which many others may type.
struct crowd {
  scene it;
  client bob{it, "bob"};
  std::vector<std::unique_ptr<client>> others;
  conversation_id where;

  crowd(std::size_t with_devices, std::size_t members) {
    std::vector<user_id> users;
    for (std::size_t i = 0; i < members; ++i)
      users.emplace_back("user" + std::to_string(100 + i));
    where = conversation_id{make_group(bob, users).get<std::string>()};
    for (std::size_t i = 0; i < with_devices; ++i)
      others.push_back(std::make_unique<client>(it, users[i].str()));
    bob.events();
  }
  void type(std::size_t who, bool active = true) {
    CHECK(others[who]->ask(set_typing{where, active})["type"] == "ok");
  }
};

TEST_CASE("five are named while they type, six are a count, and then five are named again") {
  crowd all{6, 6};
  for (std::size_t i = 0; i < 5; ++i)
    all.type(i);
  CHECK(typing_of(all.bob).size() == 5);
  all.type(5);
  CHECK(typing_of(all.bob).empty());
  all.it.pass(std::chrono::seconds{1});
  auto told = typing_of(all.bob);
  REQUIRE(told.size() == 6);
  for (std::size_t i = 0; i < 5; ++i) { // for those who know names alone
    CHECK(told[i]["user"] == "user10" + std::to_string(i));
    CHECK(told[i]["active"] == false);
  }
  CHECK(told[5]["count"] == 6);
  CHECK(told[5]["expires_ms"] > 0);
  CHECK_FALSE(told[5].contains("user"));
  all.type(2, false);
  all.it.pass(std::chrono::seconds{1});
  told = typing_of(all.bob);
  REQUIRE(told.size() == 6);
  CHECK(told[0]["count"] == 0);
  CHECK(told[0]["expires_ms"] == 0);
  for (std::size_t i = 1; i < 6; ++i)
    CHECK(told[i]["active"] == true);
  const auto own = typing_of(*all.others[0]);
  CHECK(own.back()["user"] == "user105"); // never themselves
}

/// Reads of the store that presence, typing and their likes have asked for.
std::uint64_t reads_about_users(scene& in) {
  const auto& reads = of(in.engine->context()->metrics->reads, read_kind::sharing);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i <= reads.bounds().size(); ++i)
    count += reads.count(i);
  return count;
}

TEST_CASE("in a large conversation typing is told once a tick, whatever is said") {
  crowd all{3, limits::crowd};
  const std::uint64_t before = reads_about_users(all.it);
  for (std::size_t i = 0; i < 3; ++i)
    all.type(i);
  for (std::size_t i = 0; i < 3; ++i)
    all.type(i, false);
  all.it.pass(std::chrono::seconds{1});
  all.bob.events();
  for (int times = 0; times < 10; ++times)
    for (std::size_t i = 0; i < 3; ++i)
      all.others[i]->say(set_typing{all.where, i > 0 || times % 2 == 0});
  all.it.engine->settle();
  all.it.pass(std::chrono::seconds{1});
  const auto told = typing_of(all.bob);
  REQUIRE(told.size() == 2);
  CHECK(told[0]["user"] == "user101");
  CHECK(told[1]["user"] == "user102");
  for (int times = 0; times < 10; ++times) {
    all.type(1);
    all.bob.ask(get_presences{all.where});
    all.it.pass(std::chrono::seconds{1});
  }
  CHECK(reads_about_users(all.it) == before + 4); // of each typist and of Bob, once
}

TEST_CASE("who is there is told by name in a small conversation, in numbers in a large one") {
  crowd small{3, 5};
  small.others[1]->ask(set_presence{presence_status::invisible, {}});
  small.others[2]->ask(set_presence{presence_status::away, {}});
  const json named = small.bob.ask(get_presences{small.where});
  CHECK(named["type"] == "presences");
  CHECK(named["conversation"] == small.where.str());
  CHECK(named["members"] == 6);
  CHECK(named["online"] == 3);
  CHECK(named["items"] == json{{{"user", "bob"}, {"status", "online"}},
                               {{"user", "user100"}, {"status", "online"}},
                               {{"user", "user102"}, {"status", "away"}}});
  client eve{small.it, "eve"};
  CHECK(eve.ask(get_presences{small.where})["code"] == "not_found");
  crowd large{3, limits::crowd};
  const auto online = [&] { return large.bob.ask(get_presences{large.where})["online"]; };
  const json counted = large.bob.ask(get_presences{large.where});
  CHECK(counted["members"] == limits::crowd + 1);
  CHECK(counted["online"] == 4);
  CHECK_FALSE(counted.contains("items"));
  large.others[0]->ask(set_presence{presence_status::invisible, {}});
  CHECK(online() == 4); // not counted anew so soon
  large.it.pass(limits::survey_age);
  CHECK(online() == 3);
  large.others[1]->ask(block_user{user_id{"bob"}});
  CHECK(online() == 2);
}

} // namespace people_test
