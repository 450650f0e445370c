// Who is typing: what others are told, and when it ends.
#include "actors/typists.hpp"

#include <string>
#include <vector>

#include "actors/limits_people.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace typists_test {

const user_id alice{"alice"};
using users = std::vector<user_id>;

user_id nth(std::size_t i) { return user_id{"user" + std::to_string(100 + i)}; }

/// So many who have begun to type.
typists crowd_of(std::size_t count) {
  typists who;
  for (std::size_t i = 0; i < count; ++i)
    who.say(nth(i), true);
  return who;
}

users first(std::size_t count) {
  users all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(nth(i));
  return all;
}

TEST_CASE("others are told when typing begins, now and then while it lasts, and when it ends") {
  typists who;
  CHECK(who.say(alice, true).began == users{alice});
  std::size_t told = 0;
  for (std::uint64_t tick = 0; tick < 3 * limits::typing_repeat_ticks; ++tick) {
    CHECK(who.tick().empty());
    for (int times = 0; times < 5; ++times)
      told += who.say(alice, true).began.size();
  }
  CHECK(told == 3);
  CHECK(who.say(alice, false).ended == users{alice});
  CHECK(who.say(alice, false).empty());
  CHECK(who.empty());
}

TEST_CASE("typing ends after its ticks without a word") {
  typists who;
  who.say(alice, true);
  for (std::uint64_t tick = 1; tick < limits::typing_ticks; ++tick)
    CHECK(who.tick().empty());
  CHECK(who.tick().ended == users{alice});
  CHECK(who.empty());
}

TEST_CASE("five are named; with the sixth all names end and a count takes their place") {
  typists who = crowd_of(limits::typists_named);
  CHECK(who.named() == first(limits::typists_named));
  CHECK(who.say(alice, true).empty()); // until the tick
  const typing_news news = who.tick();
  CHECK(news.ended == first(limits::typists_named));
  CHECK(news.count == limits::typists_named + 1);
  CHECK(news.began.empty());
  CHECK(who.named().empty());
}

TEST_CASE("a count is told at most once a tick, when it changed, and now and then while it lasts") {
  typists who = crowd_of(6);
  who.tick();
  for (std::size_t i = 6; i < 100; ++i)
    CHECK(who.say(nth(i), true).empty());
  const typing_news grown = who.tick();
  CHECK(grown.count == 100);
  CHECK(grown.ended.empty());
  CHECK(grown.began.empty());
  std::size_t told = 0;
  for (std::uint64_t tick = 0; tick < 2 * limits::typing_repeat_ticks; ++tick) {
    for (std::size_t i = 0; i < 100; ++i)
      CHECK(who.say(nth(i), true).empty());
    told += who.tick().count ? 1 : 0;
  }
  CHECK(told == 2);
}

TEST_CASE("when five are left the count ends and each of them is named") {
  typists who = crowd_of(7);
  who.tick();
  CHECK(who.say(nth(0), false).empty());
  CHECK(who.tick().count == 6);
  CHECK(who.say(nth(1), false).empty());
  const typing_news news = who.tick();
  CHECK(news.count == 0);
  CHECK(news.ended.empty());
  CHECK(news.began == users{nth(2), nth(3), nth(4), nth(5), nth(6)});
  CHECK(who.say(nth(2), false).ended == users{nth(2)});
}

TEST_CASE("a count ends with nobody named when all have stopped without a word") {
  typists who = crowd_of(6);
  typing_news news;
  for (std::uint64_t tick = 0; tick < limits::typing_ticks; ++tick)
    news = who.tick();
  CHECK(news.count == 0);
  CHECK(news.began.empty());
  CHECK(news.ended.empty());
  CHECK(who.empty());
}

TEST_CASE("in a crowd each tick tells what became of everyone since the last one") {
  constexpr auto pace = typing_pace::by_tick;
  typists who;
  for (int times = 0; times < 50; ++times) {
    CHECK(who.say(alice, true, pace).empty());
    CHECK(who.say(nth(1), times % 2 == 0, pace).empty());
  }
  CHECK(who.tick(pace).began == users{alice});
  CHECK(who.tick(pace).empty());
  CHECK(who.say(alice, false, pace).empty());
  CHECK_FALSE(who.empty()); // there is something to tell
  CHECK(who.say(alice, true, pace).empty());
  CHECK(who.tick(pace).empty()); // nobody was told that they had stopped
  CHECK(who.say(alice, false, pace).empty());
  CHECK(who.tick(pace).ended == users{alice});
  CHECK(who.empty());
}

TEST_CASE("in a crowd those who go on are named again now and then") {
  constexpr auto pace = typing_pace::by_tick;
  typists who;
  std::size_t told = 0;
  for (std::uint64_t tick = 0; tick < 3 * limits::typing_repeat_ticks; ++tick) {
    who.say(alice, true, pace);
    told += who.tick(pace).began.size();
  }
  CHECK(told == 3);
}

TEST_CASE("who leaves a crowd is shown to have stopped at once") {
  typists who;
  who.say(alice, true, typing_pace::by_tick);
  CHECK(who.tick(typing_pace::by_tick).began == users{alice});
  CHECK(who.say(alice, false).ended == users{alice});
}

TEST_CASE("who is forgotten is not told of") {
  typists who;
  who.say(alice, true);
  who.forget(alice);
  CHECK(who.empty());
  CHECK(who.tick().empty());
  CHECK(who.say(alice, true).began == users{alice});
}

TEST_CASE("no more are counted than the bound says") {
  typists who = crowd_of(limits::typists);
  CHECK(who.tick().count == limits::typists);
  who.say(alice, true);
  CHECK(who.say(nth(0), false).empty());
  CHECK(who.tick().count == limits::typists - 1);
  who.say(alice, true);
  CHECK(who.tick().count == limits::typists);
}

} // namespace typists_test
