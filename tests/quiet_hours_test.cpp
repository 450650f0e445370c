// Weekly quiet hours: how they are written, and when they are.
#include "actors/quiet_hours.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace parley;

namespace quiet_hours_test {

timestamp at(std::int64_t seconds) { return timestamp{std::chrono::seconds{seconds}}; }

/// 2026-03-02 is a Monday.
constexpr std::int64_t monday = 1'772'409'600;
constexpr std::int64_t hour = 3600;
constexpr std::int64_t day = 24 * hour;

TEST_CASE("spans are written by days and hours") {
  CHECK(parse_quiet_span("daily 22:00-07:00") == quiet_span{0x7f, 1320, 420});
  CHECK(parse_quiet_span("mon-fri 22:30-07:15") == quiet_span{0x1f, 1350, 435});
  CHECK(parse_quiet_span("sat,sun 00:00-24:00") == quiet_span{0x60, 0, 1440});
  CHECK(parse_quiet_span("fri-mon 12:00-13:00") == quiet_span{0x71, 720, 780});
  CHECK(parse_quiet_span("wed 12:00-13:00") == quiet_span{0x04, 720, 780});
}

TEST_CASE("nothing else is a span") {
  for (const auto* text :
       {"", "daily", "daily ", "22:00-07:00", "daily 22:00", "daily 22:00-22:00", "daily 2:00-3:00",
        "daily 24:00-07:00", "daily 25:00-07:00", "daily 22:60-07:00", "daily 22:00-24:01",
        "monday 22:00-07:00", "mon-xyz 22:00-07:00", "mon, 22:00-07:00", "MON 22:00-07:00",
        "mon  22:00-07:00", "mon 22:00-07:00 ", "mon -1:00-07:00", "mon +1:00-07:00"}) {
    INFO(text);
    CHECK_FALSE(parse_quiet_span(text));
  }
}

TEST_CASE("a span that passes midnight is of the day on which it begins") {
  const std::vector<std::string> nights{"mon 22:00-07:00"};
  CHECK_FALSE(is_quiet(nights, "UTC", at(monday + 6 * hour)));
  CHECK_FALSE(is_quiet(nights, "UTC", at(monday + 22 * hour - 1)));
  CHECK(is_quiet(nights, "UTC", at(monday + 22 * hour)));
  CHECK(is_quiet(nights, "UTC", at(monday + day + 7 * hour - 1)));
  CHECK_FALSE(is_quiet(nights, "UTC", at(monday + day + 7 * hour)));
  CHECK_FALSE(is_quiet(nights, "UTC", at(monday + day + 22 * hour)));
}

TEST_CASE("Sunday's night ends on Monday") {
  const std::vector<std::string> nights{"sun 22:00-07:00"};
  CHECK(is_quiet(nights, "UTC", at(monday + 6 * hour)));
  CHECK(is_quiet(nights, "UTC", at(monday - hour)));
  CHECK_FALSE(is_quiet(nights, "UTC", at(monday + 7 * hour)));
}

TEST_CASE("hours are those that clocks show in the zone, summer and winter") {
  const std::vector<std::string> nights{"daily 22:00-23:00"};
  CHECK(is_quiet(nights, "Europe/Berlin", at(monday + 21 * hour))); // UTC+1
  CHECK_FALSE(is_quiet(nights, "Europe/Berlin", at(monday + 22 * hour)));
  const std::int64_t july = monday + 126 * day;                   // a Monday, too
  CHECK(is_quiet(nights, "Europe/Berlin", at(july + 20 * hour))); // UTC+2
  CHECK_FALSE(is_quiet(nights, "Europe/Berlin", at(july + 21 * hour)));
  const std::vector<std::string> mondays{"mon 00:00-24:00"};
  CHECK(is_quiet(mondays, "Pacific/Auckland", at(monday - 12 * hour))); // UTC+13
  CHECK_FALSE(is_quiet(mondays, "America/Los_Angeles", at(monday + 7 * hour)));
}

TEST_CASE("zones have names of the time zone database") {
  CHECK(is_known_zone("Europe/Berlin"));
  CHECK(is_known_zone("UTC"));
  CHECK_FALSE(is_known_zone("Europe/Nowhere"));
  CHECK_FALSE(is_known_zone("Etc/Unknown"));
  CHECK_FALSE(is_known_zone(""));
  CHECK_FALSE(is_known_zone("\xff"));
}

} // namespace quiet_hours_test
