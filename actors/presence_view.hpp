// How a user appears to others, and a session to its user: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/ids.hpp"
#include "actors/record.hpp"

namespace parley {

/// What others are told.
enum class shown_status : std::uint8_t { online, away, busy, offline };

constexpr std::string_view to_string(shown_status value) noexcept {
  switch (value) {
  case shown_status::online:
    return "online";
  case shown_status::away:
    return "away";
  case shown_status::busy:
    return "busy";
  case shown_status::offline:
    break;
  }
  return "offline";
}

/// How a user appears at one moment. Made without a word, it is what strangers see.
struct presence_view {
  shown_status status = shown_status::offline;
  std::string text = {};                   ///< Nothing for `offline`.
  std::optional<timestamp> last_seen = {}; ///< For `offline` alone.
  friend bool operator==(const presence_view&, const presence_view&) = default;
};

/// A number that differs, as good as always, where views do; never 0.
std::uint64_t digest_of(const presence_view& view) noexcept;

/// A session as its user sees it.
struct session_facts {
  session_address session;
  device_id device;
  timestamp since{};
};

} // namespace parley
