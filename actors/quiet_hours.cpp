// ICU knows the zones; what is left is arithmetic of minutes.
#include "actors/quiet_hours.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include <unicode/timezone.h>
#include <unicode/ucal.h>

namespace parley {

namespace {

constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};
constexpr int minutes_per_day = 24 * 60;
constexpr int minutes_per_week = 7 * minutes_per_day;

std::optional<int> day_of(std::string_view name) {
  const auto found = std::find(day_names.begin(), day_names.end(), name);
  if (found == day_names.end())
    return {};
  return static_cast<int>(found - day_names.begin());
}

/// One day, or a run of them that may pass the end of the week.
std::optional<std::uint8_t> days_of(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = day_of(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : day_of(text.substr(dash + 1));
  if (!first || !last)
    return {};
  std::uint8_t days = 0;
  for (int day = *first;; day = (day + 1) % 7) {
    days = static_cast<std::uint8_t>(days | (1U << day));
    if (day == *last)
      return days;
  }
}

std::optional<std::uint8_t> all_days_of(std::string_view text) {
  if (text == "daily")
    return std::uint8_t{0x7f};
  std::uint8_t days = 0;
  while (true) {
    const std::size_t comma = text.find(',');
    const auto some = days_of(text.substr(0, comma));
    if (!some)
      return {};
    days = static_cast<std::uint8_t>(days | *some);
    if (comma == std::string_view::npos)
      return days;
    text.remove_prefix(comma + 1);
  }
}

std::optional<int> two_digits(std::string_view text, int most) {
  int value = 0;
  const auto [end, flaw] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.size() != 2 || flaw != std::errc{} || end != text.data() + 2 || value < 0 ||
      value > most)
    return {};
  return value;
}

/// `22:00`, up to `24:00`.
std::optional<int> minutes_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':')
    return {};
  const auto hours = two_digits(text.substr(0, 2), 24);
  const auto minutes = two_digits(text.substr(3), 59);
  if (!hours || !minutes || *hours * 60 + *minutes > minutes_per_day)
    return {};
  return *hours * 60 + *minutes;
}

std::unique_ptr<icu::TimeZone> zone_of(const std::string& name) {
  return std::unique_ptr<icu::TimeZone>{
      icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name))};
}

/// Minutes since Monday's beginning, as clocks in the zone show them; UTC when it is unknown.
int minute_of_week(const std::string& zone, timestamp now) {
  const auto milliseconds = static_cast<double>(now.time_since_epoch().count());
  std::int32_t raw = 0;
  std::int32_t saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone_of(zone)->getOffset(milliseconds, 0, raw, saving, status);
  const auto local = now.time_since_epoch() + std::chrono::milliseconds{raw + saving};
  const auto minutes = std::chrono::floor<std::chrono::minutes>(local).count();
  constexpr std::int64_t thursday = 3 * minutes_per_day; // the day on which the epoch began
  const auto in_week = (minutes + thursday) % minutes_per_week;
  return static_cast<int>(in_week < 0 ? in_week + minutes_per_week : in_week);
}

bool covers(const quiet_span& span, int minute) {
  const int length =
      span.until > span.from ? span.until - span.from : span.until - span.from + minutes_per_day;
  for (int day = 0; day < 7; ++day) {
    const int since =
        (minute - (day * minutes_per_day + span.from) + minutes_per_week) % minutes_per_week;
    if ((span.days >> day & 1) != 0 && since < length)
      return true;
  }
  return false;
}

} // namespace

std::optional<quiet_span> parse_quiet_span(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos)
    return {};
  const auto days = all_days_of(text.substr(0, space));
  const std::string_view times = text.substr(space + 1);
  const std::size_t dash = times.find('-');
  if (!days || dash == std::string_view::npos)
    return {};
  const auto from = minutes_of(times.substr(0, dash));
  const auto until = minutes_of(times.substr(dash + 1));
  if (!from || !until || *from == *until || *from == minutes_per_day)
    return {};
  return quiet_span{*days, static_cast<std::uint16_t>(*from), static_cast<std::uint16_t>(*until)};
}

bool is_known_zone(const std::string& name) {
  icu::UnicodeString id;
  return zone_of(name)->getID(id) != icu::UnicodeString{UCAL_UNKNOWN_ZONE_ID};
}

bool is_quiet(const std::vector<std::string>& spans, const std::string& zone, timestamp now) {
  if (spans.empty())
    return false;
  const int minute = minute_of_week(zone, now);
  return std::any_of(spans.begin(), spans.end(), [&](const std::string& each) {
    const auto span = parse_quiet_span(each);
    return span && covers(*span, minute);
  });
}

} // namespace parley
