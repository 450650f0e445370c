// Notifications on their way to endpoints: made, grown, over, wherever the log was left.
#include "actors/limits.hpp"
#include "tests/support/away_scene.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace webhook_notices_test {

using namespace std::chrono_literals;

TEST_CASE("a notification is told of as its user's list has it") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob"})});
  REQUIRE(scene.sender->sent.size() == 1);
  const auto& what = scene.sender->sent.front();
  CHECK(what.type == "notification.created");
  const auto data = unpack(what.event);
  CHECK(data["type"] == "notification");
  CHECK(data["user"] == "bob");
  CHECK(data["conversation"] == "room");
  CHECK(data["kind"] == "group");
  CHECK(data["seq"] == 2);
  CHECK(data["at"] == to_wire(what.at));
  CHECK(data["unread"] == 1);
  CHECK(data["mentions"] == 0);
  CHECK_FALSE(data.contains("quiet"));
  CHECK(data["last"]["body"] == "one");
}

TEST_CASE("it grows, and is over once it was read") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob", "carol"})});
  CHECK(scene.accept_notices() == "bob:room:created:2 carol:room:created:2");
  scene.happen({scene.told.message("room", "alice", "two"), scene.notified("room", {"bob"})});
  CHECK(scene.accept_notices() == "bob:room:created:3");
  scene.happen({scene.read("room", "bob", 2)});
  CHECK(scene.accept_notices().empty()); // not all of it
  scene.happen({scene.read("room", "bob", 3), scene.read("room", "bob", 3)});
  REQUIRE(scene.sender->sent.size() == 1);
  const auto data = unpack(scene.sender->sent.front().event);
  CHECK(data == nlohmann::json{{"type", "withdrawn"}, {"user", "bob"}, {"conversation", "room"}});
  CHECK(scene.accept_notices() == "bob:room:withdrawn");
  scene.happen({scene.told.message("room", "alice", "three"), scene.notified("room", {"bob"})});
  CHECK(scene.accept_notices() == "bob:room:created:4");
  CHECK(scene.counts("push").waiting == 0);
}

TEST_CASE("whatever ends a notification withdraws it") {
  struct row {
    const char* name;
    std::function<record_ptr(away_scene&)> end;
    const char* told;
  };
  for (const auto& each : {
           row{"read", [](away_scene& in) { return in.read("room", "bob", 2); },
               "bob:room:withdrawn"},
           row{"left", [](away_scene& in) { return in.told.left("room", "alice", "bob"); },
               "bob:room:withdrawn"},
           row{"hidden", [](away_scene& in) { return in.told.hidden("room", "bob", "alice", 2); },
               "bob:room:withdrawn"},
           row{"muted",
               [](away_scene& in) {
                 preferences muted;
                 muted.muted_until = limits::largest_number;
                 return in.told.kept("room", "bob", muted);
               },
               "bob:room:withdrawn"},
           row{"wants nothing",
               [](away_scene& in) {
                 preferences nothing;
                 nothing.notify = notify_level::none;
                 return in.told.kept("room", "bob", nothing);
               },
               "bob:room:withdrawn"},
           row{"blocked", [](away_scene& in) { return in.told.blocked("bob", "alice"); },
               "bob:room:withdrawn"},
           row{"erased", [](away_scene& in) { return in.told.erased("room", "alice", 2); },
               "bob:room:withdrawn carol:room:withdrawn"},
           row{"trimmed", [](away_scene& in) { return in.told.trimmed("room", 3); },
               "bob:room:withdrawn carol:room:withdrawn"},
           row{"deleted", [](away_scene& in) { return in.told.deleted("room", "alice"); },
               "bob:room:withdrawn carol:room:withdrawn"},
       })
    for (const bool seen : {true, false}) {
      CAPTURE(each.name, seen);
      away_scene scene;
      scene.happen({scene.notified("room", {"bob", "carol"})});
      CHECK(scene.accept_notices() == "bob:room:created:2 carol:room:created:2");
      const std::vector<record_ptr> end{each.end(scene)};
      seen ? scene.happen(end) : scene.happen_unseen(end);
      CHECK(scene.accept_notices() == each.told);
      CHECK(scene.accept_notices().empty());
    }
}

TEST_CASE("what one keeps of a conversation otherwise withdraws nothing, nor does another block") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob", "carol"})});
  CHECK(scene.accept_notices() == "bob:room:created:2 carol:room:created:2");
  preferences pinned;
  pinned.pinned = true;
  pinned.muted_until = 0;
  scene.happen({scene.told.kept("room", "bob", pinned), scene.told.blocked("bob", "carol"),
                scene.told.blocked("alice", "bob")});
  CHECK(scene.accept_notices().empty());
}

TEST_CASE("whoever has muted it by then is told of nothing") {
  away_scene scene;
  preferences muted;
  muted.muted_until = limits::largest_number;
  scene.happen({scene.told.kept("room", "bob", muted), scene.notified("room", {"bob", "carol"})});
  CHECK(scene.accept_notices() == "carol:room:created:2");
}

TEST_CASE("a block that ends before its withdrawal arrives withdraws nothing, but a read does") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob"})});
  CHECK(scene.accept_notices() == "bob:room:created:2");
  scene.happen({scene.told.blocked("bob", "alice")});
  REQUIRE(scene.sender->sent.size() == 1);
  scene.chance = 1000;
  scene.answer(webhook_result::refused);
  scene.happen({scene.told.blocked("bob", "alice", true)});
  scene.now += 1s;
  scene.step();
  CHECK(scene.sender->sent.empty());
  scene.happen({scene.read("room", "bob", 2)});
  CHECK(scene.accept_notices() == "bob:room:withdrawn");
}

TEST_CASE(
    "what ends for very many is looked at in portions, through restarts, once more if need be") {
  away_scene scene;
  std::vector<std::string> users;
  for (std::size_t i = 0; i < limits::webhook_records + 10; ++i)
    users.push_back("user-" + std::to_string(i));
  std::vector<std::string> members = users;
  members.insert(members.begin(), "alice");
  scene.happen({scene.told.created("hall", members), scene.told.message("hall", "alice", "one"),
                scene.told.message("hall", "alice", "two"), scene.notified("hall", users)});
  scene.accept_notices();
  scene.happen({scene.told.erased("hall", "alice", 2), scene.told.erased("hall", "alice", 3)});
  CHECK(scene.last.steps_left);
  const auto waiting = scene.counts("push").waiting;
  CHECK(waiting > 0);
  CHECK(waiting < users.size());
  scene.restart();
  std::size_t withdrawn = 0;
  for (scene.settle(); !scene.sender->sent.empty();)
    withdrawn += scene.accept_one().ends_with("withdrawn") ? 1 : 0;
  CHECK(withdrawn == users.size());
  CHECK(scene.counts("push").waiting == 0);
}

TEST_CASE("what was read before it was told is not told, and what has grown is told once") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob", "carol"}), scene.read("room", "bob", 2),
                scene.told.message("room", "alice", "two"), scene.notified("room", {"carol"})});
  CHECK(scene.accept_notices() == "carol:room:created:3");
  CHECK(scene.counts("push").waiting == 0);
}

TEST_CASE("an end that is seen between two records of the batch that says more is told") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob"})});
  CHECK(scene.accept_notices() == "bob:room:created:2");
  const auto message = scene.told.message("room", "alice", "two");
  const auto grown = scene.notified("room", {"bob"});
  const auto half = scene.read("room", "bob", 2);
  scene.write({{message, grown, half}});
  const position at = scene.model()->applied();
  scene.worker.reset();
  {
    auto outbox = must(webhook_outbox::open(scene.path(), scene.get().epoch(), at));
    notice_feed feed{*outbox, *scene.model()};
    fed_endpoint to{scene.endpoints.front(), must(outbox->endpoints()).front().row, {}};
    REQUIRE(feed.take(to, *grown, at, scene.now));
    scene.write({{scene.read("room", "bob", 3)}}); // the model goes on meanwhile
    REQUIRE(feed.take(to, *half, at, scene.now));
  }
  scene.restart();
  CHECK(scene.accept_notices() == "bob:room:withdrawn");
}

TEST_CASE("what is over while it waits is not told of, only that it is over") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob"})});
  const auto id = scene.sender->sent.front().id;
  scene.chance = 1000;
  scene.answer(webhook_result::unreachable); // it may have arrived
  scene.happen({scene.read("room", "bob", 2)});
  CHECK(scene.sender->sent.empty());
  scene.now += 1s;
  scene.step();
  REQUIRE(scene.sender->sent.size() == 1);
  CHECK(scene.sender->sent.front().id != id);
  CHECK(scene.accept_notices() == "bob:room:withdrawn");
}

TEST_CASE("each user's notification is repeated by itself, with the same id, through restarts") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob", "carol"})});
  REQUIRE(scene.sender->sent.size() == 2);
  const auto bob = scene.sender->sent[0].id;
  const auto carol = scene.sender->sent[1].id;
  CHECK(bob != carol);
  scene.chance = 1000;
  scene.answer(webhook_result::refused);
  CHECK(scene.accept_one() == "carol:room:created:2");
  scene.restart();
  CHECK(scene.sender->sent.empty());
  scene.now += 1s;
  scene.step();
  REQUIRE(scene.sender->sent.size() == 1);
  CHECK(scene.sender->sent.front().id == bob);
  CHECK(scene.accept_notices() == "bob:room:created:2");
}

TEST_CASE("wherever a kill comes, the last that is told of each user is how it stands") {
  for (std::size_t seen = 0; seen <= 7; ++seen)
    for (std::size_t answered = 0; answered <= 3; ++answered) {
      CAPTURE(seen, answered);
      away_scene scene;
      const std::vector<record_ptr> all{scene.notified("room", {"bob", "carol"}),
                                        scene.read("room", "bob", 2),
                                        scene.told.message("room", "alice", "two"),
                                        scene.notified("room", {"carol"}),
                                        scene.told.message("room", "alice", "three"),
                                        scene.notified("room", {"bob"}),
                                        scene.read("room", "carol", 4)};
      const auto middle = all.begin() + static_cast<std::ptrdiff_t>(seen);
      for (auto each = all.begin(); each != middle; ++each)
        scene.happen({*each});
      std::string bob;
      std::string carol;
      const auto accept = [&] {
        const auto one = scene.accept_one();
        (one.starts_with("bob") ? bob : carol) = one;
      };
      for (std::size_t i = 0; i < answered && !scene.sender->sent.empty(); ++i)
        accept();
      scene.happen_unseen({middle, all.end()});
      scene.restart();
      for (scene.settle(); !scene.sender->sent.empty();)
        accept();
      CHECK(bob == "bob:room:created:4");
      CHECK((carol.empty() || carol == "carol:room:withdrawn"));
      CHECK((seen == 0 || carol == "carol:room:withdrawn"));
      CHECK(scene.counts("push").waiting == 0);
    }
}

TEST_CASE("a walk through many notifications is killed between portions and goes on") {
  away_scene scene;
  std::vector<std::string> users;
  for (std::size_t i = 0; i < limits::webhook_records + 10; ++i)
    users.push_back("user-" + std::to_string(i));
  std::vector<std::string> members = users;
  members.insert(members.begin(), "alice");
  scene.happen({scene.told.created("hall", members), scene.told.message("hall", "alice", "one")});
  scene.happen_unseen({scene.notified("hall", users)});
  scene.settle();
  CHECK(scene.counts("push").waiting == users.size());
  scene.happen_unseen({scene.told.erased("hall", "alice", 2)});
  scene.step(); // events
  scene.step(); // a portion of the ends
  CHECK(scene.last.steps_left);
  scene.restart();
  scene.settle();
  // What was not told of yet waits, to be passed over, and all of it is over.
  CHECK(scene.counts("push").waiting >= users.size());
  std::size_t withdrawn = 0;
  while (!scene.sender->sent.empty())
    withdrawn += scene.accept_one().ends_with("withdrawn") ? 1 : 0;
  CHECK(withdrawn == users.size());
  CHECK(scene.counts("push").waiting == 0);
}

TEST_CASE("an endpoint gets notifications where it asks for them, of the kinds that it wants") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all"), scene.endpoint("push", {"notification.created"}),
                   scene.endpoint("ends", {"notification.withdrawn"}),
                   scene.endpoint("direct", {"notification.*"}, {conversation_kind::direct})});
  scene.happen({scene.told.created("room", {"alice", "bob"}),
                scene.told.message("room", "alice", "one"),
                scene.told.notified("room", {{user_id{"bob"}, 1, 0, false}})});
  CHECK(scene.counts("all").waiting == 2);
  CHECK(scene.counts("push").waiting == 1);
  CHECK(scene.counts("ends").waiting == 0);
  scene.happen(
      {scene.told.receipts("room", {{user_id{"bob"}, {sequence{2}, sequence{2}, sequence{2}}}})});
  CHECK(scene.counts("all").waiting == 2);
  CHECK(scene.counts("push").waiting == 1);
  CHECK(scene.counts("ends").waiting == 1);
  CHECK(scene.counts("direct").waiting == 0);
}

TEST_CASE("events of the conversation and notifications do not wait for each other") {
  away_scene scene{{"*", "notification.*"}};
  REQUIRE(scene.under_way() == "room/1");
  scene.happen({scene.notified("room", {"bob"})});
  REQUIRE(scene.sender->sent.size() == 2);
  CHECK(scene.sender->sent.back().type == "notification.created");
}

TEST_CASE("a dead letter of a notification that has not changed is told again") {
  away_scene scene;
  scene.happen({scene.notified("room", {"bob"})});
  scene.answer(webhook_result::refused);
  scene.now += 24h;
  scene.step();
  scene.answer(webhook_result::refused);
  CHECK(scene.counts("push").dead == 1);
  {
    auto beside = must(webhook_outbox::open_existing(scene.path()));
    CHECK(must(beside->redeliver(must(beside->endpoints()).front().row, scene.now)) == 1);
  }
  CHECK(scene.accept_notices() == "bob:room:created:2");
}

} // namespace webhook_notices_test

} // namespace parley::test
