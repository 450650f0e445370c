// Deadlines: never early, at most a tick late, whatever their distance.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <map>
#include <random>

#include "transport/timer_wheel.hpp"

namespace timer_wheel_test {

using namespace parley;
using namespace std::chrono_literals;

const instant start{100s};

std::vector<std::uint64_t> owners(const std::vector<expired>& all) {
  std::vector<std::uint64_t> out;
  for (const auto& each : all)
    out.push_back(each.owner);
  std::sort(out.begin(), out.end());
  return out;
}

TEST_CASE("a deadline comes with the first turn at or after it") {
  timer_wheel wheel{start, 100ms, 8};
  wheel.arm(1, start + 150ms);
  wheel.arm(2, start + 300ms);
  CHECK(wheel.advance(start + 149ms).empty());
  CHECK(owners(wheel.advance(start + 200ms)) == std::vector<std::uint64_t>{1});
  CHECK(wheel.advance(start + 299ms).empty());
  CHECK(owners(wheel.advance(start + 300ms)) == std::vector<std::uint64_t>{2});
  CHECK(wheel.size() == 0);
}

TEST_CASE("a deadline in the past comes with the next turn") {
  timer_wheel wheel{start, 100ms, 8};
  wheel.advance(start + 1s);
  wheel.arm(1, start - 5s);
  wheel.arm(2, start + 1s);
  CHECK(owners(wheel.advance(start + 1100ms)) == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("a deadline further off than one turn waits for its own") {
  timer_wheel wheel{start, 100ms, 8};
  wheel.arm(1, start + 10s);
  for (auto at = start; at < start + 10s; at += 100ms)
    CHECK(wheel.advance(at).empty());
  CHECK(wheel.advance(start + 10s).size() == 1);
}

TEST_CASE("nothing is lost when the wheel was not turned for long") {
  timer_wheel wheel{start, 100ms, 8};
  for (std::uint64_t i = 0; i < 50; ++i)
    wheel.arm(i, start + i * 70ms);
  CHECK(wheel.advance(start + 1h).size() == 50);
  wheel.arm(99, start + 1h + 100ms);
  CHECK(wheel.advance(start + 1h + 200ms).size() == 1);
}

TEST_CASE("any deadlines come in time, at any pace of turning") {
  const auto seed = Catch::rngSeed();
  CAPTURE(seed);
  std::mt19937 random{seed};
  timer_wheel wheel{start, 100ms, 16};
  std::map<std::uint64_t, instant> waiting;
  instant now = start;
  for (std::uint64_t i = 0; i < 5'000; ++i) {
    const instant due = now + std::chrono::milliseconds{random() % 5'000};
    wheel.arm(i, due);
    waiting[i] = due;
    const instant before = now;
    now += std::chrono::milliseconds{random() % 400};
    for (const auto& each : wheel.advance(now)) {
      REQUIRE(waiting.at(each.owner) == each.due);
      CHECK(each.due <= now);
      CHECK(each.due + 100ms > before - 1ns);
      waiting.erase(each.owner);
    }
  }
  CHECK(wheel.size() == waiting.size());
  CHECK(wheel.advance(now + 6s).size() == waiting.size());
}

} // namespace timer_wheel_test
