// Mute, do not disturb and quiet hours, as time goes on.
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/absence.hpp"

namespace parley::test {

namespace quiet_notices_test {

using namespace std::chrono_literals;

struct night : scene_of_absence {
  night() { where = conversation_id{make_group(alice, {user_id{"bob"}}).get<std::string>()}; }
  std::uint64_t in(std::chrono::milliseconds time) const {
    return static_cast<std::uint64_t>(to_wire(it.engine->context()->wall_clock() + time));
  }
  /// From the hour that it is, in a zone so many hours ahead of UTC, to the next one.
  std::string this_hour(int ahead = 0) const {
    const auto hours = std::chrono::floor<std::chrono::hours>(
        it.engine->context()->wall_clock().time_since_epoch());
    const int hour = static_cast<int>((hours.count() + ahead) % 24);
    std::array<char, 32> span{};
    std::snprintf(span.data(), span.size(), "daily %02d:00-%02d:00", hour, hour + 1);
    return span.data();
  }
  json one() {
    const json items = items_of("bob");
    return items.empty() ? json{} : items[0];
  }
  bool is_quiet() { return one().contains("quiet"); }
};

TEST_CASE("a mute ends at its time, and what was missed counts then") {
  night all;
  set_preferences what;
  what.conversation = all.where;
  what.muted_until = all.in(1h);
  CHECK(code_of(all.as("bob", what)) == "ok");
  all.write("a1", std::vector{user_id{"bob"}});
  all.wait();
  CHECK(all.one().is_null());
  all.it.pass(1h);
  CHECK(all.one().is_null()); // until there is news
  all.write("a2");
  all.wait();
  CHECK(all.one()["unread"] == 2);
  CHECK(all.one()["mentions"] == 1);
  CHECK(all.checked().ends_with("no problems\n"));
}

TEST_CASE("a mute is of one conversation") {
  night all;
  const conversation_id other{make_group(all.alice, {user_id{"bob"}}).get<std::string>()};
  set_preferences what;
  what.conversation = all.where;
  what.muted_until = limits::largest_number;
  CHECK(code_of(all.as("bob", what)) == "ok");
  all.write("a1");
  all.write(all.alice, other, "o1");
  all.wait();
  REQUIRE(all.items_of("bob").size() == 1);
  CHECK(all.one()["conversation"] == other.str());
}

TEST_CASE("who is not to be disturbed until a time is disturbed after it") {
  night all;
  CHECK(code_of(all.as("bob", set_notifications{{{}, all.in(1h)}})) == "ok");
  all.write("a1");
  all.wait();
  CHECK(all.is_quiet());
  all.it.pass(1h);
  CHECK(all.is_quiet()); // as it was told
  all.write("a2");
  all.wait();
  CHECK_FALSE(all.is_quiet());
  CHECK(all.one()["unread"] == 2);
}

TEST_CASE("what grows in quiet hours grows quietly, and is dismissed and read as ever") {
  night all;
  all.write("a1");
  all.wait();
  CHECK_FALSE(all.is_quiet());
  CHECK(code_of(all.as("bob", set_notifications{{{}, limits::largest_number}})) == "ok");
  CHECK_FALSE(all.is_quiet()); // it was loud
  all.write("a2");
  all.wait();
  CHECK(all.is_quiet());
  CHECK(code_of(all.as("bob", dismiss_notifications{all.where})) == "ok");
  CHECK(all.list_of("bob")["unseen"] == 0);
  CHECK(code_of(all.as("bob", mark_read{all.where, 3})) == "ok");
  CHECK(all.one().is_null());
}

TEST_CASE("weekly hours count by the clock of their zone") {
  night all;
  set_notifications what;
  const bool far = GENERATE(true, false);
  what.zone = far ? "Asia/Tokyo" : "UTC";
  what.quiet = std::vector<std::string>{all.this_hour(far ? 9 : 0)};
  CHECK(code_of(all.as("bob", what)) == "ok");
  all.write("a1");
  all.wait();
  const bool was_this_hour = what.quiet->front() == all.this_hour(far ? 9 : 0);
  CHECK(all.is_quiet() == was_this_hour);
  all.it.pass(1h);
  all.write("a2");
  all.wait();
  CHECK_FALSE(all.is_quiet());
}

TEST_CASE("a conversation's hours are of it alone, and of mentions, too") {
  night all;
  const conversation_id other{make_group(all.alice, {user_id{"bob"}}).get<std::string>()};
  set_preferences what;
  what.conversation = all.where;
  what.quiet = std::vector<std::string>{"daily 00:00-24:00"};
  CHECK(code_of(all.as("bob", what)) == "ok");
  all.write("a1", std::vector{user_id{"bob"}});
  all.write(all.alice, other, "o1");
  all.wait();
  const json items = all.items_of("bob");
  REQUIRE(items.size() == 2);
  for (const auto& each : items)
    CHECK(each.contains("quiet") == (each["conversation"] == all.where.str()));
}

TEST_CASE("whoever wants nothing by default is told where a conversation's own level says so") {
  night all;
  CHECK(code_of(all.as("bob", set_notifications{{notify_level::none}})) == "ok");
  set_preferences only;
  only.conversation = all.where;
  only.notify = notify_level::mentions;
  CHECK(code_of(all.as("bob", std::move(only))) == "ok");
  all.write("a1");
  all.wait();
  CHECK(all.one().is_null());
  all.write("a2", std::vector{user_id{"@all"}});
  all.wait();
  CHECK(all.one()["mentions"] == 1);
}

} // namespace quiet_notices_test

} // namespace parley::test
