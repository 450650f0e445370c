// Cursors, unread and mentions as clients see them, through the whole engine.
#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace receipts_test {

using namespace std::chrono_literals;

/// Alice's group with Bob and Carol.
struct crew {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client carol{it, "carol"};
  conversation_id where{make_group(alice, {user_id{"bob"}, user_id{"carol"}}).get<std::string>()};

  json deliver(client& who, std::uint64_t seq) { return who.ask(mark_delivered{where, seq}); }
  json read(client& who, std::uint64_t seq) { return who.ask(mark_read{where, seq}); }
  json unread(client& who, std::uint64_t seq) { return who.ask(mark_unread{where, seq}); }
  json post(client& who, const std::string& id, std::vector<std::string> mentions = {}) {
    send_message what{where, client_id{id}, "hi"};
    if (!mentions.empty())
      what.mentions.emplace();
    for (auto& each : mentions)
      what.mentions->emplace_back(std::move(each));
    return who.ask(std::move(what));
  }
  json listed(client& who) {
    const json list = who.ask(list_conversations{});
    return list["items"].empty() ? json{} : list["items"][0];
  }
  /// [read, unread, mentions] as the list says.
  json counts(client& who) {
    const json item = listed(who);
    return {item["read"], item["unread"], item["mentions"]};
  }
  /// [user, delivered, read] of each receipt event that has come.
  json receipts(client& who) {
    it.pass(limits::checkpoint_interval); // what is collected is shown by then
    json seen = json::array();
    for (const auto& each : who.events())
      if (each["type"] == "receipt")
        seen.push_back({each["user"], each["delivered"], each["read"]});
    return seen;
  }
  json who_has(client& asks, std::uint64_t message) {
    return asks.ask(get_receipts{where, message})["items"];
  }
};

TEST_CASE("unread counts what others wrote behind my cursor, and nothing else moves it") {
  crew all;
  CHECK(all.counts(all.bob) == json{1, 0, 0});
  all.post(all.alice, "a1");
  all.post(all.bob, "b1");
  all.post(all.alice, "a2");
  CHECK(all.counts(all.bob) == json{1, 2, 0});
  CHECK(all.counts(all.alice) == json{1, 1, 0});
  CHECK(all.counts(all.carol) == json{1, 3, 0});
  CHECK(all.read(all.bob, 2) == json{{"type", "ok"}, {"ref", 5}});
  CHECK(all.counts(all.bob) == json{2, 1, 0});
  all.read(all.bob, 4);
  CHECK(all.counts(all.bob) == json{4, 0, 0});
}

TEST_CASE("a partial read leaves what is behind it, own messages before and after it left out") {
  crew all;
  for (int i = 0; i < 10; ++i) {
    all.post(all.alice, "a" + std::to_string(i)); // 2, 4, 6 …
    all.post(all.bob, "b" + std::to_string(i));   // 3, 5, 7 …
  }
  for (std::uint64_t seq = 1; seq <= 21; ++seq) {
    all.read(all.bob, seq);
    const std::uint64_t read = seq / 2; // messages of alice up to it
    CHECK(all.counts(all.bob) == json{seq, 10 - read, 0});
  }
}

TEST_CASE("a cursor moves back by `unread` alone") {
  crew all;
  for (int i = 0; i < 4; ++i)
    all.post(all.alice, "a" + std::to_string(i));
  all.read(all.bob, 5);
  all.read(all.bob, 3);
  CHECK(all.counts(all.bob) == json{5, 0, 0});
  CHECK(all.unread(all.bob, 4)["type"] == "ok");
  CHECK(all.counts(all.bob) == json{3, 2, 0});
  all.unread(all.bob, 1);
  CHECK(all.counts(all.bob) == json{1, 4, 0}); // not before the join
  all.unread(all.bob, 5);
  CHECK(all.counts(all.bob) == json{4, 1, 0});
}

TEST_CASE("numbers that are not there are refused, and strangers are told nothing") {
  crew all;
  client dave{all.it, "dave"};
  CHECK(all.read(all.bob, 2)["code"] == "bad_request");
  CHECK(all.deliver(all.bob, 99)["code"] == "bad_request");
  CHECK(all.unread(all.bob, 99)["code"] == "bad_request");
  CHECK(all.unread(all.bob, 0)["code"] == "bad_request");
  CHECK(all.read(all.bob, 0)["type"] == "ok");
  CHECK(all.read(dave, 1)["code"] == "not_found");
  CHECK(dave.ask(get_receipts{all.where, 1})["code"] == "not_found");
  CHECK(all.alice.ask(get_receipts{all.where, 1})["code"] == "not_found"); // no message
  CHECK(all.alice.ask(get_receipts{all.where, 2})["code"] == "not_found");
}

TEST_CASE("a move behind a message on one connection sees it, in the order they were said") {
  crew all;
  all.bob.say(send_message{all.where, client_id{"b1"}, "hi"});
  CHECK(all.read(all.bob, 2)["type"] == "ok");
  CHECK(all.counts(all.bob) == json{2, 0, 0});
}

TEST_CASE("unread starts again at a rejoin") {
  crew all;
  all.post(all.alice, "a1");
  all.post(all.bob, "b1");
  all.alice.ask(remove_member{all.where, user_id{"bob"}, {}});
  CHECK(all.read(all.bob, 2)["code"] == "not_found");
  all.post(all.alice, "a2");
  all.alice.ask(add_members{all.where, {user_id{"bob"}}, {}, {}});
  CHECK(all.counts(all.bob) == json{6, 0, 0});
  all.post(all.alice, "a3");
  all.post(all.bob, "b2");
  CHECK(all.counts(all.bob) == json{6, 1, 0});
  all.unread(all.bob, 2);
  CHECK(all.counts(all.bob) == json{6, 1, 0});
}

TEST_CASE("mentions are counted apart: by name, everyone, never by oneself, each message once") {
  crew all;
  all.post(all.alice, "a1", {"bob", "bob", "carol"});
  all.post(all.alice, "a2", {"@all", "bob"});
  all.post(all.bob, "b1", {"@here"});
  all.post(all.bob, "b2", {"bob", "carol"});
  all.post(all.alice, "a3");
  CHECK(all.counts(all.bob) == json{1, 3, 2});
  CHECK(all.counts(all.carol) == json{1, 5, 4});
  CHECK(all.counts(all.alice) == json{1, 2, 1});
  all.read(all.bob, 2);
  CHECK(all.counts(all.bob) == json{2, 2, 1});
  all.read(all.carol, 4);
  CHECK(all.counts(all.carol) == json{4, 2, 1});
}

TEST_CASE("receipts are shown to all members, own devices included, the latest alone") {
  crew all;
  all.post(all.alice, "a1");
  all.post(all.alice, "a2");
  client phone{all.it, "bob"};
  all.receipts(all.alice);
  all.receipts(phone);
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    all.bob.say(mark_delivered{all.where, seq});
    all.bob.say(mark_read{all.where, seq});
  }
  const json of_alice = all.receipts(all.alice);
  REQUIRE(!of_alice.empty());
  CHECK(of_alice.back() == json{"bob", 3, 3});
  CHECK(of_alice.size() <= 2); // the first at once, the rest together
  CHECK(all.receipts(phone).back() == json{"bob", 3, 3});
  CHECK(all.receipts(all.carol).back() == json{"bob", 3, 3});
  all.unread(all.bob, 3);
  CHECK(all.receipts(all.alice) == json::array({{"bob", 3, 2}}));
}

TEST_CASE("who has a message, and since when, is answered from the moves") {
  crew all;
  all.post(all.alice, "a1");
  all.post(all.alice, "a2");
  all.deliver(all.bob, 2);
  all.it.pass(1s);
  all.read(all.bob, 3);
  all.read(all.carol, 2);
  const json first = all.who_has(all.alice, 2);
  REQUIRE(first.size() == 2);
  CHECK(first[0]["user"] == "bob");
  CHECK(first[0]["read_at"].get<std::int64_t>() - first[0]["delivered_at"].get<std::int64_t>() >=
        1000);
  CHECK(first[1]["delivered_at"] == first[1]["read_at"]);
  const json second = all.who_has(all.alice, 3);
  REQUIRE(second.size() == 1);
  CHECK(second[0]["delivered_at"] == second[0]["read_at"]);
  all.unread(all.bob, 3);
  CHECK_FALSE(all.who_has(all.alice, 3)[0].contains("read_at"));
  CHECK(all.who_has(all.alice, 2)[0] == first[0]);
}

TEST_CASE("in a conversation of more than a hundred only one's own devices are shown receipts") {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  client phone{it, "bob"};
  std::vector<user_id> many{user_id{"bob"}};
  for (int i = 0; i < 99; ++i)
    many.emplace_back("u" + std::to_string(i));
  const conversation_id where{make_group(alice, many).get<std::string>()};
  const auto seen = [&](client& by) {
    it.pass(limits::checkpoint_interval);
    std::vector<std::string> users;
    for (const auto& each : by.events())
      if (each["type"] == "receipt")
        users.push_back(each["user"]);
    return users;
  };
  alice.post(where.str(), "a1");
  bob.ask(mark_read{where, 2});
  CHECK(seen(phone) == names{"bob"});
  CHECK(seen(alice).empty());
  alice.ask(mark_read{where, 2});
  CHECK(seen(bob) == names{"bob"}); // its own of before
  CHECK(alice.ask(get_receipts{where, 2})["items"].size() == 1);
}

TEST_CASE("a restart keeps cursors, counts and moves") {
  crew all;
  for (int i = 0; i < 5; ++i)
    all.post(all.alice, "a" + std::to_string(i), {"bob"});
  all.read(all.bob, 4);
  const json before = all.who_has(all.alice, 3);
  all.it.restart();
  client bob{all.it, "bob"};
  CHECK(all.counts(bob) == json{4, 2, 2});
  CHECK(all.who_has(bob, 3) == before);
  all.read(bob, 3);
  CHECK(all.counts(bob) == json{4, 2, 2});
}

TEST_CASE("a resume tells the receipts that moved meanwhile, behind the messages") {
  crew all;
  all.post(all.alice, "a1");
  all.it.pass(1s);
  std::string cursor;
  all.carol.receive();
  client away{all.it, "carol"};
  cursor = away.greeting()["cursor"];
  away.close();
  all.post(all.alice, "a2");
  all.read(all.bob, 3);
  client back{all.it, "carol", cursor};
  std::vector<std::string> types;
  json last;
  for (const auto& each : back.events()) {
    types.push_back(each["type"]);
    if (each["type"] == "receipt")
      last = each;
  }
  CHECK(types == names{"message", "receipt", "synced"});
  CHECK(last["user"] == "bob");
  CHECK(last["read"] == 3);
}

TEST_CASE("a cursor's command with a client_id has one effect, however often it comes") {
  crew all;
  for (int i = 0; i < 4; ++i)
    all.post(all.alice, "a" + std::to_string(i));
  const mark_read first{all.where, 4, client_id{"r1"}};
  CHECK(all.bob.ask(first)["type"] == "ok");
  all.unread(all.bob, 3);
  CHECK(all.bob.ask(first)["type"] == "ok");
  CHECK(all.counts(all.bob) == json{2, 3, 0});
  CHECK(all.bob.ask(mark_read{all.where, 5, client_id{"r1"}})["code"] == "conflict");
  all.it.restart();
  client bob{all.it, "bob"};
  CHECK(bob.ask(first)["type"] == "ok");
  CHECK(all.counts(bob) == json{2, 3, 0});
}

TEST_CASE("who reads in private is not seen to, but on their own devices") {
  crew all;
  for (int i = 0; i < 3; ++i)
    all.post(all.alice, "a" + std::to_string(i)); // 2, 3, 4
  client phone{all.it, "bob", {}, "phone"};
  const auto read = [&](std::uint64_t seq, bool in_private) {
    mark_read what{all.where, seq};
    what.in_private = in_private;
    return all.bob.ask(what)["type"];
  };
  all.deliver(all.bob, 4);
  all.read(all.bob, 2);
  CHECK(all.receipts(all.alice).back() == json{"bob", 4, 2});
  all.receipts(phone);
  all.receipts(all.carol);
  CHECK(read(4, true) == "ok");
  CHECK(all.counts(all.bob) == json{4, 0, 0});
  CHECK(all.receipts(all.alice).empty());
  CHECK(all.receipts(all.carol).empty());
  CHECK(all.receipts(phone) == json::array({{"bob", 4, 4}}));
  CHECK_FALSE(all.who_has(all.alice, 3)[0].contains("read_at"));
  CHECK(all.who_has(all.alice, 2)[0].contains("read_at"));

  CHECK(read(3, false) == "ok"); // behind what they have read, ahead of what they are seen to
  CHECK(all.receipts(all.alice) == json::array({{"bob", 4, 3}}));
  CHECK(all.receipts(phone) == json::array({{"bob", 4, 4}}));
  CHECK(all.who_has(all.alice, 3)[0].contains("read_at"));
  CHECK_FALSE(all.who_has(all.alice, 4)[0].contains("read_at"));
  CHECK(all.counts(all.bob) == json{4, 0, 0});

  all.unread(all.bob, 4); // what others saw stays
  CHECK(all.counts(all.bob) == json{3, 1, 0});
  CHECK(all.receipts(all.alice).empty());
  all.unread(all.bob, 3);
  CHECK(all.receipts(all.alice) == json::array({{"bob", 4, 2}}));
}

TEST_CASE("what was read in private stays so through a resume and a restart") {
  crew all;
  all.post(all.alice, "a1");
  all.deliver(all.bob, 2);
  all.it.pass(1s);
  client away{all.it, "carol", {}, "away"};
  client tablet{all.it, "bob", {}, "tablet"};
  const std::string cursor = away.greeting()["cursor"];
  const std::string own_cursor = tablet.greeting()["cursor"];
  away.close();
  tablet.close();
  mark_read what{all.where, 2, client_id{"p"}};
  what.in_private = true;
  CHECK(all.bob.ask(what)["type"] == "ok");
  CHECK(all.bob.ask(mark_read{all.where, 2, client_id{"p"}})["code"] == "conflict");
  all.it.restart();
  client back{all.it, "carol", cursor};
  CHECK(back.types() == names{"synced"});
  client own{all.it, "bob", own_cursor};
  const auto told = own.events();
  REQUIRE(told.size() == 2);
  CHECK(told[0]["type"] == "receipt");
  CHECK(told[0]["read"] == 2);
  CHECK_FALSE(all.who_has(back, 2)[0].contains("read_at"));
  CHECK(all.counts(own) == json{2, 0, 0});
}

TEST_CASE("who has switched receipts off is told of as if all were read in private") {
  crew all;
  for (int i = 0; i < 3; ++i)
    all.post(all.alice, "a" + std::to_string(i)); // 2, 3, 4
  all.read(all.bob, 2);
  all.receipts(all.alice);
  set_notifications off;
  off.receipts = false;
  CHECK(all.bob.ask(off)["type"] == "ok");
  CHECK(all.bob.ask(get_notification_settings{})["receipts"] == false);
  all.deliver(all.bob, 3);
  CHECK(all.receipts(all.alice) == json::array({{"bob", 3, 2}}));
  all.read(all.bob, 4);
  CHECK(all.receipts(all.alice) == json::array({{"bob", 4, 2}}));
  CHECK(all.counts(all.bob) == json{4, 0, 0});
  CHECK_FALSE(all.who_has(all.alice, 4)[0].contains("read_at"));
  all.unread(all.bob, 4);
  CHECK(all.receipts(all.alice).empty());

  all.it.restart();
  client bob{all.it, "bob"};
  client alice{all.it, "alice"};
  alice.events();
  all.read(bob, 4);
  CHECK(all.receipts(alice).empty());
  set_notifications on;
  on.receipts = true;
  CHECK(bob.ask(on)["type"] == "ok");
  CHECK(all.receipts(alice).empty()); // nothing comes out by itself
  all.read(bob, 4);
  CHECK(all.receipts(alice) == json::array({{"bob", 4, 4}}));
}

TEST_CASE("of two users, one of whom has blocked the other, neither is told the other's receipts") {
  crew all;
  all.post(all.alice, "a1"); // 2
  all.post(all.carol, "c1"); // 3
  client away{all.it, "alice", {}, "away"};
  const std::string cursor = away.greeting()["cursor"];
  away.close();
  CHECK(all.alice.ask(block_user{user_id{"bob"}})["type"] == "ok");
  all.alice.events();
  all.read(all.bob, 3);
  CHECK(all.receipts(all.alice).empty());
  CHECK(all.receipts(all.carol) == json::array({{"bob", 3, 3}}));
  CHECK(all.receipts(all.bob) == json::array({{"bob", 3, 3}}));
  all.read(all.alice, 3);
  CHECK(all.receipts(all.bob).empty());
  CHECK(all.receipts(all.carol) == json::array({{"alice", 3, 3}}));
  CHECK(all.who_has(all.alice, 3).size() == 1); // her own
  CHECK(all.who_has(all.bob, 3).size() == 1);
  CHECK(all.who_has(all.carol, 3).size() == 2);
  CHECK(all.counts(all.alice) == json{3, 0, 0});

  all.it.restart();
  client back{all.it, "alice", cursor};
  for (const auto& each : back.events())
    if (each["type"] == "receipt")
      CHECK(each["user"] != "bob");
  client carol{all.it, "carol"};
  client bob{all.it, "bob"};
  CHECK(back.ask(unblock_user{user_id{"bob"}})["type"] == "ok");
  all.post(carol, "c2"); // 4
  all.receipts(back);
  all.read(bob, 4);
  CHECK(all.receipts(back) == json::array({{"bob", 4, 4}}));
  CHECK(all.who_has(back, 3).size() == 2);
}

TEST_CASE("each device has cursors of its own, the last one first") {
  crew all;
  for (int i = 0; i < 3; ++i)
    all.post(all.alice, "a" + std::to_string(i)); // 2, 3, 4
  client phone{all.it, "bob", {}, "phone"};
  const auto devices = [&](client& of) {
    const json told = of.ask(get_devices{all.where});
    json found = json::array();
    for (const auto& each : told["items"])
      found.push_back({each["device"], each["delivered"], each["read"]});
    return found;
  };
  CHECK(devices(all.bob) == json::array());
  all.deliver(phone, 4);
  all.read(all.bob, 3);
  CHECK(devices(phone) == json::array({{"d", 3, 3}, {"phone", 4, 0}}));
  all.read(phone, 2); // behind the other one, ahead of itself
  CHECK(devices(phone) == json::array({{"phone", 4, 2}, {"d", 3, 3}}));
  CHECK(all.counts(all.bob) == json{3, 1, 0});
  all.unread(phone, 2);
  CHECK(devices(phone) == json::array({{"phone", 4, 1}, {"d", 3, 3}}));
  CHECK(devices(all.alice) == json::array()); // nobody else's
  client dave{all.it, "dave"};
  CHECK(dave.ask(get_devices{all.where})["code"] == "not_found");

  const json whole = all.bob.ask(get_devices{all.where});
  CHECK(json{whole["delivered"], whole["read"], whole["shown"]} == json{4, 1, 1});
  all.it.restart();
  client bob{all.it, "bob"};
  CHECK(devices(bob) == json::array({{"phone", 4, 1}, {"d", 3, 3}}));
  for (std::size_t i = 0; i < limits::devices_per_receipt; ++i) {
    client other{all.it, "bob", {}, "other" + std::to_string(i)};
    all.deliver(other, 2);
    other.close();
  }
  const json kept = devices(bob);
  CHECK(kept.size() == limits::devices_per_receipt);
  CHECK(kept.back() == json{"other0", 2, 0});
}

TEST_CASE("another device that gets what one has tells nobody anything") {
  crew all;
  all.post(all.alice, "a1");
  client phone{all.it, "bob", {}, "phone"};
  all.deliver(all.bob, 2);
  CHECK(all.receipts(all.bob) == json::array({{"bob", 2, 1}}));
  all.receipts(all.alice);
  all.receipts(phone);
  all.deliver(phone, 2);
  CHECK(all.receipts(all.bob).empty());
  CHECK(all.receipts(phone).empty());
  CHECK(all.receipts(all.alice).empty());
  const auto before = all.it.all.receipt_records();
  all.deliver(phone, 2);
  all.deliver(all.bob, 2);
  CHECK(all.it.all.receipt_records() == before); // nothing to write
}

TEST_CASE("the list can be cut to what is unread") {
  crew all;
  const json other = make_group(all.alice, {user_id{"bob"}});
  all.post(all.alice, "a1");
  const auto found = [&](std::optional<bool> unread) {
    std::vector<std::string> ids;
    list_conversations what;
    what.unread = unread;
    const json list = all.bob.ask(what);
    for (const auto& each : list["items"])
      ids.push_back(each["conversation"]);
    return ids;
  };
  CHECK(found({}).size() == 2);
  CHECK(found(true) == names{all.where.str()});
  CHECK(found(false) == names{other.get<std::string>()});
  all.read(all.bob, 2);
  CHECK(found(true).empty());
}

TEST_CASE("many moves at once are few records of the log") {
  crew all;
  all.post(all.alice, "a1");
  const auto before = all.it.all.receipt_records();
  for (int i = 0; i < 50; ++i) {
    all.bob.say(mark_read{all.where, 2});
    all.carol.say(mark_delivered{all.where, 2});
    all.alice.say(mark_read{all.where, 2});
  }
  all.it.engine->settle();
  CHECK(all.bob.last()["type"] == "ok");
  CHECK(all.counts(all.bob) == json{2, 0, 0});
  CHECK(all.it.all.receipt_records() - before <= 150 / 5);
}

} // namespace receipts_test
