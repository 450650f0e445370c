// Pages out of memory: the same cuts as from the store, and nothing dropped that the store lacks.
#include "actors/event_tail.hpp"

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace event_tail_test {

event_tail tail_of(std::uint64_t first, std::uint64_t last, std::size_t bytes = 10) {
  event_tail tail;
  for (std::uint64_t seq = first; seq <= last; ++seq)
    tail.push({sequence{seq}, std::string(bytes, 'x')}, position{seq});
  return tail;
}

page_range range(std::uint64_t first, std::uint64_t last, bool newest_first, std::size_t limit) {
  return {sequence{first}, sequence{last}, newest_first, limit, false};
}

TEST_CASE("a page is cut at its limit from the end that matters") {
  struct row {
    page_range asked;
    bool covered;
    std::uint64_t first, last;
    bool more;
  };
  const event_tail tail = tail_of(11, 30);
  const std::vector<row> table{
      {range(1, 30, true, 5), true, 26, 30, true},
      {range(1, 30, true, 20), true, 11, 30, true},
      {range(1, 30, true, 21), false, 0, 0, false},
      {range(11, 30, true, 100), true, 11, 30, false},
      {range(20, 30, false, 5), true, 20, 24, true},
      {range(26, 30, false, 5), true, 26, 30, false},
      {range(10, 30, false, 5), false, 0, 0, false},
      {range(31, 30, false, 5), true, 0, 0, false},
      {range(1, 0, true, 5), true, 0, 0, false},
  };
  for (const auto& [asked, covered, first, last, more] : table) {
    INFO(asked.first.value() << ".." << asked.last.value() << " limit " << asked.limit);
    REQUIRE(tail.covers(asked) == covered);
    if (!covered)
      continue;
    const auto page = tail.cut(asked);
    CHECK((page.events.empty() ? 0 : page.events.front().seq.value()) == first);
    CHECK((page.events.empty() ? 0 : page.events.back().seq.value()) == last);
    CHECK(page.more == more);
  }
}

TEST_CASE("a page of large events is cut by its bytes") {
  const event_tail tail = tail_of(1, 10, limits::page_bytes / 3);
  const auto newest = tail.cut(range(1, 10, true, 10));
  CHECK(newest.more);
  CHECK(newest.events.back().seq == sequence{10});
  CHECK(newest.events.size() < 10);
  CHECK_FALSE(newest.events.empty());
}

TEST_CASE("events are dropped only when applied and over the limit") {
  const std::uint64_t many = limits::tail_events + 100;
  event_tail tail = tail_of(1, many);
  tail.trim(position{30});
  CHECK_FALSE(tail.covers(range(30, many, false, 1)));
  CHECK(tail.covers(range(31, many, false, 1)));
  tail.trim(position{many});
  CHECK_FALSE(tail.covers(range(100, many, false, 1)));
  CHECK(tail.covers(range(101, many, false, 1)));
}

TEST_CASE("what fell out is here no more, and what comes behind it is") {
  event_tail tail = tail_of(11, 30);
  tail.forget_before(sequence{25});
  CHECK_FALSE(tail.covers(range(24, 30, false, 5)));
  CHECK(tail.cut(range(25, 30, false, 10)).events.size() == 6);
  tail.forget_before(sequence{31});
  CHECK_FALSE(tail.covers(range(25, 30, false, 5)));
  CHECK(tail.covers(range(31, 30, false, 5)));
  tail.push({sequence{31}, "x"}, position{31});
  CHECK(tail.cut(range(31, 31, true, 5)).events.size() == 1);
}

TEST_CASE("fewer bytes are kept where there is room for fewer") {
  event_tail tail = tail_of(1, 10, 1000);
  tail.trim(position{8}, 5'500);
  CHECK(tail.covers(range(6, 10, false, 5)));
  CHECK_FALSE(tail.covers(range(5, 10, false, 6)));
  tail.trim(position{8}, 0);
  CHECK(tail.covers(range(9, 10, false, 2)));
}

} // namespace event_tail_test
