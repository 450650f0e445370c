// Encodes what is said of how long things are kept.
#include <utility>

#include "actors/encoding.hpp"

namespace parley {

std::string encode_trimmed(const conversation_id& conversation, sequence before) {
  map_writer writer{"trimmed"};
  writer.text("conversation", conversation.str()).number("before", before.value());
  return std::move(writer).take();
}

std::string encode_retention(const retention_bounds& bounds) {
  map_writer writer;
  if (bounds.days > 0)
    writer.number("days", bounds.days);
  if (bounds.messages > 0)
    writer.number("messages", bounds.messages);
  return std::move(writer).take();
}

std::string encode_holds(const reference& ref, const hold_page& page) {
  std::string list = array_header(page.items.size());
  for (const auto& each : page.items) {
    map_writer item;
    item.text("conversation", each.conversation.str())
        .text("by", each.by.str())
        .time("at", each.at);
    list += std::move(item).take();
  }
  map_writer writer{"holds", ref};
  writer.encoded("items", list);
  if (page.cursor)
    writer.text("cursor", *page.cursor);
  return std::move(writer).take();
}

} // namespace parley
