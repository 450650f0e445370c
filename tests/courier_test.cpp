// The courier: when the outbox is looked at, and what the next look is told.
#include "persistence/webhooks/courier.hpp"

#include <filesystem>
#include <fstream>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/outbox_scene.hpp"

namespace parley::test {

namespace courier_test {

using namespace std::chrono_literals;

class courier_fixture : public engine_fixture {
public:
  courier_fixture() {
    data.write_each({told.created("room", {"alice", "bob"})});
    marks->committed(position{1});
    marks->applied(position{1});
  }

  void start() {
    dispatcher_place place;
    place.data = data.path();
    place.epoch = data.get().epoch();
    place.newest = position{1};
    place.wall_clock = [this] { return wall; };
    place.chance = [this] { return chance; };
    handles->courier = spawn_courier(system(), {handles, marks}, place, data.model(), sender, lane);
    tell_from_outside(handles->courier, webhooks_configured{{who}});
    settle();
  }
  void settle() {
    run();
    while (lane->step())
      run();
  }
  void commit(const record_ptr& what) {
    data.write_each({what});
    const position at = data.log()->head();
    marks->committed(at);
    tell_from_outside(handles->courier, committed{batch_at(at.value(), {what})});
    run();
  }
  void apply() {
    marks->applied(data.log()->head());
    tell_from_outside(handles->courier, applied{data.log()->head()});
    run();
  }
  void answer(webhook_result what) {
    tell_from_outside(
        handles->courier,
        webhook_answered{{sender->sent.front().number, what, {}, "as the test says"}});
    sender->sent.pop_front();
    run();
  }
  void pass_time(std::chrono::milliseconds time) {
    wall += time;
    pass(time);
  }

  static webhook_endpoint_ptr everything() {
    webhook_endpoint made{"all"};
    made.events = {"*"};
    return std::make_shared<const webhook_endpoint>(std::move(made));
  }

  story told;
  store_of_test data;
  timestamp wall{1'700'000'000'000ms};
  std::uint64_t chance = 0;
  webhook_endpoint_ptr who = everything();
  std::shared_ptr<sender_of_test> sender = std::make_shared<sender_of_test>();
};

TEST_CASE("an event is sent once the model has it") {
  courier_fixture engine;
  engine.start();
  engine.commit(engine.told.message("room", "alice", "one"));
  CHECK(engine.lane->waiting() == 0);
  engine.apply();
  engine.settle();
  REQUIRE(engine.sender->sent.size() == 1);
  CHECK(engine.sender->sent.front().type == "message.created");
}

TEST_CASE("what the courier did not hear of it takes from the model") {
  courier_fixture engine;
  engine.start();
  engine.data.write_each({engine.told.message("room", "alice", "unheard")});
  engine.commit(engine.told.message("room", "alice", "heard"));
  engine.apply();
  engine.settle();
  REQUIRE(engine.sender->sent.size() == 1);
  engine.answer(webhook_result::accepted);
  engine.settle();
  CHECK(engine.sender->sent.size() == 1);
}

TEST_CASE("answers that come during a step are told to the next one") {
  courier_fixture engine;
  engine.start();
  engine.data.write_each({engine.told.created("den", {"alice", "bob"})});
  engine.commit(engine.told.message("room", "alice", "one"));
  engine.apply();
  engine.settle();
  REQUIRE(engine.sender->sent.size() == 2);
  engine.answer(webhook_result::accepted);
  CHECK(engine.lane->waiting() == 1);
  engine.answer(webhook_result::accepted);
  CHECK(engine.lane->waiting() == 1);
  engine.settle();
  auto outbox = must(webhook_outbox::open_existing(engine.data.path()));
  CHECK(must(outbox->count(must(outbox->endpoints()).front().row)).waiting == 0);
}

TEST_CASE("it wakes when the next attempt is due") {
  courier_fixture engine;
  engine.start();
  engine.commit(engine.told.message("room", "alice", "one"));
  engine.apply();
  engine.settle();
  engine.chance = 1000;
  engine.answer(webhook_result::refused);
  engine.settle();
  CHECK(engine.sender->sent.empty());
  engine.pass_time(999ms);
  engine.settle();
  CHECK(engine.sender->sent.empty());
  engine.pass_time(1ms);
  engine.settle();
  CHECK(engine.sender->sent.size() == 1);
}

TEST_CASE("it looks by itself at what somebody else has changed, or at once when it is told") {
  courier_fixture engine;
  engine.start();
  engine.commit(engine.told.message("room", "alice", "one"));
  engine.apply();
  engine.settle();
  engine.answer(webhook_result::refused);
  engine.settle();
  REQUIRE(engine.sender->sent.size() == 1);
  engine.wall += 24h;
  engine.answer(webhook_result::refused); // a dead letter
  engine.settle();
  for (const bool is_told : {true, false}) {
    CHECK(engine.sender->sent.empty());
    {
      auto outbox = must(webhook_outbox::open_existing(engine.data.path()));
      CHECK(must(outbox->redeliver(must(outbox->endpoints()).front().row, engine.wall)) == 1);
    }
    if (is_told)
      tell_from_outside(engine.handles->courier, outbox_changed{});
    else
      engine.pass(limits::webhook_look);
    engine.settle();
    REQUIRE(engine.sender->sent.size() == 1);
    engine.answer(webhook_result::refused);
    engine.settle();
    engine.wall += 24h;
    engine.answer(webhook_result::refused);
    engine.settle();
  }
}

TEST_CASE("operators hear how far endpoints are, and have dead letters sent again") {
  courier_fixture engine;
  engine.start();
  engine.commit(engine.told.message("room", "alice", "one"));
  engine.apply();
  engine.settle();
  engine.answer(webhook_result::refused);
  engine.settle();
  REQUIRE(engine.sender->sent.size() == 1);
  engine.wall += 24h;
  engine.answer(webhook_result::refused); // a dead letter
  engine.settle();
  const auto look = [&engine] {
    std::vector<webhook_endpoint_state> found;
    tell_from_outside(
        engine.handles->courier,
        list_webhooks{[&found](const result<std::vector<webhook_endpoint_state>>& all) {
          found = all ? *all : std::vector<webhook_endpoint_state>{};
        }});
    engine.settle();
    return found;
  };
  auto found = look();
  REQUIRE(found.size() == 1);
  CHECK(found.front().id == "all");
  CHECK(found.front().at == position{2});
  CHECK(found.front().waiting == 0);
  CHECK(found.front().dead == 1);
  CHECK(found.front().is_failing);
  std::vector<std::string> told;
  for (const std::string endpoint : {"all", "nobody"}) {
    tell_from_outside(engine.handles->courier,
                      redeliver_webhooks{endpoint, [&told](const result<std::uint64_t>& revived) {
                                           told.push_back(revived ? std::to_string(*revived)
                                                                  : revived.error().message);
                                         }});
    engine.settle();
  }
  CHECK(told == std::vector<std::string>{"1", "there is no such endpoint"});
  REQUIRE(engine.sender->sent.size() == 1);
  CHECK(look().front().waiting == 1);
  engine.answer(webhook_result::accepted);
  engine.settle();
  found = look();
  CHECK(found.front().waiting == 0);
  CHECK(found.front().dead == 0);
  CHECK_FALSE(found.front().is_failing);
}

TEST_CASE("an outbox that cannot be opened is tried again") {
  courier_fixture engine;
  const auto place = outbox_file(engine.data.path()).parent_path();
  std::ofstream{place} << "a file where a directory should be";
  engine.start();
  engine.commit(engine.told.message("room", "alice", "one"));
  engine.apply();
  engine.settle();
  CHECK(engine.sender->sent.empty());
  std::filesystem::remove(place);
  engine.pass_time(1s);
  engine.settle();
  engine.commit(engine.told.message("room", "alice", "two"));
  engine.apply();
  engine.settle();
  CHECK(engine.sender->sent.size() == 1);
}

TEST_CASE("a server that drains makes no attempt") {
  courier_fixture engine;
  engine.start();
  tell_from_outside(engine.handles->courier, drain{});
  engine.commit(engine.told.message("room", "alice", "one"));
  engine.apply();
  engine.settle();
  CHECK(engine.sender->sent.empty());
}

} // namespace courier_test

} // namespace parley::test
