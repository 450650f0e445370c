// Weekly hours in which a user is not to be disturbed, in a time zone of theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/time.hpp"

namespace parley {

/// A span of the day on some days of the week. One that ends before it begins reaches into the day
/// after; it is of the day on which it begins.
struct quiet_span {
  std::uint8_t days = 0;   ///< Bit 0 is Monday.
  std::uint16_t from = 0;  ///< Minutes since midnight, of the wall clock there.
  std::uint16_t until = 0; ///< Not included; 24:00 is midnight.
  friend bool operator==(const quiet_span&, const quiet_span&) = default;
};

/// `daily 22:00-07:00`, `mon-fri 22:00-07:00`, `sat,sun 00:00-24:00`; nothing when it is none of
/// these.
std::optional<quiet_span> parse_quiet_span(std::string_view text);

/// Whether the time zone database has a zone of this name, as `Europe/Berlin`.
bool is_known_zone(const std::string& name);

/// Whether one of the spans, which were parsed before, has begun and not ended.
bool is_quiet(const std::vector<std::string>& spans, const std::string& zone, timestamp now);

} // namespace parley
