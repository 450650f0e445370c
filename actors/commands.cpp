// The names of kinds, roles and statuses on the wire.
#include "actors/commands.hpp"

#include <array>

namespace parley {

namespace {

constexpr std::array<std::string_view, 3> kinds{"direct", "group", "channel"};
constexpr std::array<std::string_view, 4> roles{"owner", "admin", "member", "reader"};
constexpr std::array<std::string_view, 4> statuses{"online", "away", "busy", "invisible"};

constexpr std::array<std::string_view, 2> audiences{"everyone", "me"};
constexpr std::array<std::string_view, 3> levels{"all", "mentions", "none"};
constexpr std::array<std::string_view, 2> orders{"newest", "relevance"};
constexpr std::array<std::string_view, right_count> right_names{
    "post", "edit", "delete_any", "pin", "add", "remove", "update", "mention_all"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text)
      return static_cast<Enum>(i);
  return std::nullopt;
}

} // namespace

std::string_view to_string(conversation_kind kind) noexcept {
  return kinds[static_cast<std::size_t>(kind)];
}

std::string_view to_string(role value) noexcept { return roles[static_cast<std::size_t>(value)]; }

std::string_view to_string(presence_status value) noexcept {
  return statuses[static_cast<std::size_t>(value)];
}

std::string_view to_string(audience value) noexcept {
  return audiences[static_cast<std::size_t>(value)];
}

std::string_view to_string(notify_level value) noexcept {
  return levels[static_cast<std::size_t>(value)];
}

std::string_view to_string(search_order value) noexcept {
  return orders[static_cast<std::size_t>(value)];
}

std::string_view to_string(right value) noexcept {
  return right_names[static_cast<std::size_t>(value)];
}

std::optional<conversation_kind> parse_kind(std::string_view text) noexcept {
  return find<conversation_kind>(kinds, text);
}

std::optional<role> parse_role(std::string_view text) noexcept { return find<role>(roles, text); }

std::optional<presence_status> parse_status(std::string_view text) noexcept {
  return find<presence_status>(statuses, text);
}

std::optional<audience> parse_audience(std::string_view text) noexcept {
  return find<audience>(audiences, text);
}

std::optional<notify_level> parse_notify_level(std::string_view text) noexcept {
  return find<notify_level>(levels, text);
}

std::optional<search_order> parse_search_order(std::string_view text) noexcept {
  return find<search_order>(orders, text);
}

std::optional<right> parse_right(std::string_view text) noexcept {
  return find<right>(right_names, text);
}

std::string_view to_string(shown_past value) noexcept {
  return value == shown_past::all ? "all" : "joined";
}

std::optional<shown_past> parse_shown_past(std::string_view text) noexcept {
  for (const auto each : {shown_past::all, shown_past::joined})
    if (to_string(each) == text)
      return each;
  return std::nullopt;
}

} // namespace parley
