// How many notifications are told of one by one: virtual time.
#include "actors/notice_limits.hpp"

#include <string>

#include "actors/limits_of_notices.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace notice_limits_test {

using namespace std::chrono_literals;

const user_id bob{"bob"};

TEST_CASE("so many in a window are told by themselves, of each user") {
  notice_limits all;
  const instant begun{1h};
  for (std::size_t i = 0; i < limits::notices_one_by_one; ++i)
    CHECK(all.take(bob, begun + 1s));
  CHECK_FALSE(all.take(bob, begun + 2s));
  CHECK(all.take(user_id{"carol"}, begun + 2s));
  CHECK_FALSE(all.take(bob, begun + limits::notice_window));
  CHECK(all.take(bob, begun + 1s + limits::notice_window));
}

TEST_CASE("it remembers so many users and no more") {
  notice_limits all;
  const instant begun{1h};
  for (std::size_t i = 0; i < 2 * limits::noticed_users; ++i) {
    all.take(user_id{"user-" + std::to_string(i)}, begun + std::chrono::milliseconds{i});
    REQUIRE(all.size() <= limits::noticed_users);
  }
}

} // namespace notice_limits_test

} // namespace parley::test
