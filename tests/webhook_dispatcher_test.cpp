// The schedule of deliveries in virtual time: order, patience, dead letters, bounds.
#include "actors/limits.hpp"
#include "persistence/webhooks/dispatcher.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/outbox_scene.hpp"

namespace parley::test {

namespace webhook_dispatcher_test {

using namespace std::chrono_literals;

/// An endpoint, and two conversations with two events each.
class two_rooms : public outbox_scene {
public:
  two_rooms() {
    configure({endpoint("all")});
    happen({told.created("den", {"alice", "bob"}), told.created("room", {"alice", "bob"}),
            told.message("den", "alice", "one"), told.message("room", "alice", "two")});
  }
  void pass(std::chrono::milliseconds time) {
    now += time;
    step();
  }
};

TEST_CASE("the next event of a conversation waits for the one before, others do not") {
  two_rooms scene;
  CHECK(scene.under_way() == "den/1 room/1");
  scene.answer(webhook_result::accepted);
  CHECK(scene.under_way() == "room/1 den/2");
  scene.chance = 1000;
  scene.answer(webhook_result::refused); // room/1
  CHECK(scene.under_way() == "den/2");
  scene.answer(webhook_result::accepted);
  CHECK(scene.under_way().empty());
  CHECK(scene.last.next == scene.now + 1s);
  scene.pass(999ms);
  CHECK(scene.under_way().empty());
  scene.pass(1ms);
  CHECK(scene.under_way() == "room/1");
  scene.answer(webhook_result::accepted);
  CHECK(scene.under_way() == "room/2");
}

TEST_CASE("every attempt at an event has the same id") {
  two_rooms scene;
  const auto id = scene.sender->sent.front().id;
  const auto number = scene.sender->sent.front().number;
  scene.answer(webhook_result::unreachable);
  REQUIRE(scene.under_way() == "room/1 den/1");
  CHECK(scene.sender->sent.back().id == id);
  CHECK(scene.sender->sent.back().number != number);
  CHECK(scene.sender->sent.front().id != id);
  scene.restart();
  scene.settle();
  CHECK(scene.under_way() == "den/1 room/1");
  CHECK(scene.sender->sent.front().id == id);
}

TEST_CASE("delays grow, over restarts too, and end with a success") {
  two_rooms scene;
  scene.answer(webhook_result::accepted);
  scene.answer(webhook_result::accepted);
  REQUIRE(scene.under_way() == "den/2 room/2");
  scene.answer(webhook_result::accepted);
  for (const auto& bound : {1000, 2000, 4000, 8000}) {
    REQUIRE(scene.under_way() == "room/2");
    scene.chance = static_cast<std::uint64_t>(bound);
    scene.answer(webhook_result::refused);
    CHECK(scene.last.next == scene.now + std::chrono::milliseconds{bound});
    scene.restart();
    CHECK(scene.under_way().empty());
    scene.pass(std::chrono::milliseconds{bound});
  }
  scene.answer(webhook_result::accepted);
  CHECK(scene.counts("all").waiting == 0);
  scene.happen({scene.told.message("room", "alice", "three")});
  scene.chance = 1000;
  scene.answer(webhook_result::refused);
  CHECK(scene.last.next == scene.now + 1s);
}

TEST_CASE("an endpoint that asks for time is left alone, with all that waits for it") {
  two_rooms scene;
  scene.answer(webhook_result::refused, 300s);
  scene.answer(webhook_result::accepted);
  CHECK(scene.under_way().empty()); // room/2 could go
  CHECK(scene.last.next == scene.now + 300s);
  scene.pass(299s);
  CHECK(scene.under_way().empty());
  scene.pass(1s);
  CHECK(scene.under_way() == "room/2 den/1");
}

TEST_CASE("after a day an event becomes a dead letter and the next one is tried") {
  two_rooms scene;
  scene.answer(webhook_result::refused); // den/1
  REQUIRE(scene.under_way() == "room/1 den/1");
  scene.answer(webhook_result::accepted);
  scene.answer(webhook_result::refused); // den/1
  REQUIRE(scene.under_way() == "room/2 den/1");
  scene.now += 24h;
  scene.answer(webhook_result::accepted);
  scene.answer(webhook_result::refused);
  CHECK(scene.counts("all").dead == 1);
  CHECK(scene.metrics->webhook_dead.value() == 1);
  CHECK(scene.under_way() == "den/2");
  scene.answer(webhook_result::accepted);
  CHECK(scene.counts("all").waiting == 0);
  CHECK(scene.metrics->webhook_waiting.value() == 0);
  CHECK(scene.metrics->webhook_deliveries[0].value() == 3);
  CHECK(scene.metrics->webhook_deliveries[1].value() == 3);
}

TEST_CASE("dead letters that are put back are sent again, before what came later") {
  two_rooms scene;
  scene.answer(webhook_result::refused);
  scene.answer(webhook_result::accepted);
  scene.now += 24h;
  scene.answer(webhook_result::refused); // den/1, for good
  REQUIRE(scene.under_way() == "room/2 den/2");
  scene.answer(webhook_result::accepted);
  scene.answer(webhook_result::accepted);
  scene.happen({scene.told.message("den", "alice", "three")});
  scene.chance = 1000;
  scene.answer(webhook_result::refused); // den/3
  CHECK(scene.counts("all").waiting == 1);
  {
    auto beside = must(webhook_outbox::open_existing(scene.path()));
    CHECK(must(beside->redeliver(must(beside->endpoints()).front().row, scene.now)) == 1);
  }
  scene.step();
  CHECK(scene.under_way() == "den/1");
  CHECK(scene.metrics->webhook_waiting.value() == 2);
  CHECK(scene.metrics->webhook_dead.value() == 0);
  scene.answer(webhook_result::refused);
  scene.pass(1s); // it has a day of its own
  CHECK(scene.accept_all() == "den/1 den/3");
}

TEST_CASE("410 Gone ends the endpoint until it is told of anew, and loses nothing") {
  two_rooms scene;
  scene.answer(webhook_result::gone);
  scene.answer(webhook_result::accepted);
  scene.pass(1h);
  CHECK(scene.under_way().empty());
  CHECK_FALSE(scene.last.next);
  scene.configure(scene.endpoints);
  CHECK(scene.accept_all() == "den/1 room/2 den/2");
}

TEST_CASE("so many requests at a time, and others when they end") {
  outbox_scene scene;
  scene.configure({scene.endpoint("a"), scene.endpoint("b")});
  std::vector<record_ptr> many;
  for (std::size_t i = 0; i < 3 * limits::webhook_requests; ++i)
    many.push_back(scene.told.created("room-" + std::to_string(i), {"alice"}));
  scene.happen(many);
  CHECK(scene.sender->sent.size() == 2 * limits::webhook_requests);
  scene.answer(webhook_result::accepted);
  CHECK(scene.sender->sent.size() == 2 * limits::webhook_requests);
  scene.step();
  CHECK(scene.sender->sent.size() == 2 * limits::webhook_requests);
  scene.accept_all();
  CHECK(scene.counts("a").waiting == 0);
  CHECK(scene.counts("b").waiting == 0);
}

TEST_CASE("a server that stops sends nothing more, and notes what is answered") {
  two_rooms scene;
  dispatcher_work work;
  work.may_send = false;
  work.answers.push_back({scene.sender->sent.front().number, webhook_result::accepted, {}, {}});
  scene.sender->sent.clear();
  scene.step(std::move(work));
  CHECK(scene.under_way().empty());
  CHECK(scene.counts("all").waiting == 3);
}

TEST_CASE("what cannot be taken in holds up nothing that is there") {
  outbox_scene scene;
  scene.configure({scene.endpoint("all", {"*"}, {conversation_kind::group})});
  scene.happen({scene.told.created("room", {"alice"}), scene.told.message("room", "alice", "one")});
  scene.happen_unseen({scene.told.message("room", "alice", "two")});
  story other;
  dispatcher_work work;
  work.newest = work.present = scene.model()->applied();
  work.batches = {batch_at(work.present.value(), {other.created("nowhere", {"alice"})})};
  work.answers.push_back({scene.sender->sent.front().number, webhook_result::accepted, {}, {}});
  scene.sender->sent.clear();
  CHECK_FALSE(scene.dispatching().step(work));
  CHECK(scene.under_way() == "room/2");
  CHECK(scene.accept_all() == "room/2 room/3"); // from the model
}

TEST_CASE("an answer to an endpoint that was removed, or to nothing, changes nothing") {
  two_rooms scene;
  const auto number = scene.sender->sent.front().number;
  scene.configure({scene.endpoint("other")});
  dispatcher_work work;
  work.answers.push_back({number, webhook_result::accepted, {}, {}});
  work.answers.push_back({number + 100, webhook_result::refused, {}, {}});
  scene.step(std::move(work));
  CHECK(scene.counts("other").waiting == 0);
}

TEST_CASE("a clock that has jumped delays nothing for longer than an endpoint may ask") {
  two_rooms scene;
  scene.now += 10 * 365 * 24h;
  scene.chance = 1000;
  scene.answer(webhook_result::refused);
  scene.now -= 10 * 365 * 24h;
  scene.step();
  CHECK(scene.under_way() == "room/1 den/1");
}

TEST_CASE("the age of the oldest event that waits is known") {
  two_rooms scene;
  scene.pass(90s);
  const auto since = scene.metrics->webhook_waiting_since.value();
  const auto age =
      std::chrono::nanoseconds{nanoseconds_of(std::chrono::steady_clock::now()) - since};
  CHECK(age >= 90s);
  CHECK(age < 150s);
  scene.accept_all();
  CHECK(scene.metrics->webhook_waiting_since.value() == 0);
}

} // namespace webhook_dispatcher_test

} // namespace parley::test
