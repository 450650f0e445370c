// Deleting a run of messages, and what is said of what was deleted.
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace erasure_test {

struct crew {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id where{make_group(alice, {user_id{"bob"}, user_id{"carol"}}).get<std::string>()};

  std::uint64_t post(client& who, const std::string& id) {
    return who.post(where.str(), id, "body of " + id)["seq"];
  }
  erase run(std::uint64_t first, std::uint64_t last, audience whom,
            std::optional<client_id> id = {}) const {
    return {where, first, whom, std::move(id), last};
  }
  std::vector<std::string> bodies(client& who) {
    std::vector<std::string> all;
    const json page = who.ask(history{where, {}, {}, {}, {}});
    for (const auto& each : page["events"])
      if (each["type"] == "message")
        all.push_back(each.value("body", "gone"));
    return all;
  }
};

TEST_CASE("a run of messages is deleted message by message, with one answer") {
  crew all;
  for (int i = 1; i <= 5; ++i)
    all.post(all.bob, "b" + std::to_string(i));           // numbers 2 to 6
  all.alice.ask(react{all.where, 3, "+1"});               // 7
  all.alice.ask(erase{all.where, 4, audience::everyone}); // 8
  all.bob.events();
  const json answer = all.alice.ask(all.run(3, 7, audience::everyone, client_id{"run"}));
  CHECK(answer["type"] == "ok");
  CHECK(answer["seq"] == 11);
  std::vector<std::uint64_t> gone;
  for (const auto& each : all.bob.events()) {
    CHECK(each["type"] == "deleted");
    CHECK(each["by"] == "alice");
    gone.push_back(each["message"]);
  }
  CHECK(gone == std::vector<std::uint64_t>{3, 5, 6});
  const std::vector<std::string> left{"body of b1", "gone", "gone", "gone", "gone"};
  CHECK(all.bodies(all.bob) == left);
  const json again = all.alice.ask(all.run(3, 7, audience::everyone, client_id{"run"}));
  CHECK(again["seq"] == 11);
  CHECK(code_of(all.alice.ask(all.run(3, 6, audience::everyone, client_id{"run"}))) == "conflict");
  all.it.restart();
  client bob{all.it, "bob"};
  CHECK(all.bodies(bob) == left);
  CHECK(bob.ask(all.run(3, 6, audience::everyone, client_id{"nothing"}))["type"] == "ok");
}

TEST_CASE("of a run of which one message may not be deleted nothing is") {
  crew all;
  all.post(all.bob, "b1");
  all.post(all.alice, "a1");
  all.post(all.bob, "b2");
  CHECK(code_of(all.bob.ask(all.run(2, 4, audience::everyone))) == "forbidden");
  CHECK(all.bodies(all.bob) == std::vector<std::string>{"body of b1", "body of a1", "body of b2"});
  CHECK(code_of(all.bob.ask(all.run(4, 4, audience::everyone))) == "ok");
  CHECK(code_of(all.bob.ask(all.run(4, 3, audience::everyone))) == "bad_request");
  CHECK(code_of(all.bob.ask(all.run(1, 1, audience::everyone))) == "not_found"); // no message
  CHECK(code_of(all.bob.ask(all.run(99, 120, audience::everyone))) == "not_found");
  CHECK(code_of(all.alice.ask(all.run(1, 1 + limits::erased_at_once, audience::everyone))) ==
        "too_large");
  CHECK(code_of(all.alice.ask(erase{all.where, {}, {}, {}, 4})) == "bad_request");
}

TEST_CASE("what others have deleted stands in the way of nobody's run") {
  crew all;
  const auto mine = all.post(all.bob, "b1");
  const auto theirs = all.post(all.alice, "a1");
  const auto last = all.post(all.bob, "b2");
  all.alice.ask(erase{all.where, theirs, audience::everyone});
  CHECK(code_of(all.bob.ask(all.run(mine, last, audience::everyone))) == "ok");
  CHECK(all.bodies(all.alice) == std::vector<std::string>{"gone", "gone", "gone"});
}

TEST_CASE("a run is hidden from oneself alone") {
  crew all;
  for (int i = 1; i <= 4; ++i)
    all.post(all.alice, "a" + std::to_string(i));
  client other{all.it, "bob", {}, "phone"};
  other.events();
  CHECK(all.bob.ask(all.run(3, 50, audience::me, client_id{"hide"}))["type"] == "ok");
  std::vector<std::uint64_t> told;
  for (const auto& each : other.events())
    if (each["type"] == "hidden")
      told.push_back(each["message"]);
  CHECK(told == std::vector<std::uint64_t>{3, 4, 5});
  CHECK(all.bodies(all.bob) == std::vector<std::string>{"body of a1"});
  CHECK(all.bodies(all.alice).size() == 4);
  CHECK(all.bob.ask(list_conversations{})["items"][0]["unread"] == 1);
  CHECK(all.bob.ask(all.run(3, 50, audience::me, client_id{"hide"}))["type"] == "ok");
}

TEST_CASE("a deleted message has a receipt that says who deleted what, and when") {
  crew all;
  const auto message = all.post(all.bob, "b1");
  all.bob.ask(edit_message{all.where, message, "other"});
  all.bob.ask(edit_message{all.where, message, "and another"});
  CHECK(code_of(all.bob.ask(get_erasure{all.where, message})) == "not_found");
  const json erased = all.alice.ask(erase{all.where, message, audience::everyone});
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    const json receipt = bob.ask(get_erasure{all.where, message});
    CHECK(receipt["type"] == "erasure");
    CHECK(receipt["message"] == message);
    CHECK(receipt["from"] == "bob");
    CHECK(receipt["by"] == "alice");
    CHECK(receipt["seq"] == erased["seq"]);
    CHECK(receipt["at"].is_number());
    CHECK(receipt["versions"] == 3);
    CHECK_FALSE(receipt.contains("compacted_at"));
    client mallory{all.it, "mallory"};
    CHECK(code_of(mallory.ask(get_erasure{all.where, message})) == "not_found");
    CHECK(code_of(bob.ask(get_erasure{all.where, 1})) == "not_found");
    CHECK(code_of(bob.ask(get_erasure{all.where, 99})) == "not_found");
    all.it.restart();
  }
}

} // namespace erasure_test
