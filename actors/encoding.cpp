// Encodes answers and events, key by key.
#include "actors/encoding.hpp"

#include <algorithm>

#include "actors/limits.hpp"

namespace parley {

namespace {

map_writer event(envelope_type type, const conversation_id& conversation, sequence seq,
                 timestamp at) {
  map_writer writer{type};
  writer.text("conversation", conversation.str()).number("seq", seq.value()).time("at", at);
  return writer;
}

/// What went wrong inside is for the operator: it may name files and rows.
std::string_view text_for_clients(const failure& why) {
  switch (why.code) {
  case error_code::internal:
    return "a fault of the server";
  case error_code::unavailable:
    return "nothing can be written now; try again later";
  default:
    return why.message;
  }
}

void write_preferences(map_writer& to, const preferences& kept) {
  if (kept.archived)
    to.flag("archived", *kept.archived);
  if (kept.muted_until)
    to.number("muted_until", *kept.muted_until);
  if (kept.pinned)
    to.flag("pinned", *kept.pinned);
  if (kept.notify)
    to.text("notify", to_string(*kept.notify));
  if (kept.quiet)
    to.texts("quiet", *kept.quiet);
  if (kept.hidden)
    to.flag("hidden", *kept.hidden);
}

std::string encode_permissions(const permissions& rights) {
  map_writer writer;
  for (std::size_t i = 0; i < right_count; ++i)
    if (const auto& least = rights.least[i])
      writer.text(to_string(static_cast<right>(i)), to_string(*least));
  return std::move(writer).take();
}

/// `type` says in an envelope what it is, and is called otherwise there.
void write_file(map_writer& to, const file_facts& file, std::string_view type = "type") {
  to.text("file", file.file.str());
  if (!file.name.empty())
    to.text("name", file.name);
  to.text(type, file.type)
      .number("size", file.size)
      .text("sha256", hex(file.sha256, file.sha256.size()));
}

std::string encode_files(const std::vector<file_facts>& files) {
  std::string list = array_header(files.size());
  for (const auto& each : files) {
    map_writer file;
    write_file(file, each);
    list += std::move(file).take();
  }
  return list;
}

/// What differs from a conversation that nobody moderates.
void write_moderation(map_writer& to, const moderation& is) {
  if (is.slow_mode > 0)
    to.number("slow_mode", is.slow_mode);
  if (is.frozen)
    to.flag("frozen", true);
  if (is.rights != permissions{})
    to.encoded("permissions", encode_permissions(is.rights));
  if (is.history != shown_past::all)
    to.text("history", to_string(is.history));
  if (is.retention != retention_bounds{})
    to.encoded("retention", encode_retention(is.retention));
}

std::string encode_listed(const listed_conversation& item) {
  map_writer writer;
  writer.text("conversation", item.conversation.str()).text("kind", to_string(item.kind));
  if (!item.title.empty())
    writer.text("title", item.title);
  if (!item.meta.empty())
    writer.encoded("meta", item.meta);
  writer.number("seq", item.head.value())
      .text("role", to_string(item.as))
      .number("read", item.read.value())
      .number("unread", item.unread)
      .number("mentions", item.mentions);
  write_moderation(writer, item.moderated);
  if (item.kept_from.value() > 0)
    writer.number("kept_from", item.kept_from.value());
  write_preferences(writer, item.kept);
  if (!item.direct.empty())
    writer.encoded("users", encode_user_list(item.direct));
  if (!item.last_message.empty())
    writer.encoded("last", item.last_message);
  return std::move(writer).take();
}

} // namespace

std::string encode_file(const reference& ref, const file_facts& file, std::string_view url,
                        timestamp expires_at) {
  map_writer writer{"file", ref};
  write_file(writer, file, "media_type");
  writer.text("url", url).time("expires_at", expires_at);
  return std::move(writer).take();
}

std::string encode_members(const std::vector<membership>& members) {
  std::string list = array_header(members.size());
  for (const auto& each : members) {
    map_writer member;
    member.text("user", each.user.str()).text("role", to_string(each.as));
    list += std::move(member).take();
  }
  return list;
}

raw_fields conversation_fields(const conversation_facts& facts) {
  map_writer writer;
  writer.text("conversation", facts.conversation.str()).text("kind", to_string(facts.kind));
  if (!facts.title.empty())
    writer.text("title", facts.title);
  if (!facts.meta.empty())
    writer.encoded("meta", facts.meta);
  std::vector<membership> shown = facts.members;
  shown.resize(std::min(shown.size(), limits::members_shown));
  writer.encoded("members", encode_members(shown))
      .number("member_count", std::max(facts.member_count, facts.members.size()))
      .number("seq", facts.seq.value())
      .time("created_at", facts.created_at);
  write_moderation(writer, facts.moderated);
  if (facts.kept_from.value() > 0)
    writer.number("kept_from", facts.kept_from.value());
  return std::move(writer).take_fields();
}

std::string encode_introduction(conversation_facts facts) {
  facts.member_count = std::max(facts.member_count, facts.members.size());
  facts.members.resize(std::min(facts.members.size(), limits::members_introduced));
  return encode_conversation({}, facts);
}

std::string encode_conversation(const reference& ref, const conversation_facts& facts) {
  map_writer writer{"conversation", ref};
  writer.fields(conversation_fields(facts));
  return std::move(writer).take();
}

std::string encode_message(sequence seq, timestamp at, const user_id& from,
                           const send_message& what, const std::vector<file_facts>& files) {
  map_writer writer = event("message", what.conversation, seq, at);
  writer.text("from", from.str()).text("client_id", what.client.str()).text("body", what.body);
  if (what.reply_to)
    writer.number("reply_to", *what.reply_to);
  if (what.mentions)
    writer.encoded("mentions", encode_user_list(*what.mentions));
  if (what.meta)
    writer.encoded("meta", what.meta->msgpack);
  if (what.thread)
    writer.number("thread", *what.thread);
  if (what.expires_in)
    writer.time("expires_at", at + std::chrono::seconds{*what.expires_in});
  if (!files.empty())
    writer.encoded("files", encode_files(files));
  return std::move(writer).take();
}

bool may_be_reply(std::string_view event) noexcept {
  constexpr std::string_view key{"\xa8"
                                 "reply_to"};
  return event.find(key) != std::string_view::npos;
}

std::string encode_joined(const conversation_id& conversation, sequence seq, timestamp at,
                          const std::vector<membership>& users, const user_id& by) {
  map_writer writer = event("joined", conversation, seq, at);
  writer.encoded("users", encode_members(users)).text("by", by.str());
  return std::move(writer).take();
}

std::string encode_invited(const conversation_id& conversation, sequence seq, timestamp at,
                           const std::vector<membership>& users, const user_id& by) {
  map_writer writer = event("invited", conversation, seq, at);
  writer.encoded("users", encode_members(users)).text("by", by.str());
  return std::move(writer).take();
}

std::string encode_uninvited(const conversation_id& conversation, sequence seq, timestamp at,
                             const user_id& user, const user_id& by) {
  map_writer writer = event("uninvited", conversation, seq, at);
  writer.text("user", user.str()).text("by", by.str());
  return std::move(writer).take();
}

std::string encode_left(const conversation_id& conversation, sequence seq, timestamp at,
                        const user_id& user, const user_id& by, const std::optional<user_id>& owner,
                        const std::optional<restriction>& restricted) {
  map_writer writer = event("left", conversation, seq, at);
  writer.text("user", user.str()).text("by", by.str());
  if (owner)
    writer.text("owner", owner->str());
  if (restricted)
    writer.number("banned_until", restricted->banned_until);
  return std::move(writer).take();
}

std::string encode_restricted(const conversation_id& conversation, sequence seq, timestamp at,
                              const user_id& by, const restriction& whom) {
  map_writer writer = event("changed", conversation, seq, at);
  writer.text("by", by.str())
      .text("user", whom.user.str())
      .number("banned_until", whom.banned_until)
      .number("silent_until", whom.silent_until);
  return std::move(writer).take();
}

std::string encode_role_changed(const conversation_id& conversation, sequence seq, timestamp at,
                                const user_id& by, const membership& whom) {
  map_writer writer = event("changed", conversation, seq, at);
  writer.text("by", by.str()).text("user", whom.user.str()).text("role", to_string(whom.as));
  return std::move(writer).take();
}

std::string encode_changed(const conversation_id& conversation, sequence seq, timestamp at,
                           const user_id& by, const settings_change& what) {
  map_writer writer = event("changed", conversation, seq, at);
  writer.text("by", by.str());
  if (what.title)
    writer.text("title", *what.title);
  if (what.meta)
    writer.encoded("meta", *what.meta);
  if (what.slow_mode)
    writer.number("slow_mode", *what.slow_mode);
  if (what.frozen)
    writer.flag("frozen", *what.frozen);
  if (what.rights)
    writer.encoded("permissions", encode_permissions(*what.rights));
  if (what.history)
    writer.text("history", to_string(*what.history));
  if (what.retention)
    writer.encoded("retention", encode_retention(*what.retention));
  return std::move(writer).take();
}

std::string encode_deleted(const conversation_id& conversation, sequence seq, timestamp at,
                           const user_id& by) {
  map_writer writer{"deleted"};
  writer.text("conversation", conversation.str())
      .number("seq", seq.value())
      .time("at", at)
      .text("by", by.str());
  return std::move(writer).take();
}

std::string encode_edited(sequence seq, timestamp at, const user_id& by, const edit_message& what) {
  map_writer writer = event("edited", what.conversation, seq, at);
  writer.number("message", what.message).text("by", by.str()).text("body", what.body);
  if (what.mentions)
    writer.encoded("mentions", encode_user_list(*what.mentions));
  return std::move(writer).take();
}

std::string encode_erased(const conversation_id& conversation, sequence seq, timestamp at,
                          sequence message, const user_id& by, bool expired) {
  map_writer writer = event("deleted", conversation, seq, at);
  writer.number("message", message.value()).text("by", by.str());
  if (expired)
    writer.flag("expired", true);
  return std::move(writer).take();
}

std::string encode_reaction(sequence seq, timestamp at, const user_id& user, const react& what) {
  map_writer writer = event("reaction", what.conversation, seq, at);
  writer.number("message", what.message).text("user", user.str()).text("emoji", what.emoji);
  if (what.remove.value_or(false))
    writer.flag("removed", true);
  return std::move(writer).take();
}

std::string encode_pinned(sequence seq, timestamp at, const user_id& by, const pin_message& what) {
  map_writer writer = event("pinned", what.conversation, seq, at);
  writer.number("message", what.message).text("by", by.str());
  if (what.remove.value_or(false))
    writer.flag("removed", true);
  return std::move(writer).take();
}

tombstone encode_message_tombstone(const conversation_id& conversation, sequence seq, timestamp at,
                                   const user_id& from) {
  map_writer writer = event("message", conversation, seq, at);
  writer.text("from", from.str()).flag("deleted", true);
  return {seq, std::move(writer).take()};
}

tombstone encode_edit_tombstone(const conversation_id& conversation, sequence message,
                                const message_edit& edit) {
  map_writer writer = event("edited", conversation, edit.seq, edit.at);
  writer.number("message", message.value()).text("by", edit.by.str()).flag("deleted", true);
  return {edit.seq, std::move(writer).take()};
}

std::string encode_sent(const reference& ref, const conversation_id& conversation,
                        const client_id& client, sequence seq, timestamp at) {
  if (std::holds_alternative<std::monostate>(ref))
    return {};
  map_writer writer{"sent", ref};
  writer.text("conversation", conversation.str())
      .text("client_id", client.str())
      .number("seq", seq.value())
      .time("at", at);
  return std::move(writer).take();
}

std::string encode_member_page(const reference& ref, const std::vector<member_facts>& items,
                               const std::optional<std::string>& cursor) {
  std::string list = array_header(items.size());
  for (const auto& each : items) {
    map_writer member;
    member.text("user", each.user.str())
        .text("role", to_string(each.as))
        .time("joined", each.joined_at);
    list += std::move(member).take();
  }
  map_writer writer{"members", ref};
  writer.encoded("items", list);
  if (cursor)
    writer.text("cursor", *cursor);
  return std::move(writer).take();
}

std::string encode_error(const reference& ref, const failure& why) {
  map_writer writer{"error", ref};
  writer.text("code", describe(why.code).name).text("message", text_for_clients(why));
  auto wait = why.retry_after;
  if (why.code == error_code::unavailable && !wait)
    wait = limits::retry_when_unavailable;
  if (wait)
    writer.number("retry_after_ms", static_cast<std::uint64_t>(wait->count()));
  return std::move(writer).take();
}

std::optional<error_code> code_of_error(std::string_view envelope) noexcept {
  constexpr std::string_view type{"\xa4type\xa5"
                                  "error"};
  constexpr std::string_view code{"\xa4"
                                  "code"};
  if (envelope.substr(std::min<std::size_t>(envelope.size(), 1), type.size()) != type)
    return std::nullopt;
  const std::size_t at = envelope.find(code, type.size());
  for (std::size_t i = 0; at != std::string_view::npos && i < error_code_count; ++i) {
    const std::string_view name = describe(static_cast<error_code>(i)).name;
    if (envelope.substr(at + code.size() + 1, name.size()) == name)
      return static_cast<error_code>(i);
  }
  return std::nullopt;
}

std::string encode_ok(const reference& ref, sequence seq) {
  if (std::holds_alternative<std::monostate>(ref))
    return {};
  map_writer writer{"ok", ref};
  if (seq.value() > 0)
    writer.number("seq", seq.value());
  return std::move(writer).take();
}

std::string encode_page(const reference& ref, const conversation_id& conversation,
                        const std::vector<stored_event>& events, bool more, std::uint64_t thread) {
  std::string list = array_header(events.size());
  for (const auto& each : events)
    list += each.bytes;
  map_writer writer{"page", ref};
  writer.text("conversation", conversation.str())
      .encoded("events", list)
      .number("first", events.empty() ? 0 : events.front().seq.value())
      .number("last", events.empty() ? 0 : events.back().seq.value())
      .flag("more", more);
  if (thread > 0)
    writer.number("thread", thread);
  return std::move(writer).take();
}

std::string encode_list(const reference& ref, const conversation_list& list) {
  std::string items = array_header(list.items.size());
  for (const auto& item : list.items)
    items += encode_listed(item);
  map_writer writer{"conversations", ref};
  writer.encoded("items", items);
  if (list.cursor)
    writer.text("cursor", *list.cursor);
  return std::move(writer).take();
}

std::string encode_typing(const conversation_id& conversation, const user_id& user, bool active) {
  constexpr std::chrono::milliseconds longest = (limits::typing_ticks + 1) * limits::typing_tick;
  map_writer writer{"typing"};
  writer.text("conversation", conversation.str())
      .text("user", user.str())
      .flag("active", active)
      .number("expires_ms", active ? static_cast<std::uint64_t>(longest.count()) : 0);
  return std::move(writer).take();
}

std::string encode_receipt(const conversation_id& conversation, const receipt_facts& of,
                           const user_id& reader) {
  map_writer writer{"receipt"};
  writer.text("conversation", conversation.str())
      .text("user", of.user.str())
      .number("delivered", of.now.delivered.value())
      .number("read", (of.user == reader ? of.now.read : of.now.shown).value())
      .time("at", of.at);
  return std::move(writer).take();
}

std::string encode_preferences(const conversation_id& conversation, const preferences& kept) {
  map_writer writer{"settings"};
  writer.text("conversation", conversation.str());
  write_preferences(writer, kept);
  return std::move(writer).take();
}

std::string encode_hidden(const conversation_id& conversation, sequence message) {
  map_writer writer{"hidden"};
  writer.text("conversation", conversation.str()).number("message", message.value());
  return std::move(writer).take();
}

std::string encode_presence(const user_id& user, const presence_view& view) {
  map_writer writer{"presence"};
  writer.text("user", user.str()).text("status", to_string(view.status));
  if (!view.text.empty())
    writer.text("text", view.text);
  if (view.last_seen)
    writer.time("last_seen", *view.last_seen);
  return std::move(writer).take();
}

std::string encode_sessions(const reference& ref, const std::vector<session_facts>& items,
                            const session_address& current) {
  std::string list = array_header(items.size());
  for (const auto& each : items) {
    map_writer item;
    item.text("session", to_text(each.session))
        .text("device", each.device.str())
        .time("since", each.since)
        .flag("current", each.session == current);
    list += std::move(item).take();
  }
  map_writer writer{"sessions", ref};
  writer.encoded("items", list);
  return std::move(writer).take();
}

std::string encode_gap(const conversation_id& conversation, sequence from, sequence to) {
  map_writer writer{"gap"};
  writer.text("conversation", conversation.str())
      .number("from", from.value())
      .number("to", to.value());
  return std::move(writer).take();
}

std::string encode_cursor(envelope_type type, std::string_view cursor) {
  map_writer writer{type};
  writer.text("cursor", cursor);
  return std::move(writer).take();
}

std::string encode_bye(std::string_view reason,
                       std::optional<std::chrono::milliseconds> retry_after) {
  map_writer writer{"bye"};
  writer.text("reason", reason);
  if (retry_after)
    writer.number("retry_after_ms", static_cast<std::uint64_t>(retry_after->count()));
  return std::move(writer).take();
}

} // namespace parley
