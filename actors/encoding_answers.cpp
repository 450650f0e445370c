// Encodes answers about messages: who has one, what it said, who reacted, what a search found.
#include <utility>

#include <msgpack.hpp>

#include "actors/encoding.hpp"

namespace parley {

namespace {

std::string encode_marks(const std::vector<std::pair<std::size_t, std::size_t>>& marks) {
  msgpack::sbuffer bytes;
  msgpack::pack(bytes, marks);
  return {bytes.data(), bytes.size()};
}

/// What was asked about one message, and a page of the answer.
template <class Question>
map_writer write_items(envelope_type type, const reference& ref, const Question& asked,
                       const std::string& items, const std::optional<std::string>& cursor) {
  map_writer writer{type, ref};
  writer.text("conversation", asked.conversation.str())
      .number("message", asked.message)
      .encoded("items", items);
  if (cursor)
    writer.text("cursor", *cursor);
  return writer;
}

template <class Question>
std::string encode_items(envelope_type type, const reference& ref, const Question& asked,
                         const std::string& items, const std::optional<std::string>& cursor) {
  return write_items(type, ref, asked, items, cursor).take();
}

void write_invitation(map_writer& to, const listed_invitation& what) {
  to.text("conversation", what.conversation.str()).text("kind", to_string(what.kind));
  if (!what.title.empty())
    to.text("title", what.title);
  to.text("role", to_string(what.offered.as))
      .text("by", what.offered.by.str())
      .time("at", what.offered.at);
}

} // namespace

std::string encode_receipts(const reference& ref, const get_receipts& asked,
                            const receipt_page& page) {
  std::string items = array_header(page.items.size());
  for (const auto& each : page.items) {
    map_writer item;
    item.text("user", each.user.str()).time("delivered_at", each.delivered_at);
    if (each.read_at)
      item.time("read_at", *each.read_at);
    items += std::move(item).take();
  }
  map_writer writer = write_items("receipts", ref, asked, items, page.cursor);
  if (page.counts) {
    map_writer counts;
    counts.number("delivered", page.counts->delivered)
        .number("read", page.counts->read)
        .number("of", page.counts->of);
    writer.encoded("counts", std::move(counts).take());
  }
  return std::move(writer).take();
}

std::string encode_device_cursors(const std::vector<device_receipt>& devices) {
  std::string items = array_header(devices.size());
  for (const auto& each : devices) {
    map_writer item;
    item.text("device", each.device.str())
        .number("delivered", each.delivered.value())
        .number("read", each.read.value())
        .time("at", each.at);
    items += std::move(item).take();
  }
  return items;
}

std::string encode_devices(const reference& ref, const get_devices& asked,
                           const member_cursors& cursors) {
  map_writer writer{"devices", ref};
  writer.text("conversation", asked.conversation.str())
      .number("delivered", cursors.now.delivered.value())
      .number("read", cursors.now.read.value())
      .number("shown", cursors.now.shown.value())
      .encoded("items", encode_device_cursors(cursors.devices));
  return std::move(writer).take();
}

std::string encode_versions(const reference& ref, const get_versions& asked,
                            const version_page& page) {
  std::string items = array_header(page.items.size());
  for (const auto& each : page.items) {
    map_writer item;
    item.number("seq", each.seq.value())
        .text("by", each.by.str())
        .time("at", each.at)
        .text("body", each.body);
    items += std::move(item).take();
  }
  return encode_items("versions", ref, asked, items, page.cursor);
}

std::string encode_reactions(const reference& ref, const get_reactions& asked,
                             const reaction_page& page) {
  std::string items = array_header(page.items.size());
  for (const auto& each : page.items) {
    map_writer item;
    item.text("emoji", each.emoji).text("user", each.user.str());
    items += std::move(item).take();
  }
  return encode_items("reactions", ref, asked, items, page.cursor);
}

std::string encode_erasure(const reference& ref, const get_erasure& asked,
                           const erasure_facts& facts) {
  map_writer writer{"erasure", ref};
  writer.text("conversation", asked.conversation.str())
      .number("message", asked.message)
      .text("from", facts.from.str())
      .number("seq", facts.seq.value())
      .text("by", facts.by.str())
      .time("at", facts.at)
      .number("versions", facts.versions);
  if (facts.files > 0)
    writer.number("files", facts.files);
  if (facts.expired)
    writer.flag("expired", true);
  if (facts.compacted_at)
    writer.time("compacted_at", *facts.compacted_at);
  return std::move(writer).take();
}

std::string encode_thread_read(const conversation_id& conversation, sequence message,
                               sequence seq) {
  map_writer writer{"thread_read"};
  writer.text("conversation", conversation.str())
      .number("message", message.value())
      .number("seq", seq.value());
  return std::move(writer).take();
}

std::string encode_blocked(const user_id& user, bool removed) {
  map_writer writer{"blocked"};
  writer.text("user", user.str());
  if (removed)
    writer.flag("removed", true);
  return std::move(writer).take();
}

std::string encode_blocks(const reference& ref, const block_page& page) {
  std::string items = array_header(page.items.size());
  for (const auto& each : page.items) {
    map_writer item;
    item.text("user", each.user.str()).time("at", each.at);
    items += std::move(item).take();
  }
  map_writer writer{"blocks", ref};
  writer.encoded("items", items);
  if (page.cursor)
    writer.text("cursor", *page.cursor);
  return std::move(writer).take();
}

std::string encode_invitation(const listed_invitation& what) {
  map_writer writer{"invitation"};
  write_invitation(writer, what);
  return std::move(writer).take();
}

std::string encode_invitation_over(const conversation_id& conversation) {
  map_writer writer{"invitation_over"};
  writer.text("conversation", conversation.str());
  return std::move(writer).take();
}

std::string encode_invitations(const reference& ref, const invitation_page& page) {
  std::string items = array_header(page.items.size());
  for (const auto& each : page.items) {
    map_writer item;
    write_invitation(item, each);
    items += std::move(item).take();
  }
  map_writer writer{"invitations", ref};
  writer.encoded("items", items);
  if (page.cursor)
    writer.text("cursor", *page.cursor);
  return std::move(writer).take();
}

std::string encode_invited_page(const reference& ref, const std::vector<invitation>& items,
                                const std::optional<std::string>& cursor) {
  std::string list = array_header(items.size());
  for (const auto& each : items) {
    map_writer item;
    item.text("user", each.user.str())
        .text("role", to_string(each.as))
        .text("by", each.by.str())
        .time("at", each.at);
    list += std::move(item).take();
  }
  map_writer writer{"invited", ref};
  writer.encoded("items", list);
  if (cursor)
    writer.text("cursor", *cursor);
  return std::move(writer).take();
}

std::string encode_totals(const reference& ref, const unread_totals& totals) {
  const auto write = [](map_writer& to, const unread_sum& what) {
    to.number("conversations", what.conversations)
        .number("unread", what.unread)
        .number("mentions", what.mentions);
  };
  map_writer writer{"totals", ref};
  write(writer, totals.at_hand);
  map_writer archived;
  write(archived, totals.archived);
  writer.encoded("archived", std::move(archived).take());
  return std::move(writer).take();
}

std::string encode_pins(const reference& ref, const conversation_id& conversation,
                        const std::vector<pinned_message>& items) {
  std::string list = array_header(items.size());
  for (const auto& each : items) {
    map_writer item;
    item.number("message", each.message.value()).text("by", each.by.str()).time("at", each.at);
    list += std::move(item).take();
  }
  map_writer writer{"pins", ref};
  writer.text("conversation", conversation.str()).encoded("items", list);
  return std::move(writer).take();
}

std::string encode_restrictions(const reference& ref, const conversation_id& conversation,
                                const std::vector<restriction>& items) {
  std::string list = array_header(items.size());
  for (const auto& each : items) {
    map_writer item;
    item.text("user", each.user.str())
        .number("banned_until", each.banned_until)
        .number("silent_until", each.silent_until);
    list += std::move(item).take();
  }
  map_writer writer{"restrictions", ref};
  writer.text("conversation", conversation.str()).encoded("items", list);
  return std::move(writer).take();
}

std::string encode_results(const reference& ref, const search_results& found) {
  std::string hits = array_header(found.hits.size());
  for (const auto& each : found.hits) {
    map_writer hit;
    hit.text("conversation", each.conversation.str())
        .number("seq", each.seq.value())
        .text("from", each.from.str())
        .time("at", each.at)
        .text("snippet", each.snippet)
        .encoded("marks", encode_marks(each.marks));
    hits += std::move(hit).take();
  }
  map_writer writer{"results", ref};
  writer.encoded("hits", hits);
  writer.text("order", to_string(found.order));
  if (found.cursor)
    writer.text("cursor", *found.cursor);
  return std::move(writer).take();
}

} // namespace parley
