// What waits for a session: in order, counted, whatever comes and goes meanwhile.
#include "actors/outbox.hpp"

#include <deque>
#include <random>

#include "tests/support/catch.hpp"

using namespace parley;

namespace outbox_test {

chunk_ptr text(std::size_t number) { return make_chunk(std::string(number % 7, 'x')); }

TEST_CASE("an outbox gives what it was given, in order, however it fills and empties") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  INFO("seed " << seed);
  std::mt19937 random{seed};
  outbox box;
  std::deque<chunk_ptr> expected;
  for (std::size_t step = 0; step < 20'000; ++step) {
    const bool fills = (step / 500) % 2 == 0; // first a backlog grows, then it shrinks
    if (expected.empty() || random() % 8 < (fills ? 5U : 3U)) {
      expected.push_back(text(step));
      box.push(expected.back(), instant{std::chrono::seconds{step}});
    } else {
      REQUIRE(box.front() == expected.front());
      expected.pop_front();
      box.pop();
    }
    REQUIRE(box.empty() == expected.empty());
    REQUIRE(box.size() == expected.size());
    if (!expected.empty())
      REQUIRE(box.at(random() % expected.size()) != nullptr);
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(box.at(i) == expected[i]);
    bytes += expected[i]->bytes();
  }
  CHECK(box.bytes() == bytes);
  box.clear();
  CHECK(box.empty());
  CHECK(box.bytes() == 0);
}

TEST_CASE("the oldest of what waits is as old as when it was pushed") {
  outbox box;
  for (int second = 0; second < 40; ++second)
    box.push(text(3), instant{std::chrono::seconds{second}});
  for (int second = 0; second < 40; ++second) {
    CHECK(box.oldest() == instant{std::chrono::seconds{second}});
    box.pop();
  }
  CHECK(box.empty());
}

TEST_CASE("what has gone is let go of at once") {
  outbox box;
  const chunk_ptr kept = text(1);
  box.push(kept, {});
  box.push(text(2), {});
  box.pop();
  CHECK(kept.use_count() == 1);
}

} // namespace outbox_test
