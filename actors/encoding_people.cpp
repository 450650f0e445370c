// Encodes what is said of users: profiles, and who is there or types in a crowd.
#include <chrono>
#include <utility>

#include "actors/encoding.hpp"
#include "actors/limits_people.hpp"

namespace parley {

namespace {

void write_profile(map_writer& to, const user_id& user, const user_profile& what) {
  to.text("user", user.str());
  if (!what.name.empty())
    to.text("name", what.name);
  if (!what.avatar.empty())
    to.text("avatar", what.avatar);
  if (!what.text.empty())
    to.text("text", what.text);
  to.time("at", what.at);
}

} // namespace

std::string encode_typing_count(const conversation_id& conversation, std::size_t count) {
  constexpr std::chrono::milliseconds longest = (limits::typing_ticks + 1) * limits::typing_tick;
  map_writer writer{"typing"};
  writer.text("conversation", conversation.str())
      .number("count", count)
      .number("expires_ms", count > 0 ? static_cast<std::uint64_t>(longest.count()) : 0);
  return std::move(writer).take();
}

std::string
encode_presences(const reference& ref, const conversation_id& conversation, std::size_t members,
                 std::size_t online,
                 const std::optional<std::vector<std::pair<user_id, shown_status>>>& items) {
  map_writer writer{"presences", ref};
  writer.text("conversation", conversation.str())
      .number("members", members)
      .number("online", online);
  if (items) {
    std::string list = array_header(items->size());
    for (const auto& [user, status] : *items) {
      map_writer item;
      item.text("user", user.str()).text("status", to_string(status));
      list += std::move(item).take();
    }
    writer.encoded("items", list);
  }
  return std::move(writer).take();
}

std::string encode_profile(const reference& ref, const user_id& user, const user_profile& what) {
  map_writer writer{"profile", ref};
  write_profile(writer, user, what);
  return std::move(writer).take();
}

std::string encode_profiles(const reference& ref, const std::vector<listed_profile>& items) {
  std::string list = array_header(items.size());
  for (const auto& each : items) {
    map_writer item;
    write_profile(item, each.user, each.what);
    list += std::move(item).take();
  }
  map_writer writer{"profiles", ref};
  writer.encoded("items", list);
  return std::move(writer).take();
}

} // namespace parley
