// When a session is told how far it has everything, and what holds that back.
#include <algorithm>

#include "actors/cursor.hpp"
#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shard_scene.hpp"

using namespace parley;
using namespace parley::test;
using nlohmann::json;

namespace shard_checkpoints_test {

class scene : public shard_scene {
public:
  void pass(instant::duration by) { shard.tick(now += by); }
  /// The position of the last checkpoint among these; none is 0.
  std::uint64_t position_in(const std::vector<json>& told, const char* user) const {
    std::uint64_t last = 0;
    for (const auto& each : told)
      if (each["type"] == "checkpoint")
        last = sealer.open(user_id{user}, each["cursor"].get<std::string>()).value().value();
    return last;
  }

private:
  cursor_sealer sealer{"secret", "epoch"};
};

record_ptr reading_in(const conversation_id& where, const std::string& user, std::uint64_t up_to) {
  auto made = std::make_shared<record>(*reading(user, up_to));
  made->conversation = where;
  return made;
}

std::size_t checkpoints_in(const names& told) {
  return static_cast<std::size_t>(std::count(told.begin(), told.end(), "checkpoint"));
}

TEST_CASE("after a quiet moment an event brings its checkpoint with it") {
  scene it;
  session& bob = it.live("bob");
  it.pass(limits::checkpoint_interval);
  it.commit({message(2), message(3)});
  const auto told = it.drain(bob);
  CHECK(told.size() == 3);
  CHECK(it.position_in(told, "bob") == it.batches);
  it.pass(2 * limits::checkpoint_interval);
  CHECK(it.drain(bob).empty());
}

TEST_CASE("a busy session gets a checkpoint now and then, and one behind the last event") {
  scene it;
  session& bob = it.live("bob");
  names told;
  constexpr auto pause = std::chrono::milliseconds{10};
  constexpr std::uint64_t events = 200;
  for (std::uint64_t seq = 2; seq < 2 + events; ++seq) {
    it.now += pause;
    it.commit({message(seq)});
    for (auto& each : it.types(bob))
      told.push_back(std::move(each));
  }
  CHECK(told.size() - checkpoints_in(told) == events);
  // The first event behind a checkpoint begins the wait for the next.
  CHECK(checkpoints_in(told) == events * pause / (limits::checkpoint_interval + pause));
  it.commit({message(2 + events)});
  it.pass(limits::checkpoint_interval);
  CHECK(it.position_in(it.drain(bob), "bob") == it.batches);
}

TEST_CASE("whoever gets no further event gets the checkpoint when it is due") {
  scene it;
  session& bob = it.live("bob");
  it.commit({message(2)});
  CHECK(it.types(bob) == names{"message"});
  it.pass(limits::checkpoint_interval - std::chrono::milliseconds{1});
  CHECK(it.drain(bob).empty());
  it.pass(std::chrono::milliseconds{1});
  CHECK(it.position_in(it.drain(bob), "bob") == it.batches);
}

TEST_CASE("receipts are shown at once, then together after a moment") {
  scene it;
  session& bob = it.live("bob");
  it.commit({message(2), message(3), message(4)});
  it.drain(bob);
  it.commit({reading("alice", 2)});
  CHECK(it.types(bob) == names{"receipt"});
  it.commit({reading("alice", 3)});
  it.commit({reading("alice", 4), reading("carol", 2)});
  CHECK(it.drain(bob).empty());
  it.pass(limits::receipt_interval);
  const auto told = it.drain(bob);
  REQUIRE(told.size() == 2);
  CHECK(std::count_if(told.begin(), told.end(), [](const json& each) {
          return each["user"] == "alice" && each["read"] == 4;
        }) == 1);
  it.pass(limits::receipt_interval);
  it.drain(bob);
  it.commit({reading("carol", 3)});
  CHECK(it.types(bob) == names{"receipt"});
}

TEST_CASE("one conversation's receipts do not wait for another's") {
  const conversation_id other{"c2"};
  scene it;
  session& bob = it.live("bob", {room, other});
  it.commit({reading("alice", 1)});
  it.commit({reading_in(other, "alice", 1)});
  CHECK(it.types(bob) == names{"receipt", "receipt"});
}

TEST_CASE("no checkpoint passes receipts that wait, and another one follows them") {
  const bool is_in_many = GENERATE(false, true);
  std::vector<conversation_id> memberships{room};
  for (int i = 0; is_in_many && i < 20; ++i)
    memberships.emplace_back("other" + std::to_string(i));
  scene it;
  session& bob = it.live("bob", memberships);
  it.commit({message(2)});
  it.commit({reading("alice", 1)});
  it.now += limits::checkpoint_interval - limits::receipt_interval / 2;
  it.commit({reading("alice", 2)}); // shown, and the moment begins anew
  it.drain(bob);
  const std::uint64_t shown = it.batches;
  it.commit({reading("carol", 2), message(3)});
  it.drain(bob);
  it.pass(limits::receipt_interval / 2);
  CHECK(it.position_in(it.drain(bob), "bob") == shown);
  it.pass(limits::receipt_interval);
  CHECK(it.types(bob) == names{"receipt"});
  it.pass(limits::checkpoint_interval);
  CHECK(it.position_in(it.drain(bob), "bob") == it.batches);
}

TEST_CASE("what was shown within a batch holds for what comes later in that batch") {
  std::vector<conversation_id> memberships{room};
  for (int i = 0; i < 20; ++i)
    memberships.emplace_back("other" + std::to_string(i));
  scene it;
  session& bob = it.live("bob", memberships);
  it.pass(limits::checkpoint_interval);
  it.commit({reading("alice", 1)});
  it.now += limits::receipt_interval / 2;
  it.commit({reading("alice", 2), leaving(2, "dave"), reading("carol", 2)});
  const auto told = it.drain(bob);
  CHECK(it.position_in(told, "bob") < it.batches);
  it.pass(limits::receipt_interval);
  it.pass(limits::checkpoint_interval);
  const auto later = it.drain(bob);
  CHECK(later.front()["type"] == "receipt");
  CHECK(it.position_in(later, "bob") == it.batches);
}

TEST_CASE("a page that fills a gap comes before the checkpoint that covers it") {
  scene it;
  session& slow = it.live("slow");
  const std::string body(limits::outbox_bytes / 2 - 1000, 'x');
  it.commit({message(2, body), message(3, body)});
  it.commit({message(4, body)});
  it.pass(limits::checkpoint_interval);
  it.drain(slow);
  it.pass(limits::checkpoint_interval);
  CHECK(it.drain(slow).empty());
  answer page{slow.number(), encode_page(std::int64_t{1}, room, {}, false), room, sequence{4},
              sequence{4}};
  it.shard.answered(std::move(page), it.now);
  const auto told = it.drain(slow);
  REQUIRE(told.size() == 2);
  CHECK(told.front()["type"] == "page");
  CHECK(it.position_in(told, "slow") == it.batches);
}

} // namespace shard_checkpoints_test
