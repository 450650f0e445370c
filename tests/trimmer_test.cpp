// When the trimmer looks, at what, and whom it tells.
#include "actors/trimmer.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "actors/limits_retention.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/engine_fixture.hpp"
#include "tests/support/stub_reader.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace trimmer_test {

/// What the store is asked, and what it says.
struct questions {
  std::vector<retention_question> asked;
  std::vector<trimmable_events> answers; ///< The next one first; none: nothing is to go.
  bool fails = false;

  result<trimmable_events> next() {
    if (fails)
      return failure{error_code::unavailable, "no", {}};
    if (answers.empty())
      return trimmable_events{};
    trimmable_events first = std::move(answers.front());
    answers.erase(answers.begin());
    return first;
  }
};

class asked_reader : public stub_reader {
public:
  asked_reader(caf::actor_config& config, questions& to) : stub_reader(config), to_(to) {}

private:
  void on_trimmable(const read_trimmable& query) override {
    to_.asked.push_back(query.what);
    tell(this, query.to, trimmable_found{to_.next()});
  }
  questions& to_;
};

class told_directory : public directory_actor::base {
public:
  told_directory(caf::actor_config& config, transcript& to)
      : directory_actor::base(config), to_(to) {}
  behavior_type make_behavior() override {
    return {
        [this](const ask& message) {
          const auto& what = std::get<trim_events>(message.what->what);
          to_.add(message.what->conversation.str(), std::to_string(what.kept_from.value()));
        },
        [](const went_idle&) {},
        [](const passivated&) {},
        [](const creation_settled&) {},
        [](const sweep&) {},
        [](const user_forgotten&) {},
    };
  }

private:
  transcript& to_;
};

class scene : public engine_fixture {
public:
  scene() {
    auto made = std::make_shared<engine_context>();
    made->handles = handles;
    made->marks = marks;
    made->wall_clock = [this] { return wall; };
    made->steady_clock = [this] { return now; };
    made->retention = {30, 0};
    context = made;
    replace(handles->reader, spawn_actor<asked_reader, reader_actor>(system(), store));
    handles->directory = spawn_actor<told_directory, directory_actor>(system(), said);
    handles->trimmer = spawn_actor<trimmer, trimmer_actor>(system(), context);
    tell_from_outside(handles->trimmer, trim_due{});
    run();
  }
  ~scene() {
    end_actor(handles->trimmer);
    end_actor(handles->directory);
    run();
  }

  void wait(std::chrono::milliseconds time) {
    run();
    now += time;
    wall += time;
    pass(time);
  }
  void note(const std::string& conversation) {
    tell_from_outside(handles->trimmer, trim_noted{conversation_id{conversation}});
  }
  /// What was asked since the last call.
  std::vector<retention_question> asked() {
    run();
    return std::exchange(store.asked, {});
  }

  questions store;
  timestamp wall{std::chrono::hours{24 * 365 * 50}};
  instant now{std::chrono::hours{1}};
  context_ptr context;
};

using lines = std::vector<std::string>;

TEST_CASE("it walks through all conversations at the start, and again every half hour") {
  scene it;
  const auto first = it.asked();
  REQUIRE(first.size() == 1);
  CHECK(first[0].named.empty());
  CHECK(first[0].behind.empty());
  CHECK(first[0].server == retention_bounds{30, 0});
  it.wait(limits::trim_round - 1s);
  CHECK(it.asked().empty());
  trimmable_events portion;
  portion.next = "m";
  it.store.answers = {portion};
  it.wait(1s);
  it.wait(limits::trim_pause);
  const auto second = it.asked();
  REQUIRE(second.size() == 2);
  CHECK(second[0].behind.empty());
  CHECK(second[1].behind == "m");
}

TEST_CASE("what was noted is looked at soon, and what goes is looked at again") {
  scene it;
  it.asked();
  it.note("b");
  it.note("a");
  it.note("b");
  CHECK(it.asked().empty());
  trimmable_events found;
  found.items.push_back({conversation_id{"b"}, sequence{7}, {}});
  it.store.answers = {found};
  it.wait(limits::trim_pause);
  const auto asked = it.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].named == std::vector{conversation_id{"b"}, conversation_id{"a"}});
  CHECK(it.heard() == lines{"b: 7"});
  it.wait(limits::trim_again);
  const auto again = it.asked();
  REQUIRE(again.size() == 1);
  CHECK(again[0].named == std::vector{conversation_id{"b"}});
  it.wait(limits::trim_again);
  CHECK(it.asked().empty());
}

TEST_CASE("what lost something is left alone for some seconds, however much is said in it") {
  scene it;
  it.asked();
  const auto of_busy = [](bool more) {
    trimmable_events found;
    found.items.push_back({conversation_id{"busy"}, sequence{7}, {}, more});
    return found;
  };
  it.note("busy");
  it.store.answers = {of_busy(true), of_busy(false), of_busy(false)};
  it.wait(limits::trim_pause);
  it.wait(limits::trim_pause); // it was a portion
  CHECK(it.asked().size() == 2);
  CHECK(it.heard() == lines{"busy: 7", "busy: 7"});
  for (auto waited = 0ms; waited + 200ms < limits::trim_again; waited += 100ms) {
    it.note("busy");
    it.wait(100ms);
    CHECK(it.asked().empty());
  }
  it.note("other"); // which waits for nothing
  it.wait(100ms);
  it.wait(100ms);
  it.wait(100ms);
  const auto asked = it.asked();
  REQUIRE_FALSE(asked.empty());
  const auto names_other = [](const auto& each) {
    return std::find(each.named.begin(), each.named.end(), conversation_id{"other"}) !=
           each.named.end();
  };
  CHECK(std::count_if(asked.begin(), asked.end(), names_other) == 1);
  CHECK(it.heard() == lines{"busy: 7"});
}

TEST_CASE("what is said while the store is asked is not overlooked") {
  scene it;
  it.asked();
  it.note("a");
  it.wait(limits::trim_pause);
  it.note("a"); // perhaps behind what the store has seen
  it.run();
  it.note("a");
  it.wait(limits::trim_pause);
  const auto asked = it.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[1].named == std::vector{conversation_id{"a"}});
}

TEST_CASE("those that were noted first are looked at first, and nobody twice before all were") {
  scene it;
  it.asked();
  for (std::size_t i = 0; i < limits::trims_at_once + 1; ++i)
    it.note("m" + std::to_string(1000 - i));
  trimmable_events all;
  for (std::size_t i = 0; i < limits::trims_at_once; ++i)
    all.items.push_back({conversation_id{"m" + std::to_string(1000 - i)}, sequence{2}, {}, true});
  it.store.answers = {all};
  it.wait(limits::trim_pause);
  it.wait(limits::trim_pause);
  const auto asked = it.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].named.front() == conversation_id{"m1000"});
  CHECK(asked[1].named.front() == conversation_id{"m900"});
}

TEST_CASE("what the store could not say is asked again, after a while") {
  scene it;
  it.asked();
  it.note("a");
  it.store.fails = true;
  it.wait(limits::trim_pause);
  CHECK(it.asked().size() == 1);
  it.store.fails = false;
  it.note("b");
  it.wait(limits::trim_rest - 1s);
  CHECK(it.asked().empty());
  it.wait(1s);
  const auto asked = it.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].named.size() == 2);
}

TEST_CASE("the walk leaves alone what is looked at by itself") {
  scene it;
  it.asked();
  it.note("a");
  trimmable_events found;
  found.items.push_back({conversation_id{"a"}, sequence{7}, {}, false});
  it.store.answers = {found};
  it.wait(limits::trim_pause);
  CHECK(it.heard() == lines{"a: 7"});
  it.store.answers = {trimmable_events{}, found};
  it.wait(limits::trim_again); // it is looked at again, and nothing is to go
  it.wait(limits::trim_round); // but the walk finds something
  it.asked();
  CHECK(it.heard() == lines{"a: 7"});
}

TEST_CASE("what there was no time for is looked at the next time") {
  scene it;
  it.asked();
  it.note("a");
  trimmable_events cut;
  cut.left.emplace_back("a");
  it.store.answers = {cut};
  it.wait(limits::trim_pause);
  CHECK(it.asked().size() == 1);
  it.wait(limits::trim_pause);
  CHECK(it.asked().front().named == std::vector{conversation_id{"a"}});
}

TEST_CASE("a walk that fails goes on where it was") {
  scene it;
  it.asked();
  trimmable_events portion;
  portion.next = "m";
  it.store.answers = {portion};
  it.wait(limits::trim_round);
  it.store.fails = true;
  it.wait(limits::trim_pause);
  it.store.fails = false;
  it.wait(limits::trim_rest);
  const auto asked = it.asked();
  REQUIRE(asked.size() == 3);
  CHECK(asked[1].behind == "m");
  CHECK(asked[2].behind == "m");
}

TEST_CASE("after a jump of the clock nothing is old for an hour, but too much is too much") {
  scene it;
  CHECK(it.asked().front().by_time);
  it.wall += 24h;
  it.note("a");
  it.wait(limits::trim_pause);
  CHECK_FALSE(it.asked().front().by_time);
  it.wait(limits::trim_round);
  CHECK_FALSE(it.asked().front().by_time);
  it.wait(limits::trim_round);
  it.wait(limits::trim_round);
  CHECK(it.asked().back().by_time);
}

} // namespace trimmer_test
