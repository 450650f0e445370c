// A reader for each type on the wire; what has none is passed on as it is.
#include "engine/events.hpp"

#include <array>
#include <utility>

#include "engine/packed_map.hpp"

namespace parley {

namespace {

timestamp to_time(std::uint64_t wire) {
  return timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(wire)}};
}

std::optional<timestamp> time_if(const packed_map& from, std::string_view key) {
  const auto wire = from.number_if(key);
  return wire ? std::optional{to_time(*wire)} : std::nullopt;
}

template <class Id>
Id id_of(const packed_map& from, std::string_view key) {
  return Id{from.text(key)};
}

template <class Id>
std::optional<Id> id_if(const packed_map& from, std::string_view key) {
  auto text = from.text_if(key);
  return text ? std::optional<Id>{Id{std::move(*text)}} : std::nullopt;
}

sequence seq_of(const packed_map& from, std::string_view key) { return sequence{from.number(key)}; }

std::vector<user_id> users_of(const packed_map& from, std::string_view key) {
  std::vector<user_id> all;
  for (auto& each : from.texts(key))
    all.emplace_back(std::move(each));
  return all;
}

role role_of(const packed_map& from) {
  return parse_role(from.text("role")).value_or(role::reader); // the least, should it be a new one
}

std::vector<membership> memberships_of(const packed_map& from, std::string_view key) {
  std::vector<membership> all;
  for (const auto& each : from.maps(key))
    all.push_back({id_of<user_id>(each, "user"), role_of(each)});
  return all;
}

std::optional<application_data> meta_of(const packed_map& from) {
  const auto bytes = from.find("meta");
  return bytes.empty() ? std::nullopt : std::optional{application_data{std::string{bytes}}};
}

int digit_of(char each) {
  if (each >= '0' && each <= '9')
    return each - '0';
  return each >= 'a' && each <= 'f' ? each - 'a' + 10 : 0;
}

digest digest_from(std::string_view hexadecimal) {
  digest sum{};
  for (std::size_t i = 0; i < sum.size() && 2 * i + 1 < hexadecimal.size(); ++i)
    sum[i] = static_cast<std::uint8_t>(16 * digit_of(hexadecimal[2 * i]) +
                                       digit_of(hexadecimal[2 * i + 1]));
  return sum;
}

std::vector<file_facts> files_of(const packed_map& from) {
  std::vector<file_facts> all;
  for (const auto& each : from.maps("files"))
    all.push_back({id_of<file_id>(each, "file"), each.text("name"), each.text("type"),
                   each.number("size"), digest_from(each.text("sha256"))});
  return all;
}

/// What numbered events begin with.
template <class Event>
Event numbered_of(const packed_map& from) {
  Event made;
  made.conversation = id_of<conversation_id>(from, "conversation");
  made.seq = seq_of(from, "seq");
  made.at = to_time(from.number("at"));
  return made;
}

// --- Numbered events -----------------------------------------------------------------------------

events::message read_message(const packed_map& from) {
  auto made = numbered_of<events::message>(from);
  made.from = id_of<user_id>(from, "from");
  made.client = id_of<client_id>(from, "client_id");
  made.body = from.text("body");
  made.reply_to = from.number_if("reply_to");
  made.mentions = users_of(from, "mentions");
  made.meta = meta_of(from);
  made.thread = from.number_if("thread");
  made.expires_at = time_if(from, "expires_at");
  made.files = files_of(from);
  made.edited_at = time_if(from, "edited_at");
  made.is_deleted = from.flag("deleted");
  return made;
}

events::joined read_joined(const packed_map& from) {
  auto made = numbered_of<events::joined>(from);
  made.users = memberships_of(from, "users");
  made.by = id_of<user_id>(from, "by");
  return made;
}

events::left read_left(const packed_map& from) {
  auto made = numbered_of<events::left>(from);
  made.user = id_of<user_id>(from, "user");
  made.by = id_of<user_id>(from, "by");
  made.owner = id_if<user_id>(from, "owner");
  made.banned_until = from.number_if("banned_until");
  return made;
}

events::changed read_changed(const packed_map& from) {
  auto made = numbered_of<events::changed>(from);
  made.by = id_of<user_id>(from, "by");
  made.user = id_if<user_id>(from, "user");
  if (const auto as = from.text_if("role"))
    made.as = parse_role(*as);
  made.banned_until = from.number_if("banned_until");
  made.silent_until = from.number_if("silent_until");
  made.title = from.text_if("title");
  made.meta = meta_of(from);
  made.slow_mode = from.number_if("slow_mode");
  made.frozen = from.flag_if("frozen");
  return made;
}

events::invited read_invited(const packed_map& from) {
  auto made = numbered_of<events::invited>(from);
  made.users = memberships_of(from, "users");
  made.by = id_of<user_id>(from, "by");
  return made;
}

events::uninvited read_uninvited(const packed_map& from) {
  auto made = numbered_of<events::uninvited>(from);
  made.user = id_of<user_id>(from, "user");
  made.by = id_of<user_id>(from, "by");
  return made;
}

events::edited read_edited(const packed_map& from) {
  auto made = numbered_of<events::edited>(from);
  made.message = seq_of(from, "message");
  made.by = id_of<user_id>(from, "by");
  made.body = from.text("body");
  made.mentions = users_of(from, "mentions");
  made.is_deleted = from.flag("deleted");
  return made;
}

events::erased read_erased(const packed_map& from) {
  auto made = numbered_of<events::erased>(from);
  made.message = seq_of(from, "message");
  made.by = id_of<user_id>(from, "by");
  made.has_expired = from.flag("expired");
  return made;
}

events::reaction read_reaction(const packed_map& from) {
  auto made = numbered_of<events::reaction>(from);
  made.message = seq_of(from, "message");
  made.user = id_of<user_id>(from, "user");
  made.emoji = from.text("emoji");
  made.is_removed = from.flag("removed");
  return made;
}

events::pinned read_pinned(const packed_map& from) {
  auto made = numbered_of<events::pinned>(from);
  made.message = seq_of(from, "message");
  made.by = id_of<user_id>(from, "by");
  made.is_removed = from.flag("removed");
  return made;
}

events::conversation_deleted read_end(const packed_map& from) {
  auto made = numbered_of<events::conversation_deleted>(from);
  made.by = id_of<user_id>(from, "by");
  return made;
}

events::other read_other(const packed_map& from) {
  return {from.text("type"), std::string{from.bytes()}};
}

/// An event as it is in a page.
events::listed read_listed(const packed_map& from) {
  const std::string type = from.text("type");
  if (type == "message")
    return read_message(from);
  if (type == "joined")
    return read_joined(from);
  if (type == "left")
    return read_left(from);
  if (type == "changed")
    return read_changed(from);
  if (type == "invited" && from.number_if("seq"))
    return read_invited(from);
  if (type == "uninvited")
    return read_uninvited(from);
  if (type == "edited")
    return read_edited(from);
  if (type == "deleted" && from.number_if("message"))
    return read_erased(from);
  if (type == "deleted")
    return read_end(from);
  if (type == "reaction")
    return read_reaction(from);
  if (type == "pinned")
    return read_pinned(from);
  return read_other(from);
}

// --- What has no number --------------------------------------------------------------------------

event read_conversation(const packed_map& from) {
  events::conversation made;
  made.id = id_of<conversation_id>(from, "conversation");
  made.kind = parse_kind(from.text("kind")).value_or(conversation_kind::group);
  made.title = from.text("title");
  made.meta = meta_of(from);
  made.members = memberships_of(from, "members");
  made.member_count = from.number("member_count");
  made.seq = seq_of(from, "seq");
  made.created_at = to_time(from.number("created_at"));
  return made;
}

event read_receipt(const packed_map& from) {
  return events::receipt{id_of<conversation_id>(from, "conversation"), id_of<user_id>(from, "user"),
                         seq_of(from, "delivered"), seq_of(from, "read"),
                         to_time(from.number("at"))};
}

event read_typing(const packed_map& from) {
  return events::typing{
      id_of<conversation_id>(from, "conversation"), id_of<user_id>(from, "user"),
      from.number_if("count"), from.flag("active"),
      std::chrono::milliseconds{static_cast<std::int64_t>(from.number("expires_ms"))}};
}

event read_presence(const packed_map& from) {
  return events::presence{id_of<user_id>(from, "user"), from.text("status"), from.text("text"),
                          time_if(from, "last_seen")};
}

event read_trimmed(const packed_map& from) {
  return events::trimmed{id_of<conversation_id>(from, "conversation"), seq_of(from, "before")};
}

event read_gap(const packed_map& from) {
  return events::gap{id_of<conversation_id>(from, "conversation"), seq_of(from, "from"),
                     seq_of(from, "to")};
}

event read_checkpoint(const packed_map& from) { return events::checkpoint{from.text("cursor")}; }

event read_synced(const packed_map& from) { return events::synced{from.text("cursor")}; }

event read_reset(const packed_map& from) {
  return events::reset{from.text("reason"), from.text("cursor")};
}

event read_bye(const packed_map& from) { return events::bye{from.text("reason")}; }

// --- Answers -------------------------------------------------------------------------------------

event read_welcome(const packed_map& from) {
  return events::welcome{id_of<user_id>(from, "user"), id_of<device_id>(from, "device"),
                         from.text("session"), from.text("epoch"), from.text("cursor")};
}

event read_sent(const packed_map& from) {
  return events::sent{id_of<conversation_id>(from, "conversation"),
                      id_of<client_id>(from, "client_id"), seq_of(from, "seq"),
                      to_time(from.number("at"))};
}

event read_done(const packed_map& from) { return events::done{seq_of(from, "seq")}; }

event read_refused(const packed_map& from) {
  failure why{error_code::internal, from.text("message"), {}};
  const std::string code = from.text("code");
  for (std::size_t i = 0; i < error_code_count; ++i)
    if (describe(static_cast<error_code>(i)).name == code)
      why.code = static_cast<error_code>(i);
  if (const auto wait = from.number_if("retry_after_ms"))
    why.retry_after = std::chrono::milliseconds{static_cast<std::int64_t>(*wait)};
  return events::refused{std::move(why)};
}

event read_page(const packed_map& from) {
  events::page made;
  made.conversation = id_of<conversation_id>(from, "conversation");
  for (const auto& each : from.maps("events"))
    made.items.push_back(read_listed(each));
  made.first = seq_of(from, "first");
  made.last = seq_of(from, "last");
  made.has_more = from.flag("more");
  return made;
}

event read_conversations(const packed_map& from) {
  events::conversations made;
  for (const auto& each : from.maps("items")) {
    events::listed_conversation item;
    item.id = id_of<conversation_id>(each, "conversation");
    item.kind = parse_kind(each.text("kind")).value_or(conversation_kind::group);
    item.title = each.text("title");
    item.seq = seq_of(each, "seq");
    item.as = role_of(each);
    item.read = seq_of(each, "read");
    item.unread = each.number("unread");
    item.mentions = each.number("mentions");
    if (const auto last = each.map_if("last"))
      item.last = read_message(*last);
    made.items.push_back(std::move(item));
  }
  made.cursor = from.text_if("cursor");
  return made;
}

event read_members(const packed_map& from) {
  events::members made;
  for (const auto& each : from.maps("items"))
    made.items.push_back(
        {id_of<user_id>(each, "user"), role_of(each), to_time(each.number("joined"))});
  made.cursor = from.text_if("cursor");
  return made;
}

struct known_event {
  std::string_view type;
  event (*read)(const packed_map&);
};
constexpr std::array known_events{
    known_event{"conversation", read_conversation},
    known_event{"receipt", read_receipt},
    known_event{"typing", read_typing},
    known_event{"presence", read_presence},
    known_event{"trimmed", read_trimmed},
    known_event{"gap", read_gap},
    known_event{"checkpoint", read_checkpoint},
    known_event{"synced", read_synced},
    known_event{"reset", read_reset},
    known_event{"bye", read_bye},
    known_event{"welcome", read_welcome},
    known_event{"sent", read_sent},
    known_event{"ok", read_done},
    known_event{"error", read_refused},
    known_event{"page", read_page},
    known_event{"conversations", read_conversations},
    known_event{"members", read_members},
};

event read_event(const packed_map& from) {
  const std::string type = from.text("type");
  for (const auto& each : known_events)
    if (each.type == type)
      return each.read(from);
  return std::visit([](auto&& listed) { return event{std::forward<decltype(listed)>(listed)}; },
                    read_listed(from));
}

} // namespace

void read_events(std::string_view msgpack_maps, std::vector<told_event>& into) {
  while (auto each = packed_map::take(msgpack_maps))
    into.push_back({each->ref(), read_event(*each)});
}

} // namespace parley
