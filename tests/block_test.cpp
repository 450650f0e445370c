// Users who have blocked one another: nothing direct passes between them, in neither direction.
#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace block_test {

/// Alice and Bob, who talk to each other and in a group.
struct neighbours {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id pair{
      alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}})["conversation"]
          .get<std::string>()};
  conversation_id group{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  json send(client& who, const conversation_id& where, const std::string& id) {
    return who.ask(send_message{where, client_id{id}, "hi"});
  }
};

std::vector<std::string> blocked_by(client& who) {
  std::vector<std::string> users;
  const json page = who.ask(list_blocks{});
  for (const auto& each : page["items"])
    users.push_back(each["user"]);
  return users;
}

TEST_CASE("nothing can be said between two of whom one has blocked the other") {
  neighbours all;
  const json first = all.send(all.alice, all.pair, "a1");
  CHECK(code_of(all.bob.ask(block_user{user_id{"alice"}})) == "ok");
  for (int life = 0; life < 2; ++life) {
    client alice{all.it, "alice"};
    client bob{all.it, "bob"};
    for (auto* each : {&alice, &bob}) {
      CHECK(code_of(each->ask(send_message{all.pair, client_id{"x"}, "hi"})) == "forbidden");
      CHECK(code_of(each->ask(react{all.pair, 2, "+1"})) == "forbidden");
      CHECK(code_of(each->ask(pin_message{all.pair, 2})) == "forbidden");
      CHECK(code_of(each->ask(update_conversation{all.pair, "title"})) == "forbidden");
      CHECK(code_of(each->ask(set_typing{all.pair, true})) == "forbidden");
      CHECK(code_of(each->ask(get_receipts{all.pair, 2})) == "forbidden");
      CHECK(code_of(each->ask(history{all.pair, {}, {}, {}, {}})) == "page");
    }
    CHECK(code_of(alice.ask(edit_message{all.pair, 2, "other"})) == "forbidden");
    const json again = alice.ask(send_message{all.pair, client_id{"a1"}, "hi"});
    CHECK(again["seq"] == first["seq"]); // a retry gets its answer, whatever was settled since
    CHECK(code_of(alice.ask(send_message{all.group, client_id{"g" + std::to_string(life)},
                                         "to everyone"})) == "sent");
    CHECK(blocked_by(bob) == std::vector<std::string>{"alice"});
    CHECK(blocked_by(alice).empty());
    all.it.restart();
  }
  client alice{all.it, "alice"};
  CHECK(code_of(alice.ask(erase{all.pair, 2, audience::everyone})) == "ok"); // one's own may go
  client bob{all.it, "bob"};
  CHECK(code_of(bob.ask(unblock_user{user_id{"alice"}})) == "ok");
  CHECK(code_of(alice.ask(send_message{all.pair, client_id{"x"}, "hi"})) == "sent");
  CHECK(blocked_by(bob).empty());
}

TEST_CASE("whoever is blocked begins no direct conversation, and both have to let go") {
  neighbours all;
  client carol{all.it, "carol"};
  const create with_carol{conversation_kind::direct, user_id{"carol"}, {}, {}, {}};
  const create with_alice{conversation_kind::direct, user_id{"alice"}, {}, {}, {}};
  CHECK(code_of(carol.ask(block_user{user_id{"alice"}})) == "ok");
  CHECK(code_of(all.alice.ask(with_carol)) == "forbidden");
  all.it.pass(60s); // what is not there leaves memory
  CHECK(code_of(all.alice.ask(with_carol)) == "forbidden");
  CHECK(code_of(carol.ask(with_alice)) == "forbidden");
  CHECK(code_of(all.alice.ask(block_user{user_id{"carol"}})) == "ok");
  CHECK(code_of(carol.ask(unblock_user{user_id{"alice"}})) == "ok");
  CHECK(code_of(carol.ask(with_alice)) == "forbidden");
  CHECK(code_of(all.alice.ask(unblock_user{user_id{"carol"}})) == "ok");
  CHECK(code_of(carol.ask(with_alice)) == "conversation");
}

TEST_CASE("blocking is told to one's own other devices alone, and a retry changes nothing") {
  neighbours all;
  client phone{all.it, "bob", {}, "phone"};
  phone.events();
  all.alice.events();
  const block_user what{user_id{"alice"}, client_id{"b1"}};
  CHECK(code_of(all.bob.ask(block_user{what})) == "ok");
  const auto told = phone.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "blocked");
  CHECK(told[0]["user"] == "alice");
  CHECK(all.alice.types().empty());
  CHECK(code_of(all.bob.ask(unblock_user{user_id{"alice"}})) == "ok");
  CHECK(phone.events().back()["removed"] == true);
  all.it.restart();
  client bob{all.it, "bob"};
  CHECK(code_of(bob.ask(block_user{what})) == "ok"); // what was done once is not done again
  CHECK(blocked_by(bob).empty());
  CHECK(code_of(bob.ask(unblock_user{user_id{"alice"}, client_id{"b1"}})) == "conflict");
  CHECK(code_of(bob.ask(block_user{user_id{"bob"}})) == "bad_request");
}

TEST_CASE("what was settled before there was a conversation is not done again after it was made") {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  const block_user first{user_id{"bob"}, client_id{"x"}};
  CHECK(code_of(alice.ask(block_user{first})) == "ok");
  CHECK(code_of(alice.ask(unblock_user{user_id{"bob"}, client_id{"y"}})) == "ok");
  it.pass(60s);
  const create pair{conversation_kind::direct, user_id{"alice"}, {}, {}, client_id{"x"}};
  CHECK(code_of(bob.ask(pair)) == "conversation");
  CHECK(code_of(alice.ask(block_user{first})) == "ok");
  CHECK(blocked_by(alice).empty());
  CHECK(code_of(alice.ask(block_user{user_id{"bob"}})) == "ok");
  const json since = alice.ask(list_blocks{})["items"][0]["at"];
  it.pass(5s);
  CHECK(code_of(alice.ask(block_user{user_id{"bob"}, client_id{"z"}})) == "ok");
  CHECK(alice.ask(list_blocks{})["items"][0]["at"] == since);
}

TEST_CASE("whoever is blocked sees neither presence nor receipts") {
  neighbours all;
  all.send(all.alice, all.pair, "a1");
  all.alice.ask(watch_users{{user_id{"bob"}}});
  CHECK(all.alice.events().back()["status"] == "online");
  CHECK(code_of(all.bob.ask(block_user{user_id{"alice"}})) == "ok");
  all.it.pass(3s);
  const auto told = all.alice.events();
  REQUIRE_FALSE(told.empty());
  CHECK(told.back()["type"] == "presence");
  CHECK(told.back()["status"] == "offline");
  const json cursor = all.alice.greeting()["cursor"];
  all.bob.ask(mark_read{all.pair, 2});
  all.it.pass(3s);
  for (const auto& type : all.alice.types())
    CHECK(type != "receipt");
  client later{all.it, "alice", cursor.get<std::string>(), "other"};
  for (const auto& each : later.events())
    CHECK((each["type"] != "receipt" || each["user"] == "alice"));
  CHECK(code_of(all.bob.ask(unblock_user{user_id{"alice"}})) == "ok");
  all.it.pass(3s);
  CHECK(all.alice.events().back()["status"] == "online");
}

TEST_CASE("a list of many who are blocked comes in pages") {
  scene it;
  client alice{it, "alice"};
  for (int i = 0; i < 5; ++i)
    alice.ask(block_user{user_id{"user" + std::to_string(i)}});
  std::vector<std::string> users;
  list_blocks asked{2, {}};
  for (int pages = 1;; ++pages) {
    const json page = alice.ask(list_blocks{asked});
    for (const auto& each : page["items"])
      users.push_back(each["user"]);
    if (!page.contains("cursor")) {
      CHECK(pages == 3);
      break;
    }
    asked.cursor = page["cursor"];
  }
  CHECK(users == std::vector<std::string>{"user0", "user1", "user2", "user3", "user4"});
}

TEST_CASE("what is unread in all conversations is one sum") {
  neighbours all;
  all.send(all.alice, all.pair, "a1");
  all.send(all.alice, all.group, "a2");
  send_message loud{all.group, client_id{"a3"}, "everyone!"};
  loud.mentions = {user_id{"@all"}};
  all.alice.ask(loud);
  const auto totals = [&] { return all.bob.ask(get_totals{}); };
  CHECK(totals()["type"] == "totals");
  CHECK(totals()["conversations"] == 2);
  CHECK(totals()["unread"] == 3);
  CHECK(totals()["mentions"] == 1);
  all.bob.ask(mark_read{all.group, 3}); // both of its messages
  CHECK(totals()["unread"] == 1);
  CHECK(totals()["conversations"] == 1);
  CHECK(totals()["mentions"] == 0);
  set_preferences away{{true, {}, {}, {}}, all.pair, {}};
  all.bob.ask(away);
  CHECK(totals()["unread"] == 0);
  CHECK(all.alice.ask(get_totals{})["unread"] == 0);
}

std::vector<json> of_type(client& who, const std::string& type) {
  std::vector<json> found;
  for (const auto& each : who.events())
    if (each["type"] == type)
      found.push_back(each);
  return found;
}

TEST_CASE("in a group neither of two sees the other type, and everybody else does") {
  neighbours all;
  client carol{all.it, "carol"};
  all.alice.ask(add_members{all.group, {user_id{"carol"}}, {}, {}});
  CHECK(code_of(all.bob.ask(block_user{user_id{"alice"}})) == "ok");
  for (int life = 0; life < 2; ++life) {
    client alice{all.it, "alice"};
    client bob{all.it, "bob"};
    client third{all.it, "carol"};
    for (auto* each : {&alice, &bob}) {
      CHECK(code_of(each->ask(set_typing{all.group, true})) == "ok");
      CHECK(code_of(each->ask(set_typing{all.group, false})) == "ok");
    }
    CHECK(of_type(alice, "typing").empty());
    CHECK(of_type(bob, "typing").empty());
    CHECK(of_type(third, "typing").size() == 4);
    CHECK(code_of(third.ask(set_typing{all.group, true})) == "ok");
    CHECK(of_type(alice, "typing").size() == 1);
    CHECK(of_type(bob, "typing").size() == 1);
    all.it.restart();
  }
}

TEST_CASE("a block holds for who is shown typing already, and for who joins later") {
  neighbours all;
  client carol{all.it, "carol"};
  CHECK(code_of(carol.ask(block_user{user_id{"alice"}})) == "ok");
  all.alice.ask(set_typing{all.group, true});
  CHECK(of_type(all.bob, "typing").size() == 1);
  all.alice.ask(set_typing{all.group, false});
  all.bob.ask(add_members{all.group, {user_id{"carol"}}, {}, {}});
  carol.events();
  all.alice.ask(set_typing{all.group, true});
  CHECK(of_type(carol, "typing").empty());
  all.bob.events();
  CHECK(code_of(all.alice.ask(block_user{user_id{"bob"}})) == "ok");
  all.it.pass(1s);
  const auto told = of_type(all.bob, "typing");
  REQUIRE(told.size() == 1);
  CHECK(told[0]["active"] == false);
  all.alice.ask(set_typing{all.group, true});
  CHECK(of_type(all.bob, "typing").empty());
  CHECK(code_of(all.alice.ask(unblock_user{user_id{"bob"}})) == "ok");
  all.alice.ask(set_typing{all.group, true});
  CHECK(of_type(all.bob, "typing").size() == 1);
}

TEST_CASE("whoever is blocked does not see the other among those who are there") {
  neighbours all;
  const auto there = [&](client& who) {
    std::vector<std::string> users;
    const json answer = who.ask(get_presences{all.group});
    CHECK(answer["online"] == answer["items"].size());
    for (const auto& each : answer["items"])
      users.push_back(each["user"]);
    return users;
  };
  using names = std::vector<std::string>;
  CHECK(there(all.alice) == names{"alice", "bob"});
  CHECK(code_of(all.bob.ask(block_user{user_id{"alice"}})) == "ok");
  CHECK(there(all.alice) == names{"alice"});
  CHECK(there(all.bob) == names{"alice", "bob"}); // as `watch` has it
  CHECK(code_of(all.bob.ask(unblock_user{user_id{"alice"}})) == "ok");
  CHECK(there(all.alice) == names{"alice", "bob"});
}

TEST_CASE("nobody puts into a conversation whom they have blocked, or who has blocked them") {
  neighbours all;
  client carol{all.it, "carol"};
  const auto kind = GENERATE(conversation_kind::group, conversation_kind::channel);
  const bool alice_blocks = GENERATE(true, false);
  auto& blocks = alice_blocks ? all.alice : carol;
  const user_id is_blocked{alice_blocks ? "carol" : "alice"};
  const conversation_id where{
      all.alice.ask(create{kind, {}, "Crew", std::vector{user_id{"bob"}}, {}})["conversation"]
          .get<std::string>()};
  CHECK(code_of(blocks.ask(block_user{user_id{is_blocked}})) == "ok");
  carol.events();
  all.bob.events();
  const std::vector<user_id> both{user_id{"dave"}, user_id{"carol"}};
  for (int life = 0; life < 2; ++life) {
    client alice{all.it, "alice"};
    const json invited = alice.ask(invite_users{where, both, {}, {}});
    CHECK(code_of(invited) == "forbidden");
    CHECK(invited["message"] == "you and some of these are kept apart by a block: carol");
    for (const auto& refused : {alice.ask(add_members{where, both, {}, {}}),
                                alice.ask(create{kind, {}, "Club", both, {}})}) {
      CHECK(code_of(refused) == "forbidden");
      CHECK(refused["message"] == invited["message"]);
    }
    CHECK(alice.ask(get_conversation{where})["seq"] == 1); // nor was anybody else put there
    all.it.restart();
  }
  client alice{all.it, "alice"};
  client bob{all.it, "bob"};
  client eve{all.it, "carol"};
  CHECK(eve.ask(list_conversations{})["items"].empty());
  CHECK(code_of(alice.ask(change_role{where, user_id{"bob"}, role::admin})) == "ok");
  CHECK(code_of(bob.ask(add_members{where, both, {}, {}})) == "ok");   // others may
  CHECK(code_of(alice.ask(add_members{where, both, {}, {}})) == "ok"); // who is there is there
  client& lets_go = alice_blocks ? alice : eve;
  CHECK(code_of(lets_go.ask(unblock_user{user_id{is_blocked}})) == "ok");
  CHECK(code_of(alice.ask(create{kind, {}, "Club", both, {}})) == "conversation");
}

TEST_CASE("a creation that was refused is made once nobody is blocked, and a retry stays made") {
  neighbours all;
  client carol{all.it, "carol"};
  const create what{
      conversation_kind::group, {}, "Club", std::vector{user_id{"carol"}}, client_id{"make"}};
  CHECK(code_of(carol.ask(block_user{user_id{"alice"}})) == "ok");
  CHECK(code_of(all.alice.ask(create{what})) == "forbidden");
  CHECK(code_of(carol.ask(unblock_user{user_id{"alice"}})) == "ok");
  const json made = all.alice.ask(create{what});
  CHECK(code_of(made) == "conversation");
  CHECK(code_of(carol.ask(block_user{user_id{"alice"}})) == "ok");
  CHECK(all.alice.ask(create{what})["conversation"] == made["conversation"]);
}

TEST_CASE("of many who are blocked the first twenty are named") {
  neighbours all;
  std::vector<user_id> many;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    many.emplace_back(std::string("user-") + letter);
    CHECK(code_of(all.alice.ask(block_user{user_id{many.back()}})) == "ok");
  }
  const json refused = all.alice.ask(add_members{all.group, many, {}, {}});
  const std::string words = refused["message"];
  CHECK(words.find("user-t") != std::string::npos);
  CHECK(words.find("user-u") == std::string::npos);
  CHECK(words.ends_with(", and others"));
}

} // namespace block_test
