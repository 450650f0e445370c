// Who is told of what they have not read, and when that is over.
#include <string>
#include <vector>

#include "actors/limits_of_notices.hpp"
#include "tests/support/absence.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace notifications_test {

/// Alice writes; Bob has been there and is gone, without a device, and so is Carol.
struct absence : scene_of_absence {
  absence() {
    where =
        conversation_id{make_group(alice, {user_id{"bob"}, user_id{"carol"}}).get<std::string>()};
  }
};

TEST_CASE("who has no device at hand and has not read for a while is told") {
  absence all;
  all.write("a1");
  CHECK(all.list_of("bob")["items"].empty()); // not yet
  all.wait();
  const json page = all.list_of("bob");
  REQUIRE(page["items"].size() == 1);
  const json& item = page["items"][0];
  CHECK(item["conversation"] == all.where.str());
  CHECK(item["title"] == "Crew");
  CHECK(item["kind"] == "group");
  CHECK(item["seq"] == 2);
  CHECK(item["unread"] == 1);
  CHECK(item["mentions"] == 0);
  CHECK(item["last"]["body"] == "body of a1");
  CHECK_FALSE(item.contains("seen"));
  CHECK(page["unseen"] == 1);
  CHECK(all.list_of("alice")["items"].empty()); // nobody is told of their own
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("who has a device at hand is not told, unless that is away") {
  absence all;
  client bob{all.it, "bob"};
  client carol{all.it, "carol"};
  carol.ask(set_presence{presence_status::away});
  bob.events();
  carol.events();
  all.write("a1");
  all.wait();
  CHECK(of_type(bob.events(), "notification").empty());
  const auto told = of_type(carol.events(), "notification");
  REQUIRE(told.size() == 1);
  CHECK(told[0]["conversation"] == all.where.str());
  CHECK(told[0]["seq"] == 2);
  CHECK(told[0]["unread"] == 1);
}

TEST_CASE("who read in time is not told") {
  absence all;
  all.write("a1");
  CHECK(code_of(all.as("bob", mark_read{all.where, 2})) == "ok");
  all.wait();
  CHECK(all.list_of("bob")["items"].empty());
  CHECK(all.list_of("carol")["items"].size() == 1);
}

TEST_CASE("notifications that were made, have grown, and are over are counted") {
  absence all;
  const auto& counted = all.it.engine->context()->metrics->notices;
  all.write("a1");
  all.wait();
  CHECK(all.list_of("bob")["items"].size() == 1);
  CHECK(of(counted, notice_change::made).value() == 2);
  all.write("a2");
  all.wait();
  CHECK(all.list_of("bob")["items"].size() == 1);
  CHECK(of(counted, notice_change::made).value() == 4);
  CHECK(code_of(all.as("bob", mark_read{all.where, 3})) == "ok");
  CHECK(code_of(all.alice.ask(remove_member{all.where, user_id{"carol"}, {}})) == "ok");
  CHECK(all.list_of("bob")["items"].empty());
  CHECK(of(counted, notice_change::withdrawn).value() == 2);
}

TEST_CASE("many messages make one notification, which grows") {
  absence all;
  for (int i = 0; i < 12; ++i)
    all.write("a" + std::to_string(i));
  all.wait();
  CHECK(all.list_of("bob")["items"][0]["unread"] == 12);
  client carol{all.it, "carol"};
  carol.ask(set_presence{presence_status::away});
  carol.events();
  all.write("more");
  all.wait();
  const auto told = of_type(carol.events(), "notification");
  REQUIRE(told.size() == 1);
  CHECK(told[0]["unread"] == 13);
  CHECK(told[0]["seq"] == 14);
  CHECK(all.list_of("bob")["items"].size() == 1);
}

TEST_CASE("who has read some of it is told of what comes then") {
  absence all;
  for (int i = 0; i < 5; ++i)
    all.write("a" + std::to_string(i));
  all.wait();
  CHECK(code_of(all.as("bob", mark_read{all.where, 5})) == "ok");
  CHECK(code_of(all.as("bob", dismiss_notifications{})) == "ok");
  all.write("more");
  all.wait();
  const json page = all.list_of("bob");
  REQUIRE(page["items"].size() == 1);
  CHECK(page["items"][0]["unread"] == 2);
  CHECK(page["items"][0]["seq"] == 7);
  CHECK(page["unseen"] == 1);
}

TEST_CASE("where all was deleted, what comes then is news") {
  absence all;
  all.write("a1");
  all.wait();
  CHECK(code_of(all.as("bob", dismiss_notifications{all.where})) == "ok");
  CHECK(code_of(all.alice.ask(erase{all.where, 2, audience::everyone})) == "ok");
  all.write("a2");
  all.wait();
  const json page = all.list_of("bob");
  REQUIRE(page["items"].size() == 1);
  CHECK(page["items"][0]["unread"] == 1);
  CHECK(page["unseen"] == 1);
}

TEST_CASE("an edit that mentions somebody is told to whom only mentions are told") {
  absence all;
  CHECK(code_of(all.as("bob", set_notifications{{notify_level::mentions}})) == "ok");
  all.write("a1");
  all.wait();
  CHECK(all.list_of("bob")["items"].empty());
  CHECK(code_of(all.alice.ask(
            edit_message{all.where, 2, "for bob", std::vector{user_id{"bob"}}})) == "ok");
  all.wait();
  CHECK(all.list_of("bob")["items"].size() == 1);
}

TEST_CASE("two of whom one has blocked the other tell each other nothing") {
  absence all;
  const conversation_id pair{
      all.alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}})["conversation"]
          .get<std::string>()};
  CHECK(code_of(all.alice.ask(send_message{pair, client_id{"p1"}, "hi"})) == "sent");
  CHECK(code_of(all.as("bob", block_user{user_id{"alice"}})) == "ok");
  all.wait();
  CHECK(all.list_of("bob")["items"].empty());
}

TEST_CASE("nobody is told of what is older than a day") {
  absence all;
  all.write("a1");
  all.it.engine.reset(); // off for days
  all.it.engine = all.it.start();
  all.it.engine->advance(limits::news_age + 1h);
  all.it.pass(1s);
  all.wait();
  CHECK(all.list_of("bob")["items"].empty());
}

TEST_CASE("reading anywhere takes the notification back") {
  absence all;
  all.write("a1");
  all.write("a2");
  all.wait();
  CHECK(code_of(all.as("bob", mark_read{all.where, 2})) == "ok");
  CHECK(all.list_of("bob")["items"][0]["unread"] == 1); // half of it
  CHECK(code_of(all.as("bob", mark_read{all.where, 3})) == "ok");
  CHECK(all.list_of("bob")["items"].empty());
  all.write("a3");
  all.wait();
  CHECK(all.list_of("bob")["items"][0]["unread"] == 1);
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("what was deleted is in no notification") {
  absence all;
  all.write("a1");
  all.wait();
  CHECK(all.list_of("bob")["unseen"] == 1);
  CHECK(code_of(all.alice.ask(erase{all.where, 2, audience::everyone})) == "ok");
  const json page = all.list_of("bob");
  CHECK(page["items"].empty());
  CHECK(page["unseen"] == 0);
}

TEST_CASE("what was deleted in time is told to nobody") {
  absence all;
  all.write("a1");
  CHECK(code_of(all.alice.ask(erase{all.where, 2, audience::everyone})) == "ok");
  all.wait();
  CHECK(all.list_of("bob")["items"].empty());
  client carol{all.it, "carol"};
  CHECK(of_type(carol.events(), "notification").empty());
}

TEST_CASE("levels, of a conversation and by default, and mute") {
  absence all;
  CHECK(code_of(all.as("bob", set_preferences{{{}, {}, {}, notify_level::mentions}, all.where})) ==
        "ok");
  CHECK(code_of(all.as("carol", set_notifications{{notify_level::none}})) == "ok");
  all.write("a1");
  all.wait();
  CHECK(all.list_of("bob")["items"].empty());
  CHECK(all.list_of("carol")["items"].empty());
  all.write("a2", std::vector{user_id{"bob"}, user_id{"carol"}});
  all.wait();
  REQUIRE(all.list_of("bob")["items"].size() == 1);
  CHECK(all.list_of("bob")["items"][0]["mentions"] == 1);
  CHECK(all.list_of("carol")["items"].empty());
  // A conversation's own level counts before the default.
  CHECK(code_of(all.as("carol", set_preferences{{{}, {}, {}, notify_level::all}, all.where})) ==
        "ok");
  all.write("a3");
  all.wait();
  CHECK(all.list_of("bob")["items"][0]["seq"] == 3); // not told anew: nothing mentions him
  CHECK(all.list_of("carol")["items"].size() == 1);
  CHECK(code_of(all.as("carol", mark_read{all.where, 4})) == "ok");
  CHECK(code_of(all.as("carol", set_preferences{{{}, limits::largest_number}, all.where})) == "ok");
  all.write("a4", std::vector{user_id{"carol"}});
  all.wait();
  CHECK(all.list_of("carol")["items"].empty());
}

TEST_CASE("whoever mutes a conversation, or wants nothing of it, is told no more of what stands") {
  set_preferences what;
  what.muted_until = limits::largest_number;
  set_preferences back;
  back.muted_until = 0;
  if (GENERATE(true, false)) {
    what = {};
    what.notify = notify_level::none;
    back = {};
    back.notify = notify_level::all;
  }
  absence all;
  what.conversation = back.conversation = all.where;
  all.write("a1");
  all.wait();
  client other{all.it, "bob", {}, "other"};
  other.ask(set_presence{presence_status::away});
  other.events();
  CHECK(all.list_of("bob")["items"].size() == 1);
  CHECK(code_of(all.as("bob", what)) == "ok");
  CHECK(of_type(other.events(), "settings").size() == 1);
  CHECK(all.list_of("bob")["items"].empty());
  CHECK(all.list_of("bob")["unseen"] == 0);
  CHECK(all.list_of("carol")["items"].size() == 1);
  CHECK(code_of(all.as("bob", back)) == "ok");
  all.wait();
  CHECK(all.list_of("bob")["items"].empty()); // until there is news
  all.write("a2");
  all.wait();
  CHECK(all.list_of("bob")["items"][0]["unread"] == 2);
  other.close();
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("whoever does not want to be disturbed finds it in the list, marked quiet") {
  absence all;
  CHECK(code_of(all.as("bob", set_notifications{{{}, limits::largest_number}})) == "ok");
  set_notifications always;
  always.quiet = std::vector<std::string>{"daily 00:00-24:00"};
  always.zone = "Europe/Berlin";
  CHECK(code_of(all.as("carol", always)) == "ok");
  all.write("a1");
  all.wait();
  CHECK(all.list_of("bob")["items"][0]["quiet"] == true);
  CHECK(all.list_of("carol")["items"][0]["quiet"] == true);
  CHECK(code_of(all.as("bob", set_notifications{{{}, 0}})) == "ok");
  all.write("a2");
  all.wait();
  CHECK_FALSE(all.list_of("bob")["items"][0].contains("quiet"));
}

TEST_CASE("a conversation's own quiet hours are added to those of all") {
  absence all;
  set_preferences quiet;
  quiet.conversation = all.where;
  quiet.quiet = std::vector<std::string>{"always"};
  CHECK(code_of(all.as("bob", quiet)) == "bad_request");
  quiet.quiet = std::vector<std::string>{"daily 00:00-24:00"};
  quiet.client = client_id{"q"};
  CHECK(code_of(all.as("bob", quiet)) == "ok");
  CHECK(code_of(all.as("bob", quiet)) == "ok"); // a retry
  CHECK(all.as("bob", list_conversations{})["items"][0]["quiet"].size() == 1);
  all.write("a1");
  all.wait();
  CHECK(all.list_of("bob")["items"][0]["quiet"] == true);
  CHECK_FALSE(all.list_of("carol")["items"][0].contains("quiet"));
  quiet.quiet = std::vector<std::string>{};
  CHECK(code_of(all.as("bob", quiet)) == "conflict");
  quiet.client.reset();
  CHECK(code_of(all.as("bob", quiet)) == "ok");
  all.it.restart();
  CHECK_FALSE(all.as("bob", list_conversations{})["items"][0].contains("quiet"));
  CHECK(code_of(all.as("alice", send_message{all.where, client_id{"a2"}, "hi"})) == "sent");
  all.wait();
  CHECK_FALSE(all.list_of("bob")["items"][0].contains("quiet"));
}

TEST_CASE("how one wants to be told is kept, and told to one's other devices") {
  absence all;
  client one{all.it, "bob", {}, "one"};
  client other{all.it, "bob", {}, "other"};
  other.events();
  set_notifications what;
  what.notify = notify_level::mentions;
  what.quiet = std::vector<std::string>{"mon-fri 22:00-07:00", "sat,sun 00:00-24:00"};
  what.zone = "Asia/Tokyo";
  what.client = client_id{"s1"};
  CHECK(code_of(one.ask(what)) == "ok");
  const auto told = of_type(other.events(), "preferences");
  REQUIRE(told.size() == 1);
  CHECK(told[0]["notify"] == "mentions");
  CHECK(told[0]["zone"] == "Asia/Tokyo");
  CHECK(of_type(one.events(), "preferences").empty());
  CHECK(code_of(one.ask(what)) == "ok"); // a retry
  what.zone = "UTC";
  CHECK(code_of(one.ask(what)) == "conflict");
  CHECK(code_of(one.ask(set_notifications{{{}, 17}})) == "ok");
  all.it.restart();
  const json kept = all.as("bob", get_notification_settings{});
  CHECK(kept["notify"] == "mentions");
  CHECK(kept["quiet_until"] == 17);
  CHECK(kept["quiet"].size() == 2);
  CHECK(kept["zone"] == "Asia/Tokyo");
  CHECK_FALSE(all.as("carol", get_notification_settings{}).contains("notify"));
}

TEST_CASE("settings that mean nothing are refused") {
  absence all;
  CHECK(code_of(all.alice.ask(set_notifications{})) == "bad_request");
  set_notifications what;
  what.quiet = std::vector<std::string>{"always"};
  CHECK(code_of(all.alice.ask(what)) == "bad_request");
  what.quiet = std::vector<std::string>(limits::quiet_spans + 1, "daily 22:00-07:00");
  CHECK(code_of(all.alice.ask(what)) == "too_large");
  what.quiet = std::vector<std::string>{};
  what.zone = "Nowhere/Land";
  CHECK(code_of(all.alice.ask(what)) == "bad_request");
}

TEST_CASE("what was seen stays listed as seen, on all devices, until it is read") {
  absence all;
  const conversation_id other{make_group(all.alice, {user_id{"bob"}}).get<std::string>()};
  all.write("a1");
  all.alice.ask(send_message{other, client_id{"o1"}, "hi"});
  all.wait();
  client bob{all.it, "bob", {}, "watching"};
  bob.events();
  CHECK(all.list_of("bob")["unseen"] == 2);
  CHECK(code_of(all.as("bob", dismiss_notifications{all.where})) == "ok");
  const auto told = of_type(bob.events(), "dismissed");
  REQUIRE(told.size() == 1);
  CHECK(told[0]["conversation"] == all.where.str());
  const json page = all.list_of("bob");
  CHECK(page["items"].size() == 2);
  CHECK(page["unseen"] == 1);
  CHECK(all.list_of("bob", true)["items"].size() == 1);
  CHECK(code_of(all.as("bob", dismiss_notifications{})) == "ok");
  CHECK(all.list_of("bob")["unseen"] == 0);
  CHECK(code_of(all.as("bob", dismiss_notifications{conversation_id{"nowhere"}})) == "ok");
  bob.close();
  all.it.engine->settle();
  all.write("a2"); // news
  all.wait();
  CHECK(all.list_of("bob")["unseen"] == 1);
}

TEST_CASE("the list has pages, the latest first") {
  absence all;
  std::vector<std::string> rooms;
  for (int i = 0; i < 5; ++i) {
    rooms.push_back(make_group(all.alice, {user_id{"dave"}}).get<std::string>());
    all.alice.ask(send_message{conversation_id{rooms.back()}, client_id{"m"}, "hi"});
    all.it.pass(1s);
  }
  for (int i = 0; i < 12; ++i) // each is decided by itself
    all.it.pass(1s);
  client dave{all.it, "dave"};
  std::vector<std::string> listed;
  std::optional<std::string> cursor;
  do {
    const json page = dave.ask(list_notifications{2, cursor});
    CHECK(page["unseen"] == 5);
    for (const auto& each : page["items"])
      listed.push_back(each["conversation"]);
    cursor =
        page.contains("cursor") ? std::optional{page["cursor"].get<std::string>()} : std::nullopt;
  } while (cursor);
  CHECK(listed == std::vector<std::string>(rooms.rbegin(), rooms.rend()));
  CHECK(code_of(dave.ask(list_notifications{{}, "nonsense!"})) == "bad_request");
}

TEST_CASE("who leaves, or whose conversation is deleted, is told nothing of it any more") {
  absence all;
  all.write("a1");
  all.wait();
  CHECK(code_of(all.as("bob", leave{all.where, {}})) == "ok");
  CHECK(all.list_of("bob")["items"].empty());
  CHECK(code_of(all.alice.ask(erase{all.where})) == "ok");
  CHECK(all.list_of("carol")["items"].empty());
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("who was told nothing because the server stopped is told by the next one") {
  absence all;
  all.write("a0");
  all.wait();
  CHECK(all.list_of("bob")["items"].size() == 1);
  CHECK(code_of(all.as("bob", mark_read{all.where, 2})) == "ok");
  all.write("a1");
  all.it.restart(); // before anything was decided
  all.it.pass(1s);  // what was not heard of is read
  all.wait();
  const json page = all.list_of("bob");
  REQUIRE(page["items"].size() == 1);
  CHECK(page["items"][0]["unread"] == 1);
  all.it.restart(); // decided again, to no effect
  all.it.pass(1s);
  all.wait();
  CHECK(all.list_of("bob")["items"][0]["at"] == page["items"][0]["at"]);
}

TEST_CASE("in a conversation of many only those who are named are told") {
  absence all;
  std::vector<user_id> many;
  for (std::size_t i = 0; i < limits::notified_members; ++i)
    many.emplace_back("m" + std::to_string(i));
  const conversation_id crowd{make_group(all.alice, many).get<std::string>()};
  send_message what{crowd, client_id{"c1"}, "hi"};
  what.mentions = std::vector{user_id{"m7"}};
  CHECK(code_of(all.alice.ask(what)) == "sent");
  all.wait();
  CHECK(all.list_of("m7")["items"].size() == 1);
  CHECK(all.list_of("m8")["items"].empty());
  CHECK(code_of(all.as("m7", mark_read{crowd, 2})) == "ok");
  CHECK(code_of(all.alice.ask(send_message{crowd, client_id{"c2"}, "to nobody"})) == "sent");
  all.wait();
  CHECK(all.list_of("m7")["items"].empty());
}

TEST_CASE("in one of fewer all are told, in portions") {
  absence all;
  std::vector<user_id> many;
  for (std::size_t i = 0; i + 1 < limits::notified_members; ++i)
    many.emplace_back("m" + std::to_string(i));
  const conversation_id crowd{make_group(all.alice, many).get<std::string>()};
  CHECK(code_of(all.alice.ask(send_message{crowd, client_id{"c1"}, "hi"})) == "sent");
  all.wait();
  for (const auto* each : {"m0", "m1", "m499", "m500", "m998"})
    CHECK(all.list_of(each)["items"].size() == 1);
}

} // namespace notifications_test
