// The applier: when it applies, whom it tells, and what it does when it cannot.
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "actors/limits_cold.hpp"
#include "persistence/store_actors.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/store_of_test.hpp"

namespace parley::test {

namespace persistence_applier_test {

using namespace std::chrono_literals;
using lines = std::vector<std::string>;

/// A model that only counts, and fails when told to.
class counting_model : public model_writer {
public:
  position applied() const override { return at; }
  result<position> apply(std::span<const batch_ptr> batches) override {
    if (failing)
      return failure{*failing, "scripted", {}};
    ++transactions;
    at = batches.back()->at;
    return at;
  }
  bool has_condemned() const override { return condemned > 0; }
  result<position> purge_some() override {
    --condemned;
    if (purging_fails)
      return failure{error_code::internal, "scripted", {}};
    return at;
  }
  result<bool> cool_some(const cooling_age& age) override {
    cooled.push_back(age.before);
    if (cooling_fails)
      return failure{error_code::internal, "scripted", {}};
    return --warm > 0;
  }
  cold_size cold() const override { return {cooled.size(), 0, 0}; }
  position at;
  std::vector<timestamp> cooled; ///< Before when, for each portion.
  bool cooling_fails = false;
  bool purging_fails = false;
  int warm = 1;              ///< Portions that are still to be packed.
  std::size_t condemned = 0; ///< Portions that are still to be erased.
  std::size_t transactions = 0;
  std::optional<error_code> failing;
};

class applier_fixture : public engine_fixture {
public:
  void start(cooling_rules cooling = {}) {
    replace(handles->applier,
            spawn_applier(system(), {handles, marks}, log, model, lane, std::move(cooling)));
  }
  applier_fixture() = default;

  void commit(std::size_t records = 1) {
    std::vector<record_ptr> made;
    for (std::size_t i = 0; i < records; ++i)
      made.push_back(told.created("room" + std::to_string(++rooms), {"alice"}));
    must(log->append(encode_batch(made)));
    tell_from_outside(handles->applier, committed{batch_at(log->head().value(), made)});
  }

  story told;
  std::size_t rooms = 0;
  store_of_test data;
  std::shared_ptr<log_store> log = data.log();
  std::shared_ptr<counting_model> model = std::make_shared<counting_model>();
};

TEST_CASE("batches are collected for a moment and applied together") {
  applier_fixture engine;
  engine.start();
  for (int i = 0; i < 5; ++i)
    engine.commit();
  engine.run();
  CHECK(engine.lane->waiting() == 0);
  engine.pass(limits::apply_interval);
  REQUIRE(engine.lane->waiting() == 1);
  CHECK(engine.marks->applied() == position{});
  engine.lane->step();
  CHECK(engine.heard() == lines{"log_writer: applied 5", "reader: applied 5"});
  CHECK(engine.model->transactions == 1);
  CHECK(engine.marks->applied() == position{5});
}

TEST_CASE("whoever hurries does not wait for the moment to pass") {
  applier_fixture engine;
  engine.start();
  engine.commit();
  engine.run();
  tell_from_outside(engine.handles->applier, hurry{position{1}});
  engine.run();
  CHECK(engine.lane->waiting() == 1);
}

TEST_CASE("a position that is not committed yet is applied as soon as it is") {
  applier_fixture engine;
  engine.start();
  tell_from_outside(engine.handles->applier, hurry{position{1}});
  engine.run();
  CHECK(engine.lane->waiting() == 0);
  engine.commit();
  engine.run();
  CHECK(engine.lane->waiting() == 1);
}

TEST_CASE("a large backlog is applied at once") {
  applier_fixture engine;
  engine.start();
  engine.commit(limits::apply_records);
  engine.run();
  CHECK(engine.lane->waiting() == 1);
}

TEST_CASE("one transaction at a time") {
  applier_fixture engine;
  engine.start();
  engine.commit(limits::apply_records);
  engine.commit(limits::apply_records);
  engine.run();
  CHECK(engine.lane->waiting() == 1);
  engine.lane->step();
  engine.run();
  CHECK(engine.lane->waiting() == 1);
  engine.lane->step();
  engine.run();
  CHECK(engine.lane->waiting() == 0);
  CHECK(engine.marks->applied() == position{2});
}

TEST_CASE("without space it rests, keeps everything, and tries again") {
  applier_fixture engine;
  engine.start();
  engine.model->failing = error_code::unavailable;
  engine.commit();
  engine.pass(limits::apply_interval);
  engine.lane->step();
  CHECK(engine.heard().empty());
  engine.commit();
  engine.run();
  CHECK(engine.lane->waiting() == 0);
  engine.model->failing.reset();
  engine.pass(1s);
  REQUIRE(engine.lane->step());
  CHECK(engine.heard() == lines{"log_writer: applied 2", "reader: applied 2"});
}

TEST_CASE("an internal error stops the applier and is told") {
  applier_fixture engine;
  engine.start();
  engine.model->failing = error_code::internal;
  engine.commit();
  engine.pass(limits::apply_interval);
  engine.lane->step();
  CHECK(engine.heard() == lines{"supervisor: fail_stop scripted"});
  engine.commit();
  engine.pass(10s);
  CHECK(engine.lane->waiting() == 0);
}

TEST_CASE("what the log has beyond the model is replayed at the start") {
  applier_fixture engine;
  for (int i = 0; i < 3; ++i)
    engine.commit(); // nobody listens yet
  engine.said.take();
  engine.start();
  engine.run();
  REQUIRE(engine.lane->waiting() == 1);
  engine.lane->step();
  CHECK(engine.heard().back() == "reader: applied 3");
  engine.commit();
  engine.pass(limits::apply_interval);
  engine.lane->step();
  CHECK(engine.heard() == lines{"log_writer: applied 4", "reader: applied 4"});
}

TEST_CASE("what arrives during the replay is not lost") {
  applier_fixture engine;
  engine.commit();
  engine.start();
  engine.run();
  engine.commit();
  engine.commit();
  engine.run();
  engine.said.take();
  engine.lane->step(); // sees batches 2 and 3 in the log as well
  CHECK(engine.heard() == lines{"log_writer: applied 3", "reader: applied 3"});
  engine.pass(1s);
  CHECK(engine.lane->waiting() == 0);
}

TEST_CASE("what was deleted goes when there is nothing to apply, before that not") {
  applier_fixture engine;
  engine.model->condemned = 2;
  engine.start();
  engine.run();
  engine.commit(limits::apply_records);
  engine.run();
  REQUIRE(engine.lane->step()); // the first portion, which had begun
  CHECK(engine.model->condemned == 1);
  engine.run();
  REQUIRE(engine.lane->step());
  CHECK(engine.model->transactions == 1);
  CHECK(engine.model->condemned == 1);
  engine.run();
  REQUIRE(engine.lane->step());
  CHECK(engine.model->condemned == 0);
  engine.run();
  CHECK(engine.lane->waiting() == 0);
}

TEST_CASE("what was deleted goes in turns with what keeps coming") {
  applier_fixture engine;
  engine.start();
  engine.run();
  engine.model->condemned = 3;
  for (std::size_t round = 1; round <= 3; ++round) {
    engine.commit(); // before there was nothing to apply
    engine.run();
    REQUIRE(engine.lane->step());
    CHECK(engine.model->condemned == 3 - round);
    engine.pass(limits::apply_interval);
    engine.commit();
    REQUIRE(engine.lane->step());
    CHECK(engine.model->transactions == round);
    engine.run();
  }
}

TEST_CASE("what cannot be purged stops nobody") {
  applier_fixture engine;
  engine.model->purging_fails = true;
  engine.model->condemned = 1;
  engine.start();
  engine.run();
  REQUIRE(engine.lane->step());
  engine.commit();
  engine.pass(1s);
  REQUIRE(engine.lane->step());
  CHECK(engine.heard() == lines{"log_writer: applied 1", "reader: applied 1"});
}

const cooling_rules after_an_hour{1h, [] { return timestamp{100h}; }};

TEST_CASE("old events are packed in portions, with a pause after each, until there are none") {
  applier_fixture engine;
  engine.model->warm = 3;
  engine.start(after_an_hour);
  for (std::size_t portion = 1; portion <= 3; ++portion) {
    engine.run();
    REQUIRE(engine.lane->step());
    CHECK(engine.model->cooled.size() == portion);
    CHECK(engine.model->cooled.back() == timestamp{99h});
    engine.run();
    CHECK(engine.lane->waiting() == 0);
    engine.pass(limits::cold_pause);
  }
  CHECK(engine.lane->waiting() == 0); // the walk is over
  engine.pass(60min / limits::cold_walks);
  CHECK(engine.lane->waiting() == 1); // and begins anew
}

TEST_CASE("what is to be applied waits for one portion at most") {
  applier_fixture engine;
  engine.model->warm = 100;
  engine.start(after_an_hour);
  engine.run();
  engine.commit();
  engine.run();
  REQUIRE(engine.lane->step()); // the portion, which had begun
  engine.run();
  REQUIRE(engine.lane->step());
  engine.run();
  CHECK(engine.marks->applied() == position{1});
  CHECK(engine.model->cooled.size() == 1);
}

TEST_CASE("what cannot be packed is tried again, and stops nobody") {
  applier_fixture engine;
  engine.model->cooling_fails = true;
  engine.start(after_an_hour);
  engine.run();
  REQUIRE(engine.lane->step());
  engine.commit();
  engine.pass(limits::apply_interval);
  REQUIRE(engine.lane->step());
  CHECK(engine.heard() == lines{"log_writer: applied 1", "reader: applied 1"});
  engine.pass(limits::cold_rest);
  CHECK(engine.lane->waiting() == 1);
}

} // namespace persistence_applier_test

} // namespace parley::test
