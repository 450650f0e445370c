// Too many notifications on their way to endpoints: one for all that are told of together.
#include "actors/limits_of_notices.hpp"
#include "tests/support/away_scene.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace webhook_many_notices_test {

using namespace std::chrono_literals;

class joined_scene : public away_scene {
public:
  joined_scene() {
    for (const auto* each : {"r1", "r2", "r3"})
      happen({told.created(each, {"alice", "bob"}), told.message(each, "alice", "one")});
  }
  record_ptr joined(const std::string& room) {
    notice made{user_id{"bob"}, 1, 0, false, 1};
    made.joined = true;
    return told.notified(room, {made});
  }
  /// What is sent once no more is waited for.
  std::string gathered() {
    now += limits::notices_gathered;
    return accept_notices();
  }
};

TEST_CASE("what is told of together is sent once, with how many it is") {
  joined_scene scene;
  scene.happen({scene.joined("r1"), scene.joined("r2")});
  CHECK(scene.sender->sent.empty());
  CHECK(scene.counts("push").waiting == 1);
  scene.now += limits::notices_gathered;
  scene.settle();
  REQUIRE(scene.sender->sent.size() == 1);
  CHECK(scene.sender->sent.front().type == "notification.created");
  const auto data = unpack(scene.sender->sent.front().event);
  CHECK(data["type"] == "notifications");
  CHECK(data["user"] == "bob");
  CHECK(data["conversations"] == 2);
  CHECK(data["count"] == 2);
  CHECK(data["unread"] == 2);
  CHECK(data["mentions"] == 0);
  CHECK_FALSE(data.contains("quiet"));
  CHECK(scene.accept_notices() == "bob:many:created");
}

TEST_CASE("one more is sent a while later, and the end once none is left") {
  joined_scene scene;
  scene.happen({scene.joined("r1"), scene.joined("r2")});
  CHECK(scene.gathered() == "bob:many:created");
  scene.happen({scene.read("r1", "bob", 2)});
  CHECK(scene.gathered().empty());
  scene.happen({scene.joined("r3")});
  CHECK(scene.accept_notices().empty());
  scene.now += limits::notices_gathered;
  scene.step();
  REQUIRE(scene.sender->sent.size() == 1);
  CHECK(unpack(scene.sender->sent.front().event)["conversations"] == 2);
  CHECK(scene.accept_notices() == "bob:many:created");
  scene.happen({scene.read("r2", "bob", 2)});
  CHECK(scene.gathered().empty());
  const bool seen = GENERATE(true, false);
  const std::vector<record_ptr> end{scene.told.erased("r3", "alice", 2)};
  seen ? scene.happen(end) : scene.happen_unseen(end);
  scene.settle();
  scene.now += limits::notices_gathered;
  scene.step();
  REQUIRE(scene.sender->sent.size() == 1);
  const auto data = unpack(scene.sender->sent.front().event);
  CHECK(data == nlohmann::json{{"type", "withdrawn"}, {"user", "bob"}});
  CHECK(scene.accept_notices() == "bob:many:withdrawn");
  CHECK(scene.gathered().empty());
  CHECK(scene.counts("push").waiting == 0);
}

TEST_CASE("what was told of by itself takes its place among many, and comes back from there") {
  joined_scene scene;
  scene.happen({scene.notified("r1", {"bob"})});
  CHECK(scene.accept_notices() == "bob:r1:created:2");
  scene.happen({scene.told.message("r1", "alice", "two"), scene.joined("r1")});
  CHECK(scene.accept_notices() == "bob:r1:withdrawn");
  CHECK(scene.gathered() == "bob:many:created");
  scene.happen({scene.told.message("r1", "alice", "three"), scene.notified("r1", {"bob"})});
  CHECK(scene.accept_notices() == "bob:r1:created:4");
  CHECK(scene.gathered() == "bob:many:withdrawn");
  scene.happen({scene.read("r1", "bob", 4)});
  CHECK(scene.accept_notices() == "bob:r1:withdrawn");
}

TEST_CASE("of what was read while more were waited for nothing is sent but the end") {
  joined_scene scene;
  scene.happen({scene.joined("r1"), scene.read("r1", "bob", 2)});
  CHECK(scene.gathered().empty());
  scene.happen({scene.joined("r2")});
  scene.restart();
  scene.happen({scene.read("r2", "bob", 2)});
  CHECK(scene.gathered() == "bob:many:withdrawn"); // an attempt may have arrived
}

TEST_CASE("an endpoint is told of those together that are of the kinds that it wants") {
  outbox_scene scene;
  scene.configure({scene.endpoint("direct", {"notification.*"}, {conversation_kind::direct})});
  notice made{user_id{"bob"}, 1, 0, true, 1};
  made.joined = true;
  scene.happen({scene.told.created("room", {"alice", "bob"}),
                scene.told.message("room", "alice", "one"), scene.told.notified("room", {made}),
                scene.told.created("pair", {"alice", "bob"}, conversation_kind::direct),
                scene.told.message("pair", "alice", "two"), scene.told.notified("pair", {made})});
  scene.now += limits::notices_gathered;
  scene.step();
  REQUIRE(scene.sender->sent.size() == 1);
  const auto data = unpack(scene.sender->sent.front().event);
  CHECK(data["conversations"] == 1);
  CHECK(data["quiet"] == true);
}

} // namespace webhook_many_notices_test

} // namespace parley::test
