// An engine in somebody else's actor system: it starts, is used, logs where it is told to, and ends
// without a trace.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/log.hpp"
#include "engine/engine.hpp"
#include "engine/gateway.hpp"
#include "engine/gateway_guest.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"

using namespace parley;
using namespace parley::test;
using namespace std::chrono_literals;

namespace embedding_test {

constexpr auto patience = 20s;

/// What a sink was told.
class lines {
public:
  log_sink sink() {
    return [this](log_level, std::string_view line) {
      const std::lock_guard guard{lock_};
      all_.emplace_back(line.substr(0, line.find(' ')));
    };
  }
  std::size_t count(const std::string& event) const {
    const std::lock_guard guard{lock_};
    return static_cast<std::size_t>(std::count(all_.begin(), all_.end(), event));
  }

private:
  mutable std::mutex lock_;
  std::vector<std::string> all_;
};

engine_options options_for(const temporary_directory& data, lines& log) {
  engine_options options;
  options.data = data.path() / "store";
  options.log = log.sink();
  options.on_failure = [](const std::string&) {};
  options.authenticate = [](std::string_view token, timestamp) -> result<identity> {
    if (token.empty())
      return failure{error_code::unauthenticated, "no token", {}};
    return identity{user_id{std::string{token}}, {}, timestamp::max(), false};
  };
  return options;
}

std::unique_ptr<engine> started(caf::actor_system& system, engine_options options) {
  auto made = engine::start(system, std::move(options));
  if (!made)
    FAIL(made.error().message);
  return std::move(*made);
}

/// What happens while others wait.
struct promises {
  std::promise<void> there; ///< The reader is welcome.
  std::promise<std::string> read;
};

/// Writes a message, or without one keeps promises: once it is there, and once it has read one.
class one_message : public participant_actor::base {
public:
  one_message(caf::actor_config& config, engine& in, std::string user, std::string says,
              std::shared_ptr<promises> kept)
      : participant_actor::base(config), in_(in), user_(std::move(user)), says_(std::move(says)),
        kept_(std::move(kept)) {}

  behavior_type make_behavior() override {
    auto joined = in_.join({user_id{user_}}, this);
    if (joined)
      me_ = *joined;
    return {
        [this](const delivery& what) {
          for (const auto& each : me_.take(what))
            take(each);
        },
        [this](const parted&) { quit(); },
    };
  }

private:
  void take(const told_event& each) {
    const bool is_welcome = std::holds_alternative<events::welcome>(each.what);
    if (is_welcome && says_.empty())
      kept_->there.set_value();
    if (is_welcome && !says_.empty())
      me_.say(create{conversation_kind::direct, user_id{"reader"}, {}, {}, {}}, "made");
    const auto* room = std::get_if<events::conversation>(&each.what);
    if (room != nullptr && !says_.empty() && !std::exchange(has_said_, true))
      me_.say(send_message{room->id, client_id{says_}, says_});
    if (const auto* message = std::get_if<events::message>(&each.what); message && says_.empty()) {
      kept_->read.set_value(message->body);
      quit();
    }
  }

  engine& in_;
  participant me_;
  std::string user_;
  std::string says_;
  bool has_said_ = false;
  std::shared_ptr<promises> kept_;
};

TEST_CASE("two engines share an actor system, and neither hears of the other") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto before = system.registry().running();
  lines log_of_one;
  lines log_of_two;
  const temporary_directory one;
  const temporary_directory two;
  lines nobodys;
  started(system, options_for(one, nobodys)).reset();
  std::ofstream{one.path() / "store/search/index.db"} << std::string(4096, 'x'); // to complain of
  {
    const auto first = started(system, options_for(one, log_of_one));
    const auto second = started(system, options_for(two, log_of_two));
    for (auto* each : {first.get(), second.get()}) {
      const auto kept = std::make_shared<promises>();
      auto there = kept->there.get_future();
      auto told = kept->read.get_future();
      const std::string says = each == first.get() ? "to one" : "to two";
      system.spawn<one_message>(std::ref(*each), "reader", "", kept);
      REQUIRE(there.wait_for(patience) == std::future_status::ready);
      system.spawn<one_message>(std::ref(*each), "writer", says, nullptr);
      REQUIRE(told.wait_for(patience) == std::future_status::ready);
      CHECK(told.get() == says);
    }
    CHECK(system.registry().running() > before);
    lines unheard;
    const auto third = engine::start(system, options_for(one, unheard));
    REQUIRE_FALSE(third);
    CHECK(third.error().code == error_code::unavailable);
    CHECK_FALSE(first->join({user_id{""}}, {}));
    CHECK_FALSE(first->join({user_id{std::string(200, 'x')}}, {}));
  }
  system.registry().await_running_count_equal(before); // or the test's time runs out
  CHECK(log_of_one.count("search_index_made_anew") == 1);
  CHECK(log_of_two.count("search_index_made_anew") == 0);
}

TEST_CASE("a thread's log is its engine's for as long as it works for it") {
  lines mine;
  lines others;
  thread_log().warn("lost {}", 1);
  {
    const log_scope outer{make_log(mine.sink())};
    thread_log().warn("outer number={}", 1);
    {
      const log_scope inner{make_log(others.sink())};
      thread_log().info("inner");
    }
    thread_log().error("outer number={}", 2);
  }
  thread_log().critical("lost {}", 2);
  CHECK(mine.count("outer") == 2);
  CHECK(others.count("inner") == 1);
  CHECK(mine.count("lost") + others.count("lost") == 0);
  make_log([](log_level, std::string_view) {
    throw std::runtime_error("a sink that fails");
  })->warn("nobody {}", "minds");
}

template <class Answer, class Question>
Answer ask(caf::scoped_actor& self, const gateway_actor& whom, const Question& what) {
  Answer got;
  self->request(whom, patience, what)
      .receive([&](const Answer& answer) { got = answer; },
               [&](const caf::error& why) { FAIL(self->system().render(why)); });
  return got;
}

TEST_CASE("a gateway answers by tokens, retries and cursors") {
  caf::actor_system_config config;
  add_gateway_messages(config);
  caf::actor_system system{config};
  lines log;
  const temporary_directory data;
  const auto inside = started(system, options_for(data, log));
  const auto there = spawn_gateway(*inside);
  caf::scoped_actor self{system};
  const gateway::caller alice{"alice", "one"};
  CHECK(ask<gateway::alive>(self, there, gateway::heartbeat{7}).number == 7);
  CHECK(ask<gateway::posted>(self, there, gateway::post{{"", ""}, "c", "1", "x"}).how.code ==
        "unauthenticated");
  CHECK(ask<gateway::posted>(self, there, gateway::post{alice, "c", "1", "x"}).how.code ==
        "not_found");

  const auto start = ask<gateway::fetched>(self, there, gateway::fetch{alice, "", 20'000});
  REQUIRE_FALSE(start.cursor.empty());
  const gateway::open_conversation room{alice, "", "Room", {"bob"}, "room"};
  const auto opened = ask<gateway::opened>(self, there, room);
  CHECK(ask<gateway::opened>(self, there, room).conversation == opened.conversation);
  const gateway::post words{alice, opened.conversation, "1", "words"};
  const auto first = ask<gateway::posted>(self, there, words);
  CHECK(first.seq == 2);
  CHECK(ask<gateway::posted>(self, there, words).seq == 2);

  std::set<std::uint64_t> seen;
  std::string cursor = start.cursor;
  while (seen.size() < 2) {
    const auto news = ask<gateway::fetched>(self, there, gateway::fetch{alice, cursor, 20'000});
    REQUIRE(news.how.code.empty());
    const auto again = ask<gateway::fetched>(self, there, gateway::fetch{alice, cursor, 20'000});
    CHECK(again.events.size() >= news.events.size()); // the answer may have been lost
    for (const auto& each : again.events)
      CHECK(seen.insert(each.seq).second); // nothing comes twice
    cursor = again.cursor;
  }
  // Somebody who goes on from long ago is told all of it.
  const gateway::caller elsewhere{"alice", "two"};
  const auto missed =
      ask<gateway::fetched>(self, there, gateway::fetch{elsewhere, start.cursor, 20'000});
  CHECK(missed.events.size() == 2);
  const auto page = ask<gateway::pulled>(self, there, gateway::pull{alice, opened.conversation, 1});
  REQUIRE(page.events.size() == 1);
  CHECK(page.events[0].body == "words");
}

TEST_CASE("what was fetched stays until its cursor comes back, and nothing is told twice") {
  const auto event_number = [](std::uint64_t seq) -> event {
    events::message made;
    made.seq = sequence{seq};
    return made;
  };
  fetch_buffer buffer;
  buffer.begin("");
  CHECK(buffer.goes_on_from(""));
  CHECK_FALSE(buffer.has_news());
  buffer.take(events::welcome{{}, {}, {}, {}, "c0"});
  REQUIRE(buffer.has_news());
  CHECK(buffer.answer().cursor == "c0");

  buffer.take(event_number(1));
  CHECK(buffer.goes_on_from("c0"));
  CHECK_FALSE(buffer.has_news()); // no cursor covers it yet
  buffer.take(events::checkpoint{"c1"});
  CHECK(buffer.answer().events.size() == 1);
  buffer.take(event_number(2)); // between an answer and the next question
  buffer.take(events::checkpoint{"c2"});
  CHECK(buffer.goes_on_from("c0"));
  CHECK(buffer.answer().events.size() == 2); // the answer was lost
  CHECK(buffer.goes_on_from("c2"));
  CHECK_FALSE(buffer.has_news());
  CHECK_FALSE(buffer.goes_on_from("c0"));
  buffer.take(events::reset{"unknown cursor", "c9"});
  CHECK(buffer.answer().is_reset);
  CHECK(buffer.goes_on_from("c9"));
  CHECK_FALSE(buffer.answer().is_reset);
  buffer.give_up();
  CHECK_FALSE(buffer.goes_on_from("c9"));
}

} // namespace embedding_test
