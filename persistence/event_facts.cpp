// Reads events key by key, since keys may come in any order.
#include "persistence/event_facts.hpp"

#include <utility>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "persistence/packed.hpp"

namespace parley {

namespace {

std::vector<user_id> users_in(packed_reader& from) {
  std::vector<user_id> users;
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i)
    users.emplace_back(std::string(from.text()));
  return users;
}

std::vector<file_id> files_in(packed_reader& from) {
  std::vector<file_id> files;
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    const std::size_t keys = from.map();
    for (std::size_t each = 0; each < keys && from.ok(); ++each)
      if (from.text() == "file")
        files.emplace_back(std::string(from.text()));
      else
        from.skip();
  }
  return files;
}

std::string encode_reactions(const std::vector<shown_reaction>& reactions) {
  map_writer all;
  for (const auto& each : reactions) {
    map_writer one;
    one.number("count", each.count).flag("mine", each.mine);
    all.encoded(each.emoji, std::move(one).take());
  }
  return std::move(all).take();
}

std::string encode_thread_summary(const message_row& of, sequence read) {
  map_writer writer;
  writer.number("count", of.replies)
      .number("last", of.last_reply.value())
      .encoded("participants", encode_user_list(of.participants));
  if (read.value() > 0)
    writer.number("read", read.value());
  return std::move(writer).take();
}

} // namespace

std::optional<event_facts> facts_of(std::string_view event) {
  packed_reader reader{event};
  event_facts facts;
  const std::size_t count = reader.map();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const auto name = reader.text();
    if (name == "conversation")
      facts.conversation = reader.text();
    else if (name == "seq")
      facts.seq = reader.number();
    else if (name == "at")
      facts.at = timestamp{std::chrono::milliseconds{reader.integer()}};
    else if (name == "from")
      facts.from = reader.text();
    else if (name == "client_id")
      facts.client = reader.text();
    else if (name == "mentions")
      facts.mentions = users_in(reader);
    else if (name == "body")
      facts.body = reader.text();
    else if (name == "message")
      facts.message = reader.number();
    else if (name == "reply_to")
      facts.reply_to = reader.number();
    else if (name == "thread")
      facts.thread = reader.number();
    else if (name == "expires_at")
      facts.expires_at = static_cast<std::uint64_t>(reader.integer());
    else if (name == "by")
      facts.by = reader.text();
    else if (name == "files")
      facts.files = files_in(reader);
    else if (name == "expired") {
      reader.skip();
      facts.expired = true;
    } else
      reader.skip();
  }
  return reader.done() ? std::optional{std::move(facts)} : std::nullopt;
}

std::optional<std::string> restated(std::string_view event, const message_row& now,
                                    const std::vector<shown_reaction>& reactions,
                                    std::string_view preview, sequence thread_read) {
  packed_reader reader{event};
  map_writer writer;
  const std::size_t count = reader.map();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const auto name = reader.text();
    const auto value = reader.raw();
    if (now.body && name == "body")
      writer.text(name, *now.body);
    else if (!now.mentioning || name != "mentions")
      writer.encoded(name, value);
  }
  if (!reader.done())
    return std::nullopt;
  if (now.body) {
    if (now.mentioning && !now.mentioning->empty())
      writer.encoded("mentions", encode_user_list(*now.mentioning));
    writer.time("edited_at", now.edited_at).number("edits", now.edits.size());
  }
  if (!reactions.empty())
    writer.encoded("reactions", encode_reactions(reactions));
  if (now.replies > 0)
    writer.encoded("replies", encode_thread_summary(now, thread_read));
  if (!preview.empty())
    writer.encoded("reply", preview);
  return std::move(writer).take();
}

std::optional<std::string> left_of_edit(const event_row& row, sequence seen_from) {
  if (row.kind != record_kind::edited || seen_from.value() == 0)
    return std::nullopt;
  const auto facts = facts_of(row.event);
  if (!facts || !facts->body || facts->message >= seen_from.value())
    return std::nullopt;
  const message_edit edit{sequence{facts->seq}, user_id{std::string(facts->by)}, facts->at};
  return encode_edit_tombstone(conversation_id{std::string(facts->conversation)},
                               sequence{facts->message}, edit)
      .event;
}

std::optional<std::string> left_of_reaction(std::string_view event) {
  packed_reader reader{event};
  map_writer writer;
  bool says_how = false;
  const std::size_t count = reader.map();
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    const auto name = reader.text();
    const auto value = reader.raw();
    if (name == "emoji" || name == "removed")
      says_how = true;
    else
      writer.encoded(name, value);
  }
  if (!reader.done() || !says_how)
    return std::nullopt;
  writer.flag("deleted", true);
  return std::move(writer).take();
}

std::string encode_preview(sequence message, const user_id& from, std::string_view body) {
  std::size_t characters = 0;
  std::size_t end = 0;
  for (; end < body.size(); ++end)
    if ((static_cast<unsigned char>(body[end]) & 0xc0) != 0x80 &&
        ++characters > limits::preview_characters)
      break;
  std::string shown{body.substr(0, end)};
  if (end < body.size())
    shown += "…";
  map_writer writer;
  writer.number("message", message.value()).text("from", from.str()).text("body", shown);
  return std::move(writer).take();
}

std::string encode_deleted_preview(sequence message, const user_id& from) {
  map_writer writer;
  writer.number("message", message.value()).text("from", from.str()).flag("deleted", true);
  return std::move(writer).take();
}

} // namespace parley
