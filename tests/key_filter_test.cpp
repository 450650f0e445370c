// Nothing that was added is ever denied, and little else is taken for it.
#include "actors/key_filter.hpp"

#include <random>

#include "tests/support/catch.hpp"

using namespace parley;

namespace key_filter_test {

TEST_CASE("an empty filter contains nothing") {
  const key_filter filter;
  CHECK_FALSE(filter.may_contain(0));
  CHECK_FALSE(filter.may_contain(~std::uint64_t{0}));
}

TEST_CASE("what was added is never denied, and few others are taken for it, at any size") {
  std::mt19937_64 random{3};
  key_filter filter;
  std::vector<std::uint64_t> added;
  for (const std::size_t size : {1U, 255U, 256U, 257U, 1'000U, 20'000U, 200'000U}) {
    while (added.size() < size) {
      added.push_back(random());
      filter.add(added.back());
    }
    REQUIRE(filter.size() == size);
    std::size_t denied = 0;
    for (const auto each : added)
      denied += !filter.may_contain(each);
    CHECK(denied == 0);
    std::size_t mistaken = 0;
    for (int i = 0; i < 10'000; ++i)
      mistaken += filter.may_contain(random());
    INFO("of 10,000 others, with " << size);
    CHECK(mistaken < 400);
  }
  filter.clear();
  CHECK(filter.size() == 0);
  CHECK_FALSE(filter.may_contain(added.front()));
}

} // namespace key_filter_test
