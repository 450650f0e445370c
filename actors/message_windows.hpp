// How long authors may change what they wrote.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "actors/limits.hpp"

namespace parley {

/// Both are settled by the operator; 0: without an end.
struct message_windows {
  std::chrono::seconds edit = limits::edit_window;
  std::chrono::seconds erase = limits::erase_window; ///< For everyone.
};

template <class Age>
constexpr bool is_within(Age age, std::chrono::seconds window) noexcept {
  return window.count() == 0 || age <= window;
}

/// As people say it: "24 hours", "1 minute".
inline std::string in_words(std::chrono::seconds window) {
  struct unit {
    std::int64_t seconds;
    const char* name;
  };
  constexpr std::int64_t hour = 3600;
  constexpr std::int64_t day = 24 * hour;
  const std::int64_t all = window.count();
  unit as{1, "second"};
  for (const auto& each : {unit{60, "minute"}, unit{hour, "hour"}, unit{day, "day"}})
    if (all > 0 && all % each.seconds == 0 && (each.seconds < day || all > day))
      as = each;
  const std::int64_t count = all / as.seconds;
  return std::to_string(count) + " " + as.name + (count == 1 ? "" : "s");
}

} // namespace parley
