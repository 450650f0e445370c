// One MessagePack array per record; decoding checks everything before it believes anything.
#include "persistence/record_codec.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "persistence/checksum.hpp"
#include "persistence/packed.hpp"

namespace parley {

namespace {

constexpr std::size_t header_bytes = 1 + checksum_bytes;
constexpr std::size_t record_fields = 17;
constexpr std::size_t change_fields = 6;

failure malformed(std::string_view what) {
  return {error_code::internal, "a batch of the log " + std::string(what), {}};
}

// --- Writing -------------------------------------------------------------------------------------

// The scope and the sender are nearly always the conversation and the actor: then they are nil.
void pack_key(packed_writer& to, const record& what) {
  if (!what.key) {
    to.nil();
    return;
  }
  to.array(5);
  what.key->scope == what.conversation ? to.nil() : to.text(what.key->scope.str());
  what.key->sender == what.actor ? to.nil() : to.text(what.key->sender.str());
  to.text(what.key->client.str()).binary(view_of(what.content));
  pack_answer(to, what.answer);
}

void pack_members(packed_writer& to, const std::vector<membership>& members) {
  to.array(members.size());
  for (const auto& each : members)
    to.array(2).text(each.user.str()).number(static_cast<std::uint64_t>(each.as));
}

void pack_creation(packed_writer& to, const record& what) {
  if (!what.created) {
    to.nil();
    return;
  }
  to.array(2).number(static_cast<std::uint64_t>(what.created->kind)).text(what.created->title);
}

void pack_settings(packed_writer& to, const settings_change& what) {
  if (what == settings_change{}) {
    to.nil();
    return;
  }
  to.array(7);
  what.title ? to.text(*what.title) : to.nil();
  what.meta ? to.binary(*what.meta) : to.nil();
  what.slow_mode ? to.number(*what.slow_mode) : to.nil();
  what.frozen ? to.number(*what.frozen ? 1 : 0) : to.nil();
  if (what.rights)
    pack_permissions(to, *what.rights);
  else
    to.nil();
  what.history ? to.number(static_cast<std::uint64_t>(*what.history)) : to.nil();
  if (what.retention)
    to.array(2).number(what.retention->days).number(what.retention->messages);
  else
    to.nil();
}

void pack_restriction(packed_writer& to, const std::optional<restriction>& what) {
  if (what)
    to.array(3).text(what->user.str()).number(what->banned_until).number(what->silent_until);
  else
    to.nil();
}

void pack_receipts(packed_writer& to, const std::vector<member_receipt>& moves) {
  to.array(moves.size());
  for (const auto& each : moves) {
    to.array(5)
        .text(each.user.str())
        .number(each.now.delivered.value())
        .number(each.now.read.value())
        .number(each.now.shown.value())
        .array(each.devices.size());
    for (const auto& device : each.devices)
      to.array(3)
          .text(device.device.str())
          .number(device.delivered.value())
          .number(device.read.value());
  }
}

void pack_change(packed_writer& to, const record& what) {
  if (!what.change) {
    to.nil();
    return;
  }
  const message_change& change = *what.change;
  to.array(change_fields).number(change.message.value()).text(change.author.str());
  pack_mentions(to, change.before);
  to.array(change.tombstones.size());
  for (const auto& each : change.tombstones)
    to.array(2).number(each.seq.value()).binary(each.event);
  to.text(change.emoji).number(change.removed ? 1 : 0);
}

bool changes_members_or_settings(const record& what) {
  return !what.joined.empty() || what.left || what.created || !what.roles.empty() ||
         what.settings != settings_change{} || what.restricted;
}

void pack_members_and_settings(packed_writer& to, const record& what) {
  if (!changes_members_or_settings(what)) {
    to.nil();
    return;
  }
  to.array(6);
  pack_members(to, what.joined);
  what.left ? to.text(what.left->str()) : to.nil();
  pack_creation(to, what);
  pack_members(to, what.roles);
  pack_settings(to, what.settings);
  pack_restriction(to, what.restricted);
}

void pack_told(packed_writer& to, const record& what) {
  if (!what.told) {
    to.nil();
    return;
  }
  const notification_change& told = *what.told;
  to.array(told.profile ? 5 : 4).array(told.notices.size());
  for (const auto& each : told.notices)
    to.array(7)
        .text(each.user.str())
        .number(each.unread)
        .number(each.mentions)
        .number(each.quiet ? 1 : 0)
        .number(each.count)
        .number(each.behind.value())
        .number(each.joined ? 1 : 0);
  to.number(told.decided.value());
  told.dismissed ? to.text(told.dismissed->str()) : to.nil();
  pack_notification_settings(to, told.settings);
  if (told.profile)
    pack_profile(to, *told.profile);
}

/// What was uploaded, or the ids of files that are named.
void pack_files(packed_writer& to, const record& what) {
  if (what.file)
    return pack_file(to, *what.file);
  if (what.files.empty()) {
    to.nil();
    return;
  }
  to.array(what.files.size());
  for (const auto& each : what.files)
    to.text(each.str());
}

void pack_record(packed_writer& to, const record& what) {
  to.array(record_fields)
      .number(static_cast<std::uint64_t>(what.kind))
      .text(what.conversation.str())
      .number(what.seq.value())
      .integer(to_wire(what.at))
      .text(what.actor.str())
      .number(what.ordinal.value());
  pack_key(to, what);
  pack_members_and_settings(to, what);
  pack_receipts(to, what.receipts);
  pack_mentions(to, what.mentions);
  pack_change(to, what);
  if (what.kept)
    pack_preferences(to, *what.kept);
  else
    to.nil();
  pack_files(to, what);
  to.number(what.thread.value()).number(what.expires_at);
  pack_told(to, what);
  to.binary(what.event);
}

// --- Reading -------------------------------------------------------------------------------------

std::string text_of(packed_reader& from) { return std::string(from.text()); }

void unpack_key(packed_reader& from, record& into) {
  if (from.nil())
    return;
  expect(from, 5);
  auto& key = into.key.emplace();
  key.scope = from.nil() ? into.conversation : conversation_id{text_of(from)};
  key.sender = from.nil() ? into.actor : user_id{text_of(from)};
  key.client = client_id{text_of(from)};
  const auto content = from.binary();
  if (content.size() == into.content.size())
    std::copy(content.begin(), content.end(), into.content.begin());
  else
    from.fail();
  into.answer = unpack_answer(from);
}

void unpack_members(packed_reader& from, std::vector<membership>& into) {
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    expect(from, 2);
    auto user = user_id{text_of(from)};
    into.push_back({std::move(user), enum_of(from, role::reader)});
  }
}

void unpack_creation(packed_reader& from, record& into) {
  if (from.nil())
    return;
  expect(from, 2);
  auto& made = into.created.emplace();
  made.kind = enum_of(from, conversation_kind::channel);
  made.title = text_of(from);
}

void unpack_settings(packed_reader& from, settings_change& into) {
  if (from.nil())
    return;
  expect(from, 7);
  if (!from.nil())
    into.title = text_of(from);
  if (!from.nil())
    into.meta = std::string(from.binary());
  if (!from.nil())
    into.slow_mode = from.number();
  if (!from.nil())
    into.frozen = from.number() != 0;
  if (!from.nil())
    into.rights = unpack_permissions(from);
  if (!from.nil())
    into.history = enum_of(from, shown_past::joined);
  if (from.nil())
    return;
  expect(from, 2);
  auto& bounds = into.retention.emplace();
  bounds.days = from.number();
  bounds.messages = from.number();
}

void unpack_restriction(packed_reader& from, std::optional<restriction>& into) {
  if (from.nil())
    return;
  expect(from, 3);
  restriction& made = into.emplace();
  made.user = user_id{text_of(from)};
  made.banned_until = from.number();
  made.silent_until = from.number();
}

void unpack_receipts(packed_reader& from, std::vector<member_receipt>& into) {
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    expect(from, 5);
    member_receipt& each = into.emplace_back();
    each.user = user_id{text_of(from)};
    each.now.delivered = sequence{from.number()};
    each.now.read = sequence{from.number()};
    each.now.shown = sequence{from.number()};
    const std::size_t devices = from.array();
    for (std::size_t n = 0; n < devices && from.ok(); ++n) {
      expect(from, 3);
      device_receipt& device = each.devices.emplace_back();
      device.device = device_id{text_of(from)};
      device.delivered = sequence{from.number()};
      device.read = sequence{from.number()};
    }
  }
}

void unpack_change(packed_reader& from, record& into) {
  if (from.nil())
    return;
  expect(from, change_fields);
  message_change change;
  change.message = sequence{from.number()};
  change.author = user_id{text_of(from)};
  change.before = unpack_mentions(from);
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    expect(from, 2);
    tombstone& each = change.tombstones.emplace_back();
    each.seq = sequence{from.number()};
    each.event = std::string(from.binary());
  }
  change.emoji = text_of(from);
  change.removed = from.number() != 0;
  into.change = std::make_shared<message_change>(std::move(change));
}

void unpack_members_and_settings(packed_reader& from, record& into) {
  if (from.nil())
    return;
  expect(from, 6);
  unpack_members(from, into.joined);
  if (!from.nil())
    into.left = user_id{text_of(from)};
  unpack_creation(from, into);
  unpack_members(from, into.roles);
  unpack_settings(from, into.settings);
  unpack_restriction(from, into.restricted);
}

void unpack_told(packed_reader& from, record& into) {
  if (from.nil())
    return;
  const std::size_t fields = from.array();
  if (fields != 4 && fields != 5)
    from.fail();
  notification_change told;
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    expect(from, 7);
    notice& each = told.notices.emplace_back();
    each.user = user_id{text_of(from)};
    each.unread = from.number();
    each.mentions = from.number();
    each.quiet = from.number() != 0;
    each.count = from.number();
    each.behind = sequence{from.number()};
    each.joined = from.number() != 0;
  }
  told.decided = position{from.number()};
  if (!from.nil())
    told.dismissed = conversation_id{text_of(from)};
  told.settings = unpack_notification_settings(from);
  if (fields == 5)
    told.profile = unpack_profile(from);
  into.told = std::make_shared<const notification_change>(std::move(told));
}

void unpack_files(packed_reader& from, record& into) {
  if (into.kind == record_kind::file_added) {
    into.file = std::make_shared<const file_facts>(unpack_file(from));
    return;
  }
  if (from.nil())
    return;
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i)
    into.files.emplace_back(text_of(from));
}

record unpack_record(packed_reader& from) {
  record into;
  expect(from, record_fields);
  into.kind = enum_of(from, last_record_kind);
  into.conversation = conversation_id{text_of(from)};
  into.seq = sequence{from.number()};
  into.at = timestamp{std::chrono::milliseconds{from.integer()}};
  into.actor = user_id{text_of(from)};
  into.ordinal = message_ordinal{from.number()};
  unpack_key(from, into);
  unpack_members_and_settings(from, into);
  unpack_receipts(from, into.receipts);
  into.mentions = unpack_mentions(from);
  unpack_change(from, into);
  if (!from.nil())
    into.kept = std::make_shared<const preferences>(unpack_preferences(from));
  unpack_files(from, into);
  into.thread = sequence{from.number()};
  into.expires_at = from.number();
  unpack_told(from, into);
  into.event = std::string(from.binary());
  return into;
}

} // namespace

std::size_t encoded_bound(const record& what) noexcept {
  constexpr std::size_t fixed = 128; // Numbers, tags and the fingerprint.
  constexpr std::size_t tag = 6;
  std::size_t bytes = fixed + what.conversation.str().size() + what.actor.str().size();
  if (what.key)
    bytes += what.key->scope.str().size() + what.key->sender.str().size() +
             what.key->client.str().size() + what.answer.bytes.size();
  for (const auto& each : what.joined)
    bytes += each.user.str().size() + tag + 2;
  for (const auto& each : what.roles)
    bytes += each.user.str().size() + tag + 2;
  for (const auto& each : what.receipts) {
    bytes += each.user.str().size() + 7 * tag;
    for (const auto& device : each.devices)
      bytes += device.device.str().size() + 4 * tag;
  }
  for (const auto& each : what.mentions.users)
    bytes += each.str().size() + tag;
  for (const auto& each : what.files)
    bytes += each.str().size() + tag;
  if (what.file)
    bytes += what.file->name.size() + what.file->type.size() + fixed;
  bytes += what.settings.title.value_or("").size() + what.settings.meta.value_or("").size();
  if (what.left)
    bytes += what.left->str().size();
  if (what.restricted)
    bytes += what.restricted->user.str().size() + 4 * tag;
  if (what.change) {
    bytes += change_bytes(what) + what.change->author.str().size() + fixed;
    bytes += what.change->tombstones.size() * 4 * tag;
    for (const auto& each : what.change->before.users)
      bytes += each.str().size() + tag;
  }
  if (what.created)
    bytes += what.created->title.size() + 2 * tag;
  if (what.told)
    bytes += notice_bytes(what) + what.told->notices.size() * 7 * tag + fixed;
  return bytes + what.event.size();
}

std::string encode_batch(std::span<const record_ptr> records) {
  std::size_t bound = 16;
  for (const auto& each : records)
    bound += encoded_bound(*each);
  packed_writer writer{bound};
  writer.array(records.size());
  for (const auto& each : records)
    pack_record(writer, *each);
  const std::string payload = std::move(writer).take();
  std::string bytes;
  bytes.reserve(header_bytes + payload.size());
  bytes.push_back(static_cast<char>(batch_format));
  append_big_endian(bytes, checksum_of(payload, batch_format));
  bytes.append(payload);
  return bytes;
}

result<std::vector<record_ptr>> decode_batch(std::string_view bytes) {
  if (bytes.size() < header_bytes)
    return malformed("is too short");
  if (static_cast<unsigned char>(bytes.front()) != batch_format)
    return malformed("has an unknown format");
  const auto payload = bytes.substr(header_bytes);
  if (big_endian_at(bytes.substr(1)) != checksum_of(payload, batch_format))
    return malformed("does not match its checksum");
  packed_reader reader{payload};
  const std::size_t count = reader.array();
  std::vector<record_ptr> records;
  for (std::size_t i = 0; i < count && reader.ok(); ++i) {
    auto read = std::make_shared<record>(unpack_record(reader));
    if (!reader.ok() || !is_storable(*read))
      return malformed("holds a record that makes no sense");
    records.push_back(std::move(read));
  }
  if (!reader.done())
    return malformed("does not end where it should");
  return records;
}

} // namespace parley
