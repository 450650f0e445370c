// Pinned messages: who may, what everyone is told, what is left of them.
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/checked.hpp"
#include "tests/support/engine_scene.hpp"

using namespace parley;
using namespace parley::test;

namespace pins_test {

struct room {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  std::uint64_t post(client& who, const std::string& id) {
    return who.ask(send_message{where, client_id{id}, "body of " + id})["seq"];
  }
  json pin(client& who, std::uint64_t message, bool remove = false) {
    return who.ask(pin_message{where, message, remove});
  }
  /// Numbers of what is pinned, the latest first.
  std::vector<std::uint64_t> pinned(client& who) {
    std::vector<std::uint64_t> numbers;
    const json page = who.ask(get_pins{where});
    for (const auto& each : page["items"])
      numbers.push_back(each["message"]);
    return numbers;
  }
  std::string checked() {
    it.engine.reset();
    return check_of(it.data.path()).text;
  }
};

using numbers = std::vector<std::uint64_t>;

TEST_CASE("a pin is an event to all, and on the list until it is taken off") {
  room all;
  const auto first = all.post(all.alice, "a1");
  const auto second = all.post(all.bob, "b1");
  all.pin(all.bob, second);
  all.alice.events();
  const json answer = all.pin(all.bob, first);
  const auto told = all.alice.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "pinned");
  CHECK(told[0]["seq"] == answer["seq"]);
  CHECK(told[0]["message"] == first);
  CHECK(told[0]["by"] == "bob");
  CHECK_FALSE(told[0].contains("removed"));
  for (int life = 0; life < 2; ++life) {
    client alice{all.it, "alice"};
    CHECK(all.pinned(alice) == numbers{first, second});
    all.it.restart();
  }
  client alice{all.it, "alice"};
  const json item = alice.ask(get_pins{all.where})["items"][0];
  CHECK(item["by"] == "bob");
  CHECK(item["at"].is_number());
  CHECK(code_of(all.pin(alice, first, true)) == "ok");
  CHECK(all.pinned(alice) == numbers{second});
  CHECK(alice.ask(history{all.where, {}, {}, {}, 1})["events"][0]["removed"] == true);
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("pinning what is pinned, or taking off what is not, changes nothing") {
  room all;
  const auto message = all.post(all.alice, "a1");
  const json once = all.pin(all.alice, message);
  CHECK(all.pin(all.bob, message)["seq"] == once["seq"]);
  const json off = all.pin(all.bob, message, true);
  CHECK(off["seq"] == once["seq"].get<std::uint64_t>() + 1);
  CHECK(all.pin(all.alice, message, true)["seq"] == off["seq"]);
}

TEST_CASE("only messages are pinned, and by whom may") {
  room all;
  const auto message = all.post(all.alice, "a1");
  CHECK(code_of(all.pin(all.alice, 0)) == "not_found");
  CHECK(code_of(all.pin(all.alice, 1)) == "not_found");
  CHECK(code_of(all.pin(all.alice, 1000)) == "not_found");
  client mallory{all.it, "mallory"};
  CHECK(code_of(all.pin(mallory, message)) == "not_found");
  CHECK(code_of(mallory.ask(get_pins{all.where})) == "not_found");
  all.alice.ask(change_role{all.where, user_id{"bob"}, role::reader});
  CHECK(code_of(all.pin(all.bob, message)) == "forbidden");
  CHECK(code_of(all.bob.ask(get_pins{all.where})) == "pins");
}

TEST_CASE("what is deleted is off the list, and the room's end is the list's") {
  room all;
  const auto message = all.post(all.alice, "a1");
  const auto other = all.post(all.alice, "a2");
  all.pin(all.alice, message);
  all.pin(all.alice, other);
  all.alice.ask(erase{all.where, message, audience::everyone});
  CHECK(code_of(all.pin(all.alice, message)) == "not_found");
  for (int life = 0; life < 2; ++life) {
    client bob{all.it, "bob"};
    CHECK(all.pinned(bob) == numbers{other});
    all.it.restart();
  }
  client alice{all.it, "alice"};
  alice.ask(erase{all.where});
  all.it.pass(std::chrono::seconds{1});
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("a list of pins has an end") {
  room all;
  for (std::size_t i = 0; i < limits::pins; ++i)
    all.pin(all.alice, all.post(all.alice, "a" + std::to_string(i)));
  client bob{all.it, "bob"}; // the session of before did not take what it was sent
  CHECK(all.pinned(bob).size() == limits::pins);
  const auto one_more = all.post(all.alice, "more");
  CHECK(code_of(all.pin(all.alice, one_more)) == "too_large");
  all.pin(all.alice, 2, true);
  CHECK(code_of(all.pin(all.alice, one_more)) == "ok");
}

} // namespace pins_test
