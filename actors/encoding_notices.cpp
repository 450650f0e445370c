// Encodes what is said of notifications.
#include <utility>

#include <msgpack.hpp>

#include "actors/encoding.hpp"

namespace parley {

std::string encode_notification(const record& of, const notice& what) {
  map_writer writer{"notification"};
  writer.text("conversation", of.conversation.str())
      .number("seq", of.seq.value())
      .time("at", of.at)
      .number("unread", what.unread)
      .number("mentions", what.mentions)
      .number("count", what.count);
  if (!what.title.empty())
    writer.text("title", what.title);
  if (what.quiet)
    writer.flag("quiet", true);
  if (what.joined)
    writer.flag("joined", true);
  return std::move(writer).take();
}

std::string encode_dismissed(const std::optional<conversation_id>& conversation) {
  map_writer writer{"dismissed"};
  if (conversation)
    writer.text("conversation", conversation->str());
  return std::move(writer).take();
}

std::string encode_notification_settings(const reference& ref, const notification_settings& what) {
  map_writer writer{"preferences", ref};
  if (what.notify)
    writer.text("notify", to_string(*what.notify));
  if (what.quiet_until)
    writer.number("quiet_until", *what.quiet_until);
  if (what.quiet)
    writer.texts("quiet", *what.quiet);
  if (what.zone)
    writer.text("zone", *what.zone);
  if (what.typing)
    writer.flag("typing", *what.typing);
  if (what.last_seen)
    writer.flag("last_seen", *what.last_seen);
  if (what.receipts)
    writer.flag("receipts", *what.receipts);
  return std::move(writer).take();
}

namespace {

void fill_notification(map_writer& item, const listed_notification& what) {
  item.text("conversation", what.conversation.str())
      .text("kind", to_string(what.kind))
      .number("seq", what.seq.value())
      .time("at", what.at)
      .number("unread", what.unread)
      .number("mentions", what.mentions)
      .number("count", what.count);
  if (!what.title.empty())
    item.text("title", what.title);
  if (what.joined)
    item.flag("joined", true);
  if (what.quiet)
    item.flag("quiet", true);
  if (what.seen)
    item.flag("seen", true);
  if (!what.last_message.empty())
    item.encoded("last", what.last_message);
}

} // namespace

std::string encode_notification_of(const user_id& user, const listed_notification& what) {
  map_writer writer{"notification"};
  writer.text("user", user.str());
  fill_notification(writer, what);
  return std::move(writer).take();
}

std::string encode_joined_notifications(const user_id& user, const joined_notices& what) {
  map_writer writer{"notifications"};
  writer.text("user", user.str())
      .number("conversations", what.conversations)
      .number("count", what.count)
      .number("unread", what.unread)
      .number("mentions", what.mentions)
      .time("at", what.at);
  if (what.quiet)
    writer.flag("quiet", true);
  return std::move(writer).take();
}

std::string encode_withdrawn(const user_id& user, const conversation_id& conversation) {
  map_writer writer{"withdrawn"};
  writer.text("user", user.str());
  if (!conversation.empty())
    writer.text("conversation", conversation.str());
  return std::move(writer).take();
}

std::string encode_notifications(const reference& ref, const notification_page& page) {
  std::string items = array_header(page.items.size());
  for (const auto& each : page.items) {
    map_writer item;
    fill_notification(item, each);
    items += std::move(item).take();
  }
  map_writer writer{"notifications", ref};
  writer.encoded("items", items).number("unseen", page.unseen);
  if (page.cursor)
    writer.text("cursor", *page.cursor);
  return std::move(writer).take();
}

} // namespace parley
