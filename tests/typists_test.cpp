// Who is typing: what others are told, and when it ends.
#include "actors/typists.hpp"

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace typists_test {

const user_id alice{"alice"};

TEST_CASE("others are told when typing begins, now and then while it lasts, and when it ends") {
  typists who;
  CHECK(who.say(alice, true));
  std::size_t told = 0;
  for (std::uint64_t tick = 0; tick < 3 * limits::typing_repeat_ticks; ++tick) {
    CHECK(who.tick().empty());
    for (int times = 0; times < 5; ++times)
      told += who.say(alice, true);
  }
  CHECK(told == 3);
  CHECK(who.say(alice, false));
  CHECK_FALSE(who.say(alice, false));
  CHECK(who.empty());
}

TEST_CASE("typing ends after its ticks without a word") {
  typists who;
  who.say(alice, true);
  for (std::uint64_t tick = 1; tick < limits::typing_ticks; ++tick)
    CHECK(who.tick().empty());
  CHECK(who.tick() == std::vector{alice});
  CHECK(who.empty());
}

TEST_CASE("a crowd is not shown typing beyond the bound") {
  typists who;
  for (std::size_t i = 0; i < limits::typists; ++i)
    CHECK(who.say(user_id{"user" + std::to_string(i)}, true));
  CHECK_FALSE(who.say(alice, true));
  CHECK_FALSE(who.say(alice, false));
  CHECK(who.say(user_id{"user0"}, false));
  CHECK(who.say(alice, true));
}

} // namespace typists_test
