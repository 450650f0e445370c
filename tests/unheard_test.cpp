// Notifications leave out what those wrote whom one has blocked.
#include <algorithm>
#include <string>
#include <vector>

#include "actors/limits_of_notices.hpp"
#include "actors/limits_people.hpp"
#include "persistence/unheard_query.hpp"
#include "tests/support/absence.hpp"
#include "tests/support/store_of_test.hpp"
#include "tests/support/story.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace unheard_test {

/// Alice and Eve write; Bob, who has blocked Eve, is gone, and so is Carol, who has not.
struct meeting : scene_of_absence {
  client eve{it, "eve"};

  explicit meeting(conversation_kind kind = conversation_kind::group, bool blocks = true) {
    const std::vector<user_id> others{user_id{"bob"}, user_id{"carol"}, user_id{"eve"}};
    where = conversation_id{
        alice.ask(create{kind, {}, "Crew", others, {}})["conversation"].get<std::string>()};
    alice.ask(change_role{where, user_id{"eve"}, role::admin});
    as("bob", mark_read{where, 2});
    as("carol", mark_read{where, 2});
    if (blocks)
      CHECK(code_of(as("bob", block_user{user_id{"eve"}})) == "ok");
  }
  std::uint64_t write(client& who, const std::string& id,
                      std::optional<std::vector<user_id>> mentions = {}) {
    return scene_of_absence::write(who, where, id, std::move(mentions));
  }
};

TEST_CASE("messages of people whom one has blocked neither make nor grow a notification") {
  meeting all{GENERATE(conversation_kind::group, conversation_kind::channel)};
  all.write(all.eve, "e1", std::vector{user_id{"bob"}});
  all.wait();
  CHECK(all.items_of("bob").empty());
  CHECK(all.items_of("carol").size() == 1);
  const std::uint64_t heard = all.write(all.alice, "a1");
  all.wait();
  json items = all.items_of("bob");
  REQUIRE(items.size() == 1);
  CHECK(items[0]["unread"] == 1);
  CHECK(items[0]["mentions"] == 0);
  CHECK(items[0]["last"]["body"] == "body of a1");
  CHECK(items[0]["seq"] == heard);
  CHECK(all.items_of("carol")[0]["unread"] == 2);
  CHECK(code_of(all.as("bob", dismiss_notifications{})) == "ok");
  all.write(all.eve, "e2", std::vector{user_id{"@all"}});
  all.wait();
  items = all.items_of("bob");
  REQUIRE(items.size() == 1);
  CHECK(items[0]["seq"] == heard);
  CHECK(items[0]["unread"] == 1);
  CHECK(items[0]["seen"] == true);
  CHECK(items[0]["last"]["body"] == "body of a1");
  CHECK(all.items_of("carol")[0]["last"]["body"] == "body of e2");
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("who is there but away is told of the others' messages alone") {
  meeting all;
  client bob{all.it, "bob"};
  bob.ask(set_presence{presence_status::away});
  bob.events();
  all.write(all.eve, "e1", std::vector{user_id{"bob"}});
  all.write(all.alice, "a1", std::vector{user_id{"bob"}});
  all.write(all.eve, "e2");
  all.wait();
  std::vector<json> told;
  for (const auto& each : bob.events())
    if (each["type"] == "notification")
      told.push_back(each);
  REQUIRE(told.size() == 1);
  CHECK(told[0]["unread"] == 1);
  CHECK(told[0]["mentions"] == 1);
}

TEST_CASE("who only wants to be told of mentions is not told of those of the blocked") {
  meeting all;
  set_preferences only;
  only.conversation = all.where;
  only.notify = notify_level::mentions;
  CHECK(code_of(all.as("bob", std::move(only))) == "ok");
  all.write(all.eve, "e1", std::vector{user_id{"bob"}});
  all.write(all.alice, "a1");
  all.wait();
  CHECK(all.items_of("bob").empty());
}

TEST_CASE("a block takes off what one was told before, and its end brings it back") {
  meeting all{conversation_kind::group, false};
  all.write(all.eve, "e1");
  all.wait();
  CHECK(all.items_of("bob").size() == 1);
  CHECK(code_of(all.as("bob", block_user{user_id{"eve"}})) == "ok");
  CHECK(all.items_of("bob").empty());
  CHECK(all.list_of("bob")["unseen"] == 0);
  CHECK(code_of(all.as("bob", unblock_user{user_id{"eve"}})) == "ok");
  CHECK(all.items_of("bob").size() == 1);
}

TEST_CASE("whoever is blocked is told of the messages of who blocks them") {
  meeting all;
  client bob{all.it, "bob"};
  all.eve.close();
  all.write(bob, "b1");
  all.wait();
  CHECK(all.items_of("eve").size() == 1);
}

TEST_CASE("what the blocked wrote and was edited, hidden or deleted is taken off once") {
  meeting all;
  const std::uint64_t hidden = all.write(all.eve, "e1", std::vector{user_id{"bob"}});
  const std::uint64_t deleted = all.write(all.eve, "e2", std::vector{user_id{"bob"}});
  const std::uint64_t edited = all.write(all.eve, "e3");
  all.write(all.alice, "a1", std::vector{user_id{"bob"}});
  all.wait();
  CHECK(code_of(all.as("bob", erase{all.where, hidden, audience::me})) == "ok");
  CHECK(code_of(all.eve.ask(erase{all.where, deleted, audience::everyone})) == "ok");
  CHECK(code_of(all.eve.ask(
            edit_message{all.where, edited, "bob?", std::vector{user_id{"bob"}}})) == "ok");
  json items = all.items_of("bob");
  REQUIRE(items.size() == 1);
  CHECK(items[0]["unread"] == 1);
  CHECK(items[0]["mentions"] == 1);
  all.wait();
  items = all.items_of("bob");
  CHECK(items[0]["unread"] == 1);
  CHECK(items[0]["mentions"] == 1);
}

TEST_CASE("of somebody who wrote very much the newest are taken off by their number") {
  meeting all;
  for (std::size_t i = 0; i < limits::unheard_messages + 5; ++i)
    all.write(all.eve, "e" + std::to_string(i));
  const std::uint64_t last = all.write(all.eve, "gone");
  CHECK(code_of(all.eve.ask(erase{all.where, last, audience::everyone})) == "ok");
  all.wait();
  CHECK(all.items_of("bob").empty());
  client alice{all.it, "alice", {}, "again"}; // the other one read nothing of it and was let go
  all.write(alice, "a1");
  all.wait();
  const json items = all.items_of("bob");
  REQUIRE(items.size() == 1);
  CHECK(items[0]["unread"] == 1);
}

TEST_CASE("a conversation of many names nobody who has blocked the author") {
  meeting all;
  std::vector<user_id> many;
  for (std::size_t i = 0; i < limits::notified_members; ++i)
    many.emplace_back("m" + std::to_string(i));
  CHECK(code_of(all.alice.ask(add_members{all.where, std::move(many), {}, {}})) == "ok");
  all.write(all.eve, "e1", std::vector{user_id{"bob"}, user_id{"m7"}});
  all.wait();
  CHECK(all.items_of("bob").empty());
  CHECK(all.items_of("m7").size() == 1);
  all.write(all.alice, "a1", std::vector{user_id{"bob"}});
  all.wait();
  CHECK(all.items_of("bob").size() == 1);
}

TEST_CASE("a thousand blocks cost no more looks than a conversation has authors, within bounds") {
  store_of_test data;
  story told;
  data.write_each({told.created("room", {"alice", "bob", "eve"}),
                   told.message("room", "eve", "one"), told.message("room", "alice", "two"),
                   told.message("room", "eve", "three")});
  auto reading = must(data.model()->tables()->read());
  const row_reader rows{reading};
  unheard_authors blocked{{user_id{"eve"}}};
  for (std::size_t i = 1; i < limits::dealings; ++i)
    blocked.users.emplace_back("stranger-" + std::to_string(i));
  std::sort(blocked.users.begin(), blocked.users.end());
  const unheard_question all{conversation_id{"room"}, user_id{"bob"}, {}, sequence{4}};
  CHECK(must(count_unheard(rows, all, blocked)).messages == 2);
  CHECK(blocked.lists_left == limits::unheard_lists - 3); // Alice's, Eve's, and Eve's once more
  CHECK(blocked.messages_left == limits::unheard_looks - 2);
  blocked.users = {user_id{"eve"}}; // fewer than have written
  CHECK(must(count_unheard(rows, all, blocked)).messages == 2);
  blocked.messages_left = 1;
  CHECK(must(count_unheard(rows, all, blocked)).messages == 2); // the second one by its number
  CHECK(blocked.messages_left == 0);
  blocked.lists_left = 0;
  CHECK(must(count_unheard(rows, all, blocked)).messages == 0);
}

} // namespace unheard_test
