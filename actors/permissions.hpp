// Which role it takes to do what, where a conversation says so itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace parley {

/// What a member may do, from most to least.
enum class role : std::uint8_t { owner, admin, member, reader };

/// What a role is needed for.
enum class right : std::uint8_t { post, edit, delete_any, pin, add, remove, update, mention_all };
inline constexpr std::size_t right_count = 8;

std::string_view to_string(right value) noexcept;
/// The value a client means by `text`, or nothing.
std::optional<right> parse_right(std::string_view text) noexcept;

/// The least role that has each right; absent: what the conversation's kind says.
struct permissions {
  std::array<std::optional<role>, right_count> least = {};

  std::optional<role>& operator[](right which) { return least[static_cast<std::size_t>(which)]; }
  const std::optional<role>& operator[](right which) const {
    return least[static_cast<std::size_t>(which)];
  }
  friend bool operator==(const permissions&, const permissions&) = default;
};

/// What those who join are shown of what was said before.
enum class shown_past : std::uint8_t { all, joined };

std::string_view to_string(shown_past value) noexcept;
std::optional<shown_past> parse_shown_past(std::string_view text) noexcept;

/// How long events are kept, and how many messages; 0 is no bound of that kind.
struct retention_bounds {
  std::uint64_t days = 0;
  std::uint64_t messages = 0;
  friend bool operator==(const retention_bounds&, const retention_bounds&) = default;
};

/// The stricter of both, kind by kind.
constexpr retention_bounds stricter_of(const retention_bounds& one,
                                       const retention_bounds& other) noexcept {
  const auto least = [](std::uint64_t a, std::uint64_t b) {
    return a == 0 || (b != 0 && b < a) ? b : a;
  };
  return {least(one.days, other.days), least(one.messages, other.messages)};
}

/// How a conversation is moderated.
struct moderation {
  std::uint64_t slow_mode = 0; ///< Seconds between two messages of a member; 0: any number.
  bool frozen = false;         ///< Only owners and admins may say anything.
  permissions rights = {};
  shown_past history = shown_past::all; ///< For who joins from now on.
  retention_bounds retention = {};      ///< Beside those of the server.
  friend bool operator==(const moderation&, const moderation&) = default;
};

} // namespace parley
