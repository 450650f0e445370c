// The log writer: who is told what, and in which order, when commits work, fail, or fail for good.
#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "persistence/record_codec.hpp"
#include "persistence/store_actors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/story.hpp"

namespace parley::test {

namespace persistence_log_writer_test {

using lines = std::vector<std::string>;

/// A log in memory whose next appends fail as scripted.
class scripted_log : public log_store {
public:
  result<position> append(std::string_view batch) override {
    if (!failures.empty()) {
      const auto code = failures.front();
      failures.pop_front();
      return failure{code, "scripted", {}};
    }
    batches.emplace_back(batch);
    return head();
  }
  position head() const override { return position{batches.size()}; }
  position floor() const override { return position{batches.empty() ? 0u : 1u}; }
  result<std::vector<logged_batch>> read(position, std::size_t) const override {
    return std::vector<logged_batch>{};
  }
  void trim(position applied) override { trimmed = applied; }

  std::vector<std::string> batches;
  std::deque<error_code> failures;
  position trimmed;
};

class scripted_room : public model_room {
public:
  outcome reserve(std::size_t bytes) override {
    if (full)
      return failure{error_code::unavailable, "scripted", {}};
    promised += bytes;
    return success();
  }
  void release(std::size_t bytes) override { promised -= bytes; }

  bool full = false;
  std::size_t promised = 0;
};

class writer_fixture : public engine_fixture {
public:
  writer_fixture() {
    replace(handles->log_writer, spawn_log_writer(system(), {handles, marks}, log, room, lane));
    room_actor = conversation("room");
    hall_actor = conversation("hall");
  }

  /// What the first shard was given since the last call.
  std::string shown() {
    for (const auto& each : heard()) {
      if (each.starts_with("shard 0: committed"))
        return each;
    }
    return "nothing";
  }
  void append_to(const conversation_actor& from, record_ptr what) {
    const append_number number{what->seq.value()}; // so that the transcript reads as a conversation
    tell_from_outside(handles->log_writer,
                      append{from, number, std::move(what), {reply{session_address{0, 1}, "ack"}}});
  }
  void post(std::uint64_t seq) { append_to(room_actor, message("room", seq)); }
  void post_in_hall(std::uint64_t seq) { append_to(hall_actor, message("hall", seq)); }

  static record_ptr message(const std::string& conversation, std::uint64_t seq) {
    story told;
    record made = *told.message(conversation, "alice", "hello");
    made.seq = sequence{seq};
    return std::make_shared<const record>(std::move(made));
  }

  std::shared_ptr<scripted_log> log = std::make_shared<scripted_log>();
  std::shared_ptr<scripted_room> room = std::make_shared<scripted_room>();
  conversation_actor room_actor;
  conversation_actor hall_actor;
};

TEST_CASE("a post is acknowledged only after the commit") {
  writer_fixture engine;
  engine.post(1);
  CHECK(engine.heard().empty());
  CHECK(engine.log->batches.empty());
  CHECK(engine.lane->step());
  CHECK(engine.log->batches.size() == 1);
  CHECK(engine.marks->committed() == position{});
  CHECK(engine.heard() == lines{"room: appended 1 at 1", "shard 0: committed 1: room/1 acks 1",
                                "shard 1: committed 1: room/1 acks 1", "applier: committed 1"});
  CHECK(engine.marks->committed() == position{1});
}

TEST_CASE("everything that is in the mailbox joins the batch") {
  writer_fixture engine;
  engine.post(1);
  engine.post(2);
  engine.post_in_hall(7);
  engine.post(3);
  engine.run();
  CHECK(engine.lane->waiting() == 1);
  engine.lane->step();
  CHECK(engine.shown() == "shard 0: committed 1: room/1 room/2 hall/7 room/3 acks 4");
}

TEST_CASE("everything that queued during a commit is the next batch") {
  writer_fixture engine;
  engine.post(1);
  engine.run();
  engine.post(2);
  engine.post_in_hall(1);
  engine.post(3);
  CHECK(engine.heard().empty());
  CHECK(engine.lane->waiting() == 1);
  engine.lane->step();
  engine.heard();
  engine.lane->step();
  auto heard = engine.heard();
  REQUIRE(heard.size() == 5);
  std::sort(heard.begin(), heard.begin() + 2); // conversations hear of it in any order
  CHECK(heard[0] == "hall: appended 1 at 2");
  CHECK(heard[1] == "room: appended 3 at 2");
  CHECK(heard[2] == "shard 0: committed 2: room/2 hall/1 room/3 acks 3");
}

TEST_CASE("a failed append fails those queued behind it and the next one works") {
  writer_fixture engine;
  engine.log->failures = {error_code::unavailable};
  engine.post(5);
  engine.run();
  engine.post(6);
  engine.post_in_hall(1);
  engine.run();
  engine.lane->step();
  CHECK(engine.heard() ==
        lines{"room: append_failed 5 unavailable", "room: append_failed 6 unavailable"});
  engine.post(7); // was on its way when the others failed
  CHECK(engine.heard() == lines{"room: append_failed 7 unavailable"});
  engine.lane->step();
  CHECK(engine.shown() == "shard 0: committed 1: hall/1 acks 1");
  engine.post(5);
  engine.run();
  engine.lane->step();
  CHECK(engine.shown() == "shard 0: committed 2: room/5 acks 1");
}

TEST_CASE("an append that does not continue the last one is refused") {
  writer_fixture engine;
  engine.post(1);
  engine.post(3);
  engine.post(1);
  CHECK(engine.heard() ==
        lines{"room: append_failed 3 unavailable", "room: append_failed 1 unavailable"});
  engine.post(2);
  engine.run();
  engine.lane->step();
  CHECK(engine.shown() == "shard 0: committed 1: room/1 acks 1");
  engine.lane->step();
  CHECK(engine.shown() == "shard 0: committed 2: room/2 acks 1");
}

TEST_CASE("a record that cannot be stored is refused alone") {
  writer_fixture engine;
  engine.append_to(engine.room_actor, writer_fixture::message(std::string(200, 'x'), 1));
  CHECK(engine.heard() == lines{"room: append_failed 1 internal"});
  CHECK(engine.lane->waiting() == 0);
}

TEST_CASE("an internal error stops everything for ever") {
  writer_fixture engine;
  engine.log->failures = {error_code::internal};
  engine.post(1);
  engine.run();
  engine.post_in_hall(1);
  engine.run();
  engine.lane->step();
  CHECK(engine.heard() == lines{"room: append_failed 1 internal", "hall: append_failed 1 internal",
                                "supervisor: fail_stop scripted"});
  engine.post(1);
  CHECK(engine.heard() == lines{"room: append_failed 1 internal"});
  CHECK(engine.lane->waiting() == 0);
  CHECK(engine.log->batches.empty());
  CHECK(engine.marks->committed() == position{});
}

TEST_CASE("nothing is appended that the read model has no room for") {
  writer_fixture engine;
  engine.room->full = true;
  engine.post(1);
  engine.run();
  engine.lane->step();
  CHECK(engine.heard() == lines{"room: append_failed 1 unavailable"});
  CHECK(engine.log->batches.empty());
  engine.room->full = false;
  engine.post(1);
  engine.run();
  engine.lane->step();
  CHECK(engine.heard().size() == 4);
}

TEST_CASE("a promise of room is given back when the append fails or is applied") {
  writer_fixture engine;
  engine.log->failures = {error_code::unavailable};
  engine.post(1);
  engine.run();
  engine.lane->step();
  engine.run();
  CHECK(engine.room->promised == 0);
  engine.post(1);
  engine.run();
  engine.lane->step();
  engine.run();
  CHECK(engine.room->promised > 0);
  tell_from_outside(engine.handles->log_writer, applied{position{1}});
  engine.run();
  CHECK(engine.room->promised == 0);
  CHECK(engine.log->trimmed == position{1});
}

TEST_CASE("a batch has bounds, the rest is the next one") {
  writer_fixture engine;
  for (std::uint64_t seq = 1; seq <= limits::batch_records + 10; ++seq)
    engine.post(seq);
  engine.run();
  engine.lane->step();
  engine.run();
  engine.lane->step();
  engine.run();
  REQUIRE(engine.log->batches.size() >= 2);
  std::size_t records = 0;
  for (const auto& each : engine.log->batches) {
    CHECK(each.size() <= limits::batch_bytes);
    records += decode_batch(each)->size();
  }
  while (engine.lane->step())
    engine.run();
  CHECK(records <= limits::batch_records + 10);
  CHECK(engine.marks->committed().value() == engine.log->batches.size());
}

TEST_CASE("shards are told to wait while too many bytes are queued") {
  writer_fixture engine;
  const auto large = [](std::uint64_t seq) {
    record made = *writer_fixture::message("room", seq);
    made.event = std::string(100'000, 'x');
    return std::make_shared<const record>(std::move(made));
  };
  const std::uint64_t count = limits::log_queue_high_bytes / 100'000 + 1;
  for (std::uint64_t seq = 1; seq <= count; ++seq)
    engine.append_to(engine.room_actor, large(seq));
  CHECK(engine.heard() == lines{"shard 0: throttle on", "shard 1: throttle on"});
  lines told;
  while (engine.lane->step()) {
    for (const auto& each : engine.heard()) {
      if (each.find("throttle") != std::string::npos)
        told.push_back(each);
    }
  }
  CHECK(told == lines{"shard 0: throttle off", "shard 1: throttle off"});
}

TEST_CASE("shards are told to wait while the read model is far behind") {
  writer_fixture engine;
  std::uint64_t seq = 0;
  std::size_t throttles = 0;
  while (seq <= limits::apply_lag_high_records) {
    for (std::size_t i = 0; i < 1000; ++i)
      engine.post(++seq);
    engine.run();
    while (engine.lane->step()) {
      for (const auto& each : engine.heard())
        throttles += each.find("throttle on") != std::string::npos ? 1 : 0;
    }
  }
  CHECK(throttles == 2);
  tell_from_outside(engine.handles->log_writer, applied{engine.log->head()});
  CHECK(engine.heard() == lines{"shard 0: throttle off", "shard 1: throttle off"});
}

} // namespace persistence_log_writer_test

} // namespace parley::test
