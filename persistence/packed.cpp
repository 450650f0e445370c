// Writes and reads the MessagePack types of the specification's version 5 that rows use.
#include "persistence/packed.hpp"

#include <array>

namespace parley {

namespace {

// First bytes as the MessagePack specification names them.
enum tag : unsigned {
  fixmap = 0x80,
  fixarray = 0x90,
  fixstr = 0xa0,
  nil_tag = 0xc0,
  false_tag = 0xc2,
  true_tag = 0xc3,
  bin8 = 0xc4,
  bin16 = 0xc5,
  bin32 = 0xc6,
  ext8 = 0xc7,
  ext32 = 0xc9,
  float32 = 0xca,
  float64 = 0xcb,
  uint8 = 0xcc,
  uint16 = 0xcd,
  uint32 = 0xce,
  uint64 = 0xcf,
  int8 = 0xd0,
  int64 = 0xd3,
  fixext1 = 0xd4,
  fixext16 = 0xd8,
  str8 = 0xd9,
  str16 = 0xda,
  str32 = 0xdb,
  array16 = 0xdc,
  array32 = 0xdd,
  map16 = 0xde,
  map32 = 0xdf,
};

} // namespace

void packed_writer::tagged(unsigned tag, std::uint64_t value, std::size_t bytes) {
  std::array<char, 9> piece;
  piece[0] = static_cast<char>(tag);
  for (std::size_t i = bytes; i > 0; --i, value >>= 8)
    piece[i] = static_cast<char>(value);
  bytes_.append(piece.data(), bytes + 1);
}

packed_writer& packed_writer::array(std::size_t count) {
  if (count < 16) {
    byte(fixarray | static_cast<unsigned>(count));
  } else {
    tagged(array32, count, 4);
  }
  return *this;
}

packed_writer& packed_writer::number(std::uint64_t value) {
  if (value < 128) {
    byte(static_cast<unsigned>(value));
  } else if (value <= UINT16_MAX) {
    tagged(uint16, value, 2);
  } else if (value <= UINT32_MAX) {
    tagged(uint32, value, 4);
  } else {
    tagged(uint64, value, 8);
  }
  return *this;
}

packed_writer& packed_writer::integer(std::int64_t value) {
  if (value >= 0)
    return number(static_cast<std::uint64_t>(value));
  tagged(int64, static_cast<std::uint64_t>(value), 8);
  return *this;
}

packed_writer& packed_writer::text(std::string_view value) {
  if (value.size() < 32) {
    byte(fixstr | static_cast<unsigned>(value.size()));
  } else {
    tagged(str32, value.size(), 4);
  }
  bytes_.append(value);
  return *this;
}

packed_writer& packed_writer::binary(std::string_view value) {
  if (value.size() < 256) {
    tagged(bin8, value.size(), 1);
  } else {
    tagged(bin32, value.size(), 4);
  }
  bytes_.append(value);
  return *this;
}

packed_writer& packed_writer::nil() {
  byte(nil_tag);
  return *this;
}

void packed_reader::fail() noexcept {
  ok_ = false;
  rest_ = {};
}

unsigned packed_reader::take_tag() {
  if (rest_.empty()) {
    fail();
    return nil_tag;
  }
  const unsigned tag = peek();
  rest_.remove_prefix(1);
  return tag;
}

std::uint64_t packed_reader::take_big_endian(std::size_t bytes) {
  std::uint64_t value = 0;
  for (char each : take_bytes(bytes))
    value = (value << 8) | static_cast<unsigned char>(each);
  return value;
}

std::string_view packed_reader::take_bytes(std::uint64_t count) {
  if (count > rest_.size()) {
    fail();
    return {};
  }
  const auto taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

// Each element takes at least one byte, so a larger count is a lie.
std::size_t packed_reader::counted(std::uint64_t count, std::size_t each) {
  if (count * each > rest_.size()) {
    fail();
    return 0;
  }
  return count;
}

std::size_t packed_reader::array() {
  const unsigned tag = take_tag();
  if ((tag & 0xf0) == fixarray)
    return counted(tag & 0x0f, 1);
  if (tag == array16 || tag == array32)
    return counted(take_big_endian(tag == array16 ? 2 : 4), 1);
  fail();
  return 0;
}

std::size_t packed_reader::map() {
  const unsigned tag = take_tag();
  if ((tag & 0xf0) == fixmap)
    return counted(tag & 0x0f, 2);
  if (tag == map16 || tag == map32)
    return counted(take_big_endian(tag == map16 ? 2 : 4), 2);
  fail();
  return 0;
}

std::uint64_t packed_reader::number() {
  const unsigned tag = take_tag();
  if (tag < 0x80)
    return tag;
  if (tag >= uint8 && tag <= uint64)
    return take_big_endian(std::size_t{1} << (tag - uint8));
  fail();
  return 0;
}

std::int64_t packed_reader::integer() {
  if (rest_.empty() || peek() != int64)
    return static_cast<std::int64_t>(number());
  take_tag();
  return static_cast<std::int64_t>(take_big_endian(8));
}

std::string_view packed_reader::text() {
  const unsigned tag = take_tag();
  if ((tag & 0xe0) == fixstr)
    return take_bytes(tag & 0x1f);
  if (tag >= str8 && tag <= str32)
    return take_bytes(take_big_endian(std::size_t{1} << (tag - str8)));
  fail();
  return {};
}

std::string_view packed_reader::binary() {
  const unsigned tag = take_tag();
  if (tag >= bin8 && tag <= bin32)
    return take_bytes(take_big_endian(std::size_t{1} << (tag - bin8)));
  fail();
  return {};
}

bool packed_reader::nil() {
  if (rest_.empty() || peek() != nil_tag)
    return false;
  rest_.remove_prefix(1);
  return true;
}

// Counts what is still to pass over instead of recursing, so that depth costs no stack.
void packed_reader::skip() {
  for (std::uint64_t left = 1; left > 0 && ok_; --left)
    left += skip_one();
}

// Passes over one value, or a container's header; returns how many values the container holds.
std::uint64_t packed_reader::skip_one() {
  const unsigned tag = take_tag();
  if (tag < fixmap || tag >= 0xe0)
    return 0;
  if (tag < fixarray)
    return counted(2 * (tag & 0x0fu), 1);
  if (tag < fixstr)
    return counted(tag & 0x0fu, 1);
  if (tag < nil_tag) {
    take_bytes(tag & 0x1f);
    return 0;
  }
  return skip_tagged(tag);
}

std::uint64_t packed_reader::skip_tagged(unsigned tag) {
  if (tag >= bin8 && tag <= bin32)
    take_bytes(take_big_endian(std::size_t{1} << (tag - bin8)));
  else if (tag >= str8 && tag <= str32)
    take_bytes(take_big_endian(std::size_t{1} << (tag - str8)));
  else if (tag >= ext8 && tag <= ext32)
    take_bytes(take_big_endian(std::size_t{1} << (tag - ext8)) + 1);
  else if (tag == float32 || tag == float64)
    take_bytes(tag == float32 ? 4 : 8);
  else if (tag >= uint8 && tag <= uint64)
    take_bytes(std::size_t{1} << (tag - uint8));
  else if (tag >= int8 && tag <= int64)
    take_bytes(std::size_t{1} << (tag - int8));
  else if (tag >= fixext1 && tag <= fixext16)
    take_bytes((std::size_t{1} << (tag - fixext1)) + 1);
  else if (tag == array16 || tag == array32)
    return counted(take_big_endian(tag == array16 ? 2 : 4), 1);
  else if (tag == map16 || tag == map32)
    return counted(2 * take_big_endian(tag == map16 ? 2 : 4), 1);
  else if (tag != nil_tag && tag != false_tag && tag != true_tag)
    fail();
  return 0;
}

std::string_view packed_reader::raw() {
  const std::string_view before = rest_;
  skip();
  return ok_ ? before.substr(0, before.size() - rest_.size()) : std::string_view{};
}

void pack_mentions(packed_writer& to, const mentioned& who) {
  to.array(1 + who.users.size()).number(who.everyone ? 1 : 0);
  for (const auto& each : who.users)
    to.text(each.str());
}

mentioned unpack_mentions(packed_reader& from) {
  mentioned who;
  const std::size_t count = from.array();
  who.everyone = from.number() != 0;
  for (std::size_t i = 1; i < count && from.ok(); ++i)
    who.users.emplace_back(std::string(from.text()));
  return who;
}

namespace {

void pack_spans(packed_writer& to, const std::optional<std::vector<std::string>>& quiet) {
  if (!quiet) {
    to.nil();
    return;
  }
  to.array(quiet->size());
  for (const auto& each : *quiet)
    to.text(each);
}

std::optional<std::vector<std::string>> unpack_spans(packed_reader& from) {
  if (from.nil())
    return std::nullopt;
  std::vector<std::string> spans;
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i)
    spans.emplace_back(from.text());
  return spans;
}

notify_level notify_level_of(packed_reader& from) {
  const auto value = from.number();
  if (value > static_cast<std::uint64_t>(notify_level::none))
    from.fail();
  return from.ok() ? static_cast<notify_level>(value) : notify_level{};
}

void pack_switch(packed_writer& to, const std::optional<bool>& value) {
  value ? to.number(*value ? 1 : 0) : to.nil();
}

std::optional<bool> unpack_switch(packed_reader& from) {
  if (from.nil())
    return {};
  return from.number() != 0;
}

} // namespace

void pack_preferences(packed_writer& to, const preferences& kept) {
  if (kept == preferences{}) {
    to.nil();
    return;
  }
  to.array(6);
  pack_switch(to, kept.archived);
  kept.muted_until ? to.number(*kept.muted_until) : to.nil();
  pack_switch(to, kept.pinned);
  kept.notify ? to.number(static_cast<std::uint64_t>(*kept.notify)) : to.nil();
  pack_spans(to, kept.quiet);
  pack_switch(to, kept.hidden);
}

preferences unpack_preferences(packed_reader& from) {
  preferences kept;
  if (from.nil())
    return kept;
  expect(from, 6);
  kept.archived = unpack_switch(from);
  if (!from.nil())
    kept.muted_until = from.number();
  kept.pinned = unpack_switch(from);
  if (!from.nil())
    kept.notify = notify_level_of(from);
  kept.quiet = unpack_spans(from);
  kept.hidden = unpack_switch(from);
  return kept;
}

void pack_notification_settings(packed_writer& to, const notification_settings& what) {
  if (what == notification_settings{}) {
    to.nil();
    return;
  }
  const bool switches = what.typing || what.last_seen || what.receipts;
  to.array(switches ? 5 : 4);
  what.notify ? to.number(static_cast<std::uint64_t>(*what.notify)) : to.nil();
  what.quiet_until ? to.number(*what.quiet_until) : to.nil();
  pack_spans(to, what.quiet);
  what.zone ? to.text(*what.zone) : to.nil();
  if (switches) {
    to.array(3);
    pack_switch(to, what.typing);
    pack_switch(to, what.last_seen);
    pack_switch(to, what.receipts);
  }
}

notification_settings unpack_notification_settings(packed_reader& from) {
  notification_settings what;
  if (from.nil())
    return what;
  const std::size_t fields = from.array();
  if (fields != 4 && fields != 5)
    from.fail();
  if (!from.nil())
    what.notify = notify_level_of(from);
  if (!from.nil())
    what.quiet_until = from.number();
  what.quiet = unpack_spans(from);
  if (!from.nil())
    what.zone = std::string(from.text());
  if (fields == 5) {
    expect(from, 3);
    what.typing = unpack_switch(from);
    what.last_seen = unpack_switch(from);
    what.receipts = unpack_switch(from);
  }
  return what;
}

void pack_profile(packed_writer& to, const user_profile& what) {
  to.array(4).text(what.name).text(what.avatar).text(what.text).integer(to_wire(what.at));
}

user_profile unpack_profile(packed_reader& from) {
  user_profile what;
  expect(from, 4);
  what.name = std::string(from.text());
  what.avatar = std::string(from.text());
  what.text = std::string(from.text());
  what.at = timestamp{std::chrono::milliseconds{from.integer()}};
  return what;
}

void pack_permissions(packed_writer& to, const permissions& rights) {
  to.array(right_count);
  for (const auto& least : rights.least)
    to.number(least ? static_cast<std::uint64_t>(*least) + 1 : 0);
}

permissions unpack_permissions(packed_reader& from) {
  permissions rights;
  expect(from, right_count);
  for (auto& least : rights.least) {
    const auto number = from.number();
    if (number > static_cast<std::uint64_t>(role::reader) + 1)
      from.fail();
    else if (number > 0)
      least = static_cast<role>(number - 1);
  }
  return rights;
}

void pack_answer(packed_writer& to, const raw_fields& answer) {
  if (answer.count == 0)
    to.nil();
  else
    to.array(2).number(answer.count).binary(answer.bytes);
}

raw_fields unpack_answer(packed_reader& from) {
  if (from.nil())
    return {};
  expect(from, 2);
  const auto count = from.number();
  if (count == 0 || count > UINT32_MAX)
    from.fail();
  const auto bytes = from.binary();
  return {static_cast<std::uint32_t>(count), std::string(bytes)};
}

void pack_file(packed_writer& to, const file_facts& what) {
  to.array(5).text(what.file.str());
  what.name.empty() ? to.nil() : to.text(what.name);
  to.text(what.type).number(what.size).binary(view_of(what.sha256));
}

file_facts unpack_file(packed_reader& from) {
  file_facts what;
  expect(from, 5);
  what.file = file_id{std::string(from.text())};
  if (!from.nil())
    what.name = std::string(from.text());
  what.type = std::string(from.text());
  what.size = from.number();
  const auto sum = from.binary();
  if (sum.size() == what.sha256.size())
    std::copy(sum.begin(), sum.end(), what.sha256.begin());
  else
    from.fail();
  return what;
}

} // namespace parley
