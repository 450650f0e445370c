// Spells what is said of exports.
#include "actors/export_receipts.hpp"

#include <memory>
#include <utility>

#include "actors/encoding.hpp"

namespace parley {

namespace {

/// Digits of a time in milliseconds, so that ids sort as they were made.
constexpr std::size_t digits_of_time = 12;
/// Bytes of chance behind it.
constexpr std::size_t chance_bytes = 10;

std::string_view to_what(const export_receipt& what) {
  return what.user.empty() ? "conversation" : "user";
}

map_writer begin_receipt(const export_receipt& what) {
  map_writer map{"export"};
  map.text("export", what.id);
  if (!what.by.empty())
    map.text("by", what.by.str());
  map.text("as", what.as_reader ? "reader" : "administrator").text("what", to_what(what));
  if (what.user.empty())
    map.text("conversation", what.conversation.str());
  else
    map.text("user", what.user.str());
  map.time("begun_at", what.begun_at).time("done_at", what.done_at);
  map.number("position", what.until.value()).number("conversations", what.conversations);
  map.number("events", what.events).number("messages", what.messages);
  map.number("files", what.files).number("entries", what.entries).number("bytes", what.bytes);
  std::string ranges = array_header(what.ranges.size());
  for (const auto& each : what.ranges)
    ranges += encode_export_range(each);
  map.encoded("ranges", ranges);
  return map;
}

} // namespace

std::string export_receipt_id(timestamp now, std::string_view chance) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto left = static_cast<std::uint64_t>(to_wire(now));
  std::string time(digits_of_time, '0');
  for (auto each = time.rbegin(); each != time.rend(); ++each, left >>= 4)
    *each = digits[left & 15];
  return time + hex(digest_of({"export", chance}), chance_bytes);
}

std::string encode_export_receipt(const export_receipt& what) {
  map_writer map = begin_receipt(what);
  map.text("sha256", hex(what.sha256, what.sha256.size()));
  return std::move(map).take();
}

std::string encode_export_receipt(const export_receipt& what,
                                  const std::vector<export_checksum>& of_entries) {
  map_writer map = begin_receipt(what);
  std::string sums = array_header(of_entries.size());
  for (const auto& each : of_entries)
    sums += encode_export_checksum(each);
  map.encoded("checksums", sums);
  return std::move(map).take();
}

std::string encode_export_range(const export_range& what) {
  map_writer map;
  map.text("conversation", what.conversation.str()).number("first", what.first.value());
  map.number("last", what.last.value()).number("messages", what.messages);
  return std::move(map).take();
}

std::string encode_export_checksum(const export_checksum& what) {
  map_writer map;
  map.text("entry", what.entry).number("bytes", what.bytes);
  map.text("sha256", hex(what.sha256, what.sha256.size()));
  return std::move(map).take();
}

record_ptr record_of_export(std::string receipt, timestamp at) {
  auto made = std::make_shared<record>();
  made->kind = record_kind::exported;
  made->at = at;
  made->event = std::move(receipt);
  return made;
}

record_ptr record_of_export(const export_receipt& what) {
  return record_of_export(encode_export_receipt(what), what.done_at);
}

} // namespace parley
