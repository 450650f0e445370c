// What goes when more than is to be kept is there, and what stays.
#include <algorithm>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "actors/limits_retention.hpp"
#include "tests/support/retention_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace retention_test {

using crew = keeping_crew;

TEST_CASE("of a conversation that keeps so many messages the newest stay") {
  crew all;
  all.post_many(all.alice, "a", 10);        // 2 to 11
  REQUIRE(code_of(all.keep(0, 4)) == "ok"); // 12
  all.wait();
  CHECK(all.kept_from() == 8);
  const auto told = all.bob.events();
  CHECK(std::count_if(told.begin(), told.end(),
                      [](const json& each) { return each["type"] == "trimmed"; }) == 1);
  CHECK(told.back() == json{{"type", "trimmed"}, {"conversation", all.where.str()}, {"before", 8}});
  const json page = all.bob.ask(history{all.where, {}, {}, {}, {}});
  CHECK(page["first"] == 8);
  CHECK(page["events"].size() == 5);
  CHECK_FALSE(page["more"].get<bool>());
  CHECK(all.bob.ask(history{all.where, 8, {}, {}, {}})["events"].empty());
  CHECK(all.bob.ask(history{all.where, {}, {}, 3, {}})["first"] == 8);
  CHECK(all.bob.ask(sync_events{all.where, 0, {}})["first"] == 8);
  CHECK(all.listed(all.bob)["unread"] == 4);
  CHECK(all.listed(all.bob)["kept_from"] == 8);
  CHECK(all.listed(all.bob)["retention"] == json{{"messages", 4}});
  CHECK(all.rows("events") == 5);
  SECTION("and go on doing so") {
    all.post_many(all.bob, "b", 3);
    all.wait();
    CHECK(all.kept_from() == 11);
    CHECK(all.listed(all.alice)["unread"] == 3);
    CHECK(all.listed(all.bob)["unread"] == 1);
  }
  SECTION("also behind a restart") {
    all.it.restart();
    client bob{all.it, "bob"};
    CHECK(bob.ask(history{all.where, {}, {}, {}, {}})["first"] == 8);
    CHECK(all.listed(bob)["unread"] == 4);
  }
  all.check_store();
}

TEST_CASE("what is older than so many days goes, and the newest event with it") {
  crew all;
  all.post_many(all.alice, "old", 3); // 2 to 4
  all.keep(3, 0);                     // 5
  all.pass_days(2);
  {
    client alice{all.it, "alice"};
    CHECK(all.post(alice, "young") == 6);
  }
  CHECK(all.kept_from() == 0);
  all.pass_days(2);
  CHECK(all.kept_from() == 6);
  all.pass_days(2);
  CHECK(all.kept_from() == 7);
  client bob{all.it, "bob"};
  const json page = bob.ask(history{all.where, {}, {}, {}, {}});
  CHECK(page["events"].empty());
  CHECK_FALSE(page["more"].get<bool>());
  CHECK(all.listed(bob)["unread"] == 0);
  CHECK_FALSE(all.listed(bob).contains("last"));
  CHECK(all.listed(bob)["seq"] == 6);
  CHECK(all.rows("events") == 0);
  CHECK(all.post(bob, "new") == 7);
  CHECK(bob.ask(history{all.where, {}, {}, {}, {}})["first"] == 7);
  all.check_store();
  client again{all.it, "alice"};
  CHECK(again.ask(history{all.where, {}, {}, {}, {}})["first"] == 7);
  CHECK(all.listed(again)["unread"] == 1);
}

TEST_CASE("the server's bounds are for all conversations, and the stricter one counts") {
  crew all;
  const json pair = all.alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}});
  for (int i = 0; i < 6; ++i)
    all.alice.post(pair["conversation"], "d" + std::to_string(i));
  all.post_many(all.alice, "a", 6); // 2 to 7
  all.keep(0, 2);                   // 8
  all.it.retention = {0, 3};
  all.it.restart();
  all.wait();
  client alice{all.it, "alice"};
  const conversation_id direct{pair["conversation"].get<std::string>()};
  CHECK(alice.ask(get_conversation{direct})["kept_from"] == 5);
  CHECK(alice.ask(get_conversation{all.where})["kept_from"] == 6);
  all.it.retention = {0, 1};
  all.it.restart();
  all.wait();
  CHECK(client{all.it, "alice"}.ask(get_conversation{all.where})["kept_from"] == 7);
  all.check_store();
}

TEST_CASE("owners alone say how long a conversation keeps what was said") {
  crew all;
  update_conversation what{all.where};
  what.retention = retention_bounds{1, 0};
  CHECK(code_of(all.bob.ask(update_conversation{what})) == "forbidden");
  what.retention = retention_bounds{limits::retention_days + 1, 0};
  CHECK(code_of(all.alice.ask(update_conversation{what})) == "bad_request");
  what.retention = retention_bounds{0, limits::retention_messages + 1};
  CHECK(code_of(all.alice.ask(update_conversation{what})) == "bad_request");
  what.retention = retention_bounds{7, 50};
  what.client = client_id{"r"};
  const json first = all.alice.ask(update_conversation{what});
  CHECK(first["seq"] == 2);
  CHECK(all.alice.ask(update_conversation{what})["seq"] == 2);
  what.retention = retention_bounds{7, 51};
  CHECK(code_of(all.alice.ask(update_conversation{what})) == "conflict");
  const auto told = all.bob.events();
  REQUIRE_FALSE(told.empty());
  CHECK(told.back()["retention"] == json{{"days", 7}, {"messages", 50}});
  const json shown = all.bob.ask(get_conversation{all.where});
  CHECK(shown["retention"] == json{{"days", 7}, {"messages", 50}});
  all.keep(0, 0);
  CHECK_FALSE(all.bob.ask(get_conversation{all.where}).contains("retention"));
  const json pair = all.alice.ask(create{conversation_kind::direct, user_id{"bob"}, {}, {}, {}});
  update_conversation of_pair{conversation_id{pair["conversation"].get<std::string>()}};
  of_pair.retention = retention_bounds{1, 0};
  CHECK(code_of(all.alice.ask(of_pair)) == "forbidden");
}

TEST_CASE("a resume from before the floor tells what is left, and that the rest is gone") {
  crew all;
  all.post_many(all.alice, "a", 3); // 2 to 4
  client dora{all.it, "bob", {}, "tablet"};
  const std::string cursor = dora.greeting()["cursor"];
  dora.close();
  all.alice.ask(update_conversation{all.where, "New name"}); // 5
  all.post_many(all.alice, "b", 6);                          // 6 to 11
  all.keep(0, 2);                                            // 12
  all.wait();
  client back{all.it, "bob", cursor, "tablet"};
  const auto told = back.events();
  std::vector<std::string> types;
  std::vector<std::uint64_t> numbers;
  for (const auto& each : told) {
    types.push_back(each["type"]);
    if (each["type"] == "message" || each["type"] == "changed")
      numbers.push_back(each["seq"]);
    if (each["type"] == "conversation")
      CHECK(each["title"] == "New name"); // which no event tells any more
    if (each["type"] == "trimmed")
      CHECK(each["before"] == 10);
  }
  CHECK(types == names{"conversation", "trimmed", "message", "message", "changed", "synced"});
  CHECK(numbers == std::vector<std::uint64_t>{10, 11, 12});
  const std::string later = told.back()["cursor"];
  client quiet{all.it, "bob", later, "tablet"};
  CHECK(quiet.types() == names{"synced"});
  all.check_store();
}

TEST_CASE("who was taken out by an event that is gone starts anew") {
  crew all;
  const std::string cursor = all.bob.greeting()["cursor"];
  all.alice.ask(remove_member{all.where, user_id{"bob"}, {}});
  all.post_many(all.alice, "a", 5);
  all.keep(0, 1);
  all.wait();
  client back{all.it, "bob", cursor, "tablet"};
  CHECK(back.types().front() == "reset");
  all.check_store();
}

TEST_CASE("unread is exact below the floor and above it, with mentions, edits and deletions") {
  crew all;
  all.alice.ask(add_members{all.where, {user_id{"carol"}, user_id{"dave"}}, {}, {}}); // 2
  client carol{all.it, "carol"};
  client dave{all.it, "dave"};
  const auto mention = [&](client& who, const std::string& id, std::vector<user_id> whom) {
    send_message what{all.where, client_id{id}, "hello"};
    what.mentions = std::move(whom);
    return who.ask(std::move(what))["seq"].get<std::uint64_t>();
  };
  const auto one = mention(all.alice, "m1", {user_id{"bob"}});   // 3
  mention(all.bob, "m2", {user_id{"@all"}});                     // 4
  const auto three = mention(all.alice, "m3", {user_id{"bob"}}); // 5
  const auto four = all.post(all.bob, "m4");                     // 6
  mention(carol, "m5", {user_id{"bob"}, user_id{"dave"}});       // 7
  const auto six = mention(all.alice, "m6", {user_id{"@here"}}); // 8
  carol.ask(mark_read{all.where, four});
  all.alice.ask(edit_message{all.where, one, "no mention", std::vector<user_id>{}});
  all.alice.ask(erase{all.where, three, audience::everyone});
  dave.ask(erase{all.where, four, audience::me});
  dave.ask(erase{all.where, six, audience::me});
  const auto counts = [&](client& who) {
    const json item = all.listed(who);
    return std::pair{item["unread"].get<int>(), item["mentions"].get<int>()};
  };
  CHECK(counts(all.bob) == std::pair{3, 2});   // 3, 7, 8
  CHECK(counts(carol) == std::pair{1, 1});     // 8
  CHECK(counts(dave) == std::pair{3, 2});      // 3, 4, 7
  CHECK(counts(all.alice) == std::pair{3, 1}); // 4, 6, 7
  all.keep(0, 3);                              // 6, 7 and 8 stay
  all.wait();
  CHECK(all.kept_from() == four);
  CHECK(counts(all.bob) == std::pair{2, 2});
  CHECK(counts(carol) == std::pair{1, 1});
  CHECK(counts(dave) == std::pair{1, 1});
  CHECK(counts(all.alice) == std::pair{2, 0});
  CHECK(all.alice.ask(get_totals{})["unread"] == 2);
  all.check_store();
  client bob{all.it, "bob"};
  client dave_again{all.it, "dave"};
  CHECK(counts(bob) == std::pair{2, 2});
  CHECK(counts(dave_again) == std::pair{1, 1});
  // Cursors that are put below the floor stand at it.
  CHECK(code_of(bob.ask(mark_unread{all.where, 2})) == "ok");
  CHECK(counts(bob) == std::pair{2, 2});
  bob.ask(mark_read{all.where, 7});
  CHECK(counts(bob) == std::pair{1, 1});
  CHECK(code_of(bob.ask(mark_unread{all.where, 3})) == "ok");
  CHECK(counts(bob) == std::pair{2, 2});
  all.post(dave_again, "m7");
  all.wait();
  CHECK(counts(bob) == std::pair{3, 2}); // 7, 8 and the new one
  client carol_again{all.it, "carol"};
  CHECK(counts(carol_again) == std::pair{2, 1});
  all.check_store();
}

TEST_CASE("nothing of what fell out can be named, and a retry gets its first answer") {
  crew all;
  const auto first = all.post(all.alice, "a1");  // 2
  const auto edited = all.post(all.alice, "a2"); // 3
  all.alice.ask(edit_message{all.where, edited, "other words"});
  all.bob.ask(react{all.where, first, "+1"});
  all.alice.ask(pin_message{all.where, first});
  send_message reply{all.where, client_id{"t1"}, "in the thread"};
  reply.thread = first;
  const auto in_thread = all.bob.ask(reply)["seq"].get<std::uint64_t>();
  all.bob.ask(read_thread{all.where, first, in_thread});
  all.bob.ask(erase{all.where, edited, audience::me});
  const auto last = all.post(all.alice, "a3");
  all.keep(0, 2);
  all.wait();
  CHECK(all.kept_from() == in_thread);
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    client alice{all.it, "alice"};
    CHECK(code_of(bob.ask(react{all.where, first, "-1"})) == "not_found");
    CHECK(code_of(bob.ask(pin_message{all.where, first})) == "not_found");
    CHECK(code_of(alice.ask(edit_message{all.where, edited, "again"})) == "not_found");
    CHECK(code_of(alice.ask(erase{all.where, edited, audience::everyone})) == "not_found");
    CHECK(code_of(bob.ask(get_receipts{all.where, first})) == "not_found");
    CHECK(code_of(bob.ask(get_versions{all.where, edited})) == "not_found");
    CHECK(code_of(bob.ask(get_reactions{all.where, first})) == "not_found");
    CHECK(code_of(bob.ask(get_erasure{all.where, first})) == "not_found");
    CHECK(code_of(bob.ask(get_thread{all.where, first})) == "not_found");
    CHECK(code_of(bob.ask(read_thread{all.where, first, last})) == "not_found");
    reply.client = client_id{"t2"};
    CHECK(code_of(bob.ask(send_message{reply})) == "not_found");
    CHECK(bob.ask(get_pins{all.where})["items"].empty());
    CHECK(alice.post(all.where.str(), "a1", "body of a1")["seq"] == first);
    CHECK(code_of(alice.post(all.where.str(), "a1", "another body")) == "conflict");
    const json page = bob.ask(history{all.where, {}, {}, {}, {}});
    CHECK(page["first"] == in_thread);
    all.it.restart();
  }
  for (const auto* table : {"reactions", "pins", "replies", "thread_reads", "hidden", "messages",
                            "corrections", "condemned"})
    CHECK(all.rows(table) == 0);
  // What is left of the thread can go by itself.
  client bob{all.it, "bob"};
  CHECK(code_of(bob.ask(erase{all.where, in_thread, audience::everyone})) == "ok");
  all.check_store();
}

TEST_CASE("what expires and falls out before goes once, with its row") {
  crew all;
  send_message what{all.where, client_id{"e1"}, "soon gone"};
  what.expires_in = 60;
  all.alice.ask(what);
  all.post_many(all.alice, "a", 3);
  all.keep(0, 1);
  all.wait();
  CHECK(all.rows("expiries") == 0);
  for (int i = 0; i < 10; ++i)
    all.it.pass(10s);
  CHECK(all.it.engine->failures().empty());
  all.check_store();
}

TEST_CASE("a conversation of thousands of messages goes in portions") {
  crew all;
  const int count = static_cast<int>(limits::trimmed_at_once) + 300;
  for (int i = 0; i < count; ++i) {
    all.alice.say(send_message{all.where, client_id{"m" + std::to_string(i)}, "hi"});
    for (auto* each : {&all.alice, &all.bob})
      if (i % 50 == 0)
        each->events(); // who does not read is passed over
  }
  REQUIRE(code_of(all.keep(0, 10)) == "ok");
  std::vector<std::uint64_t> told;
  for (int i = 0; i < 60; ++i) {
    all.it.pass(500ms);
    for (const auto& each : all.bob.events())
      if (each["type"] == "trimmed")
        told.push_back(each["before"]);
  }
  REQUIRE(told.size() == 2);
  CHECK(told[0] == limits::trimmed_at_once + 1);
  CHECK(told[1] == static_cast<std::uint64_t>(count) + 2 - 10);
  CHECK(all.rows("events") == 11);
  CHECK(all.rows("tallies") == 11); // one says how many are gone
  CHECK(all.listed(all.bob)["unread"] == 10);
  all.check_store();
}

TEST_CASE("while the rows of what fell out are going nobody sees them, and a restart goes on") {
  crew all;
  all.post_many(all.alice, "a", 400);
  all.keep(0, 5);
  // The record is in the log; its rows have hardly begun to go.
  while (all.kept_from() == 0)
    all.it.pass(50ms);
  all.check_store();
  client bob{all.it, "bob"};
  CHECK(all.listed(bob)["unread"] == 5);
  CHECK(bob.ask(sync_events{all.where, 0, {}})["first"] == all.kept_from());
  all.wait();
  CHECK(all.rows("condemned") == 0);
  CHECK(all.rows("events") == 6);
  all.check_store();
}

TEST_CASE("what is deleted while it is trimmed goes as a whole") {
  crew all;
  all.post_many(all.alice, "a", 200);
  all.keep(0, 5);
  while (all.kept_from() == 0)
    all.it.pass(50ms);
  CHECK(code_of(all.alice.ask(erase{all.where})) == "ok");
  all.wait();
  CHECK(all.rows("events") == 1);
  CHECK(all.rows("tallies") == 0);
  all.check_store();
}

} // namespace retention_test
