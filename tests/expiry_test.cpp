// Messages that go by themselves: when, for whom, and what a clock that jumps may do to them.
#include <string>
#include <vector>

#include "actors/expirer.hpp"
#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_scene.hpp"
#include "tests/support/model_rows.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace expiry_test {

struct friends {
  scene it;
  client alice{it, "alice"};
  client bob{it, "bob"};
  conversation_id where{make_group(alice, {user_id{"bob"}}).get<std::string>()};

  json post(const std::string& id, std::optional<std::uint64_t> seconds) {
    send_message what{where, client_id{id}, "body of " + id};
    what.expires_in = seconds;
    return alice.ask(std::move(what));
  }
  json shown(std::uint64_t seq) {
    return client{it, "bob"}.ask(history{where, {}, seq - 1, {}, 1})["events"][0];
  }
  std::size_t to_go() {
    std::size_t count = 0;
    for (const auto& [key, value] : dump(it.engine->model()))
      count += key.starts_with("expiries/") ? 1 : 0;
    return count;
  }
};

TEST_CASE("a message goes when its time is over, as if its author had deleted it") {
  friends all;
  const json sent = all.post("a1", 300);
  const json stays = all.post("a2", {});
  const json event = all.shown(sent["seq"]);
  CHECK(event["expires_at"] == sent["at"].get<std::int64_t>() + 300'000);
  all.bob.events();
  for (int i = 0; i < 28; ++i) // a leap would be longer than a session may be silent
    all.it.pass(10s);
  CHECK(all.bob.types().empty());
  CHECK(all.to_go() == 1);
  all.it.pass(30s);
  const auto told = all.bob.events();
  REQUIRE(told.size() == 1);
  CHECK(told[0]["type"] == "deleted");
  CHECK(told[0]["message"] == sent["seq"]);
  CHECK(told[0]["by"] == "alice");
  CHECK(told[0]["expired"] == true);
  CHECK(told[0]["seq"] == stays["seq"].get<std::uint64_t>() + 1);
  all.it.pass(5s);
  CHECK(all.bob.types().empty()); // it is asked about once more, and is gone
  CHECK(all.to_go() == 0);
  const json tombstone = all.shown(sent["seq"]);
  CHECK(tombstone["deleted"] == true);
  CHECK_FALSE(tombstone.contains("body"));
  CHECK_FALSE(tombstone.contains("expires_at"));
  CHECK(all.shown(stays["seq"])["body"] == "body of a2");
  const json listed = all.bob.ask(list_conversations{})["items"][0];
  CHECK(listed["unread"] == 1);
}

TEST_CASE("a message whose time is over while the server is down goes at the next start") {
  friends all;
  const json sent = all.post("a1", 30);
  all.it.restart();
  all.it.pass(31s);
  CHECK(all.shown(sent["seq"])["deleted"] == true);
  all.it.restart();
  CHECK(all.shown(sent["seq"])["deleted"] == true);
  CHECK(all.to_go() == 0);
}

TEST_CASE("a retry of a message that is gone gets its first answer, and nothing comes back") {
  friends all;
  const json sent = all.post("a1", 5);
  all.it.pass(7s);
  CHECK(all.post("a1", 5)["seq"] == sent["seq"]);
  CHECK(code_of(all.post("a1", 6)) == "conflict");
  CHECK(code_of(all.post("a1", {})) == "conflict");
  CHECK(all.shown(sent["seq"])["deleted"] == true);
}

TEST_CASE("what was deleted before, or with its conversation, does not come up again") {
  friends all;
  const json sent = all.post("a1", 30);
  all.alice.ask(erase{all.where, sent["seq"], audience::everyone});
  const json other = all.post("a2", 30);
  CHECK(all.to_go() == 1);
  all.alice.ask(edit_message{all.where, other["seq"], "edited"});
  CHECK(all.to_go() == 1);
  all.alice.ask(erase{all.where});
  all.it.pass(1s);
  CHECK(all.to_go() == 0);
  all.it.pass(60s);
  CHECK(all.it.engine->failures().empty());
}

TEST_CASE("hundreds that go at one moment all go") {
  friends all;
  const std::size_t count = 2 * limits::erased_at_once + 7;
  for (std::size_t i = 0; i < count; ++i)
    all.post("m" + std::to_string(i), 2000);
  CHECK(all.to_go() == count);
  all.it.pass(2000s);
  all.it.pass(5s);
  client later{all.it, "bob"};
  std::size_t gone = 0;
  for (std::uint64_t after = 1; after <= count; after += 100) {
    const json page = later.ask(history{all.where, {}, after, {}, {}});
    for (const auto& each : page["events"])
      gone += each["type"] == "message" && each.contains("deleted") ? 1 : 0;
  }
  CHECK(gone == count);
  CHECK(all.to_go() == 0);
}

TEST_CASE("a life of no time or of more than a year is refused") {
  friends all;
  CHECK(code_of(all.post("a1", 0)) == "bad_request");
  CHECK(code_of(all.post("a1", limits::longest_expiry_seconds + 1)) == "bad_request");
  CHECK(code_of(all.post("a1", limits::longest_expiry_seconds)) == "sent");
}

TEST_CASE("a clock that jumped is not believed until it has gone on for a while") {
  const timestamp noon{std::chrono::hours{24 * 365 * 50}};
  const instant begin{};
  clock_watch clock;
  CHECK(clock.believes(noon, begin));
  CHECK(clock.believes(noon + 10h, begin + 10h));         // a long sleep is no jump
  CHECK(clock.believes(noon + 10h + 59min, begin + 10h)); // nor is a clock that was set a little
  CHECK_FALSE(clock.believes(noon + 30h, begin + 10h + 1s));
  CHECK(clock.jumped());
  CHECK_FALSE(clock.believes(noon + 30h + 59min, begin + 11h));
  CHECK_FALSE(clock.jumped());
  SECTION("and then it is") { CHECK(clock.believes(noon + 31h + 2s, begin + 11h + 2s)); }
  SECTION("unless it jumps again") {
    CHECK_FALSE(clock.believes(noon, begin + 11h + 1s));
    CHECK(clock.jumped());
    CHECK_FALSE(clock.believes(noon + 59min, begin + 12h));
    CHECK(clock.believes(noon + 1h, begin + 12h + 1s));
  }
}

} // namespace expiry_test
