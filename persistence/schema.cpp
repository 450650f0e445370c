// Values of the read model's rows.
#include "persistence/schema.hpp"

#include <algorithm>

#include "actors/limits.hpp"
#include "persistence/schema_values.hpp"

namespace parley {

namespace {

/// Each move as what it adds to the one before: a few bytes instead of fifteen.
void pack_moves(packed_writer& to, const std::vector<cursor_move>& moves) {
  cursor_move before;
  to.array(2 * moves.size());
  for (const auto& each : moves) {
    to.number(each.to.value() - before.to.value()).integer(to_wire(each.at) - to_wire(before.at));
    before = each;
  }
}

/// Whether numbers of the protocol reach so far, one way or the other; two such can be added.
bool is_within_reach(std::int64_t milliseconds) {
  constexpr auto most = static_cast<std::int64_t>(limits::largest_number);
  return milliseconds >= -most && milliseconds <= most;
}

void unpack_moves(packed_reader& from, std::vector<cursor_move>& moves) {
  const std::size_t count = from.array();
  cursor_move now;
  for (std::size_t i = 0; i + 1 < count && from.ok(); i += 2) {
    now.to = sequence{now.to.value() + from.number()};
    const std::int64_t step = from.integer();
    if (!is_within_reach(step) || !is_within_reach(to_wire(now.at) + step))
      return from.fail();
    now.at += std::chrono::milliseconds{step};
    moves.push_back(now);
  }
  if (count % 2 != 0)
    from.fail();
}

} // namespace

void pack_event(packed_writer& to, const event_row& row) {
  to.array(4).number(row.at.value()).number(number_of(row.kind)).number(row.ordinal.value());
  to.binary(row.event);
}

event_row unpack_event(packed_reader& from) {
  event_row row;
  expect(from, 4);
  row.at = position{from.number()};
  row.kind = enum_of(from, last_record_kind);
  row.ordinal = message_ordinal{from.number()};
  row.event = from.binary();
  return row;
}

std::string encode_row(const std::string& key, const event_row& row) {
  packed_writer to{row.event.size() + 48};
  pack_event(to, row);
  return seal(model_table::events, key, std::move(to));
}

result<event_row> decode_event(std::string_view key, std::string_view value) {
  return open_row<event_row>(model_table::events, key, value,
                             [](packed_reader& from, event_row& row) { row = unpack_event(from); });
}

std::string encode_row(const std::string& key, const known_command& row) {
  packed_writer to;
  to.array(5).binary(view_of(row.content)).text(row.conversation.str()).number(row.seq.value());
  to.integer(to_wire(row.at));
  pack_answer(to, row.answer);
  return seal(model_table::dedupe, key, std::move(to));
}

result<known_command> decode_dedupe(std::string_view key, std::string_view value) {
  const auto unpack = [](packed_reader& from, known_command& row) {
    expect(from, 5);
    const auto content = from.binary();
    if (content.size() == row.content.size())
      std::copy(content.begin(), content.end(), row.content.begin());
    else
      from.fail();
    row.conversation = conversation_id{std::string(from.text())};
    row.seq = sequence{from.number()};
    row.at = time_of(from);
    row.answer = unpack_answer(from);
  };
  return open_row<known_command>(model_table::dedupe, key, value, unpack);
}

std::string encode_row(const std::string& key, const member_row& row) {
  packed_writer to;
  to.array(4)
      .number(number_of(row.as))
      .number(row.joined_seq.value())
      .integer(to_wire(row.joined_at))
      .number(row.sees_from.value());
  return seal(model_table::members, key, std::move(to));
}

result<member_row> decode_member(std::string_view key, std::string_view value) {
  return open_row<member_row>(model_table::members, key, value,
                              [](packed_reader& from, member_row& row) {
                                expect(from, 4);
                                row.as = enum_of(from, role::reader);
                                row.joined_seq = sequence{from.number()};
                                row.joined_at = time_of(from);
                                row.sees_from = sequence{from.number()};
                              });
}

std::string encode_row(const std::string& key, const membership_row& row) {
  packed_writer to;
  to.array(2).number(row.shortened ? 1 : 0).array(row.periods.size());
  for (const auto& each : row.periods)
    to.array(4)
        .number(each.joined.value())
        .number(each.joined_at.value())
        .number(each.left.value())
        .number(each.left_at.value());
  return seal(model_table::memberships, key, std::move(to));
}

result<membership_row> decode_membership(std::string_view key, std::string_view value) {
  const auto unpack = [](packed_reader& from, membership_row& row) {
    expect(from, 2);
    row.shortened = from.number() != 0;
    const std::size_t count = from.array();
    for (std::size_t i = 0; i < count && from.ok(); ++i) {
      expect(from, 4);
      membership_period& period = row.periods.emplace_back();
      period.joined = sequence{from.number()};
      period.joined_at = position{from.number()};
      period.left = sequence{from.number()};
      period.left_at = position{from.number()};
    }
  };
  return open_row<membership_row>(model_table::memberships, key, value, unpack);
}

std::string encode_row(const std::string& key, const conversation_row& row) {
  packed_writer to;
  to.array(27).number(number_of(row.kind)).text(row.title).binary(row.meta);
  to.text(row.creator.str());
  to.integer(to_wire(row.created_at)).number(row.head.value()).number(row.head_position.value());
  to.number(row.messages.value()).number(row.last_message.value()).number(row.members);
  to.number(row.mentions).number(row.receipts_at.value()).number(row.deleted ? 1 : 0);
  to.binary(row.creation_key).number(row.restated).number(row.hidden);
  to.number(row.hidden_at.value());
  to.number(row.moderated.slow_mode).number(row.moderated.frozen ? 1 : 0);
  pack_permissions(to, row.moderated.rights);
  to.number(number_of(row.moderated.history));
  to.number(row.moderated.retention.days).number(row.moderated.retention.messages);
  to.number(row.kept_from.value()).number(row.gone.value()).number(row.trimmed_at.value());
  to.integer(to_wire(row.trimmed_when));
  return seal(model_table::conversations, key, std::move(to));
}

result<conversation_row> decode_conversation(std::string_view key, std::string_view value) {
  const auto unpack = [](packed_reader& from, conversation_row& row) {
    expect(from, 27);
    row.kind = enum_of(from, conversation_kind::channel);
    row.title = std::string(from.text());
    row.meta = std::string(from.binary());
    row.creator = user_id{std::string(from.text())};
    row.created_at = time_of(from);
    row.head = sequence{from.number()};
    row.head_position = position{from.number()};
    row.messages = message_ordinal{from.number()};
    row.last_message = sequence{from.number()};
    row.members = from.number();
    row.mentions = from.number();
    row.receipts_at = position{from.number()};
    row.deleted = from.number() != 0;
    row.creation_key = std::string(from.binary());
    row.restated = from.number();
    row.hidden = from.number();
    row.hidden_at = position{from.number()};
    row.moderated.slow_mode = from.number();
    row.moderated.frozen = from.number() != 0;
    row.moderated.rights = unpack_permissions(from);
    row.moderated.history = enum_of(from, shown_past::joined);
    row.moderated.retention.days = from.number();
    row.moderated.retention.messages = from.number();
    row.kept_from = sequence{from.number()};
    row.gone = message_ordinal{from.number()};
    row.trimmed_at = position{from.number()};
    row.trimmed_when = time_of(from);
  };
  return open_row<conversation_row>(model_table::conversations, key, value, unpack);
}

namespace {

void unpack_devices(packed_reader& from, std::vector<device_receipt>& into) {
  const std::size_t count = from.array();
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    expect(from, 4);
    device_receipt& each = into.emplace_back();
    each.device = device_id{std::string(from.text())};
    each.delivered = sequence{from.number()};
    each.read = sequence{from.number()};
    each.at = time_of(from);
  }
}

} // namespace

std::string encode_row(const std::string& key, const receipt_row& row) {
  packed_writer to;
  to.array(13).number(row.now.delivered.value()).number(row.now.read.value());
  to.number(row.now.shown.value()).number(row.since.value());
  to.number(row.moved.value()).number(row.told.value());
  to.integer(to_wire(row.moved_at)).integer(to_wire(row.told_at));
  to.number(row.others).number(row.mentions);
  for (const auto* moves : {&row.delivered, &row.read}) {
    to.array(2).number(moves->older.value());
    pack_moves(to, moves->newest);
  }
  to.array(row.devices.size());
  for (const auto& each : row.devices)
    to.array(4)
        .text(each.device.str())
        .number(each.delivered.value())
        .number(each.read.value())
        .integer(to_wire(each.at));
  return seal(model_table::receipts, key, std::move(to));
}

result<receipt_row> decode_receipt(std::string_view key, std::string_view value) {
  const auto unpack = [](packed_reader& from, receipt_row& row) {
    expect(from, 13);
    row.now.delivered = sequence{from.number()};
    row.now.read = sequence{from.number()};
    row.now.shown = sequence{from.number()};
    row.since = sequence{from.number()};
    row.moved = position{from.number()};
    row.told = position{from.number()};
    row.moved_at = time_of(from);
    row.told_at = time_of(from);
    row.others = from.number();
    row.mentions = from.number();
    for (auto* moves : {&row.delivered, &row.read}) {
      expect(from, 2);
      moves->older = sequence{from.number()};
      unpack_moves(from, moves->newest);
    }
    unpack_devices(from, row.devices);
  };
  return open_row<receipt_row>(model_table::receipts, key, value, unpack);
}

result<receipt_moved> decode_receipt_moved(std::string_view key, std::string_view value) {
  auto payload = payload_of(model_table::receipts, key, value);
  if (!payload)
    return payload.error();
  packed_reader from{*payload};
  expect(from, 13);
  for (int before = 0; before < 4; ++before) // where the cursors stand and began
    from.number();
  const position moved{from.number()};
  const position told{from.number()};
  if (!from.ok())
    return damaged(model_table::receipts, key, " makes no sense");
  return receipt_moved{moved, told};
}

std::string encode_row(const std::string& key, const journal_row& row) {
  packed_writer to;
  to.array(2).number(row.older.value());
  pack_moves(to, row.moves);
  return seal(model_table::journal, key, std::move(to));
}

result<journal_row> decode_journal(std::string_view key, std::string_view value) {
  return open_row<journal_row>(model_table::journal, key, value,
                               [](packed_reader& from, journal_row& row) {
                                 expect(from, 2);
                                 row.older = sequence{from.number()};
                                 unpack_moves(from, row.moves);
                               });
}

std::string encode_tally(const std::string& key, std::uint64_t count) {
  packed_writer to;
  to.number(count);
  return seal(model_table::tallies, key, std::move(to));
}

std::string encode_row(const std::string& key, const tally_row& row) {
  packed_writer to;
  to.number(row.count);
  for (const auto each : row.more)
    to.number(each);
  return seal(model_table::tallies, key, std::move(to));
}

result<tally_row> decode_tally(std::string_view key, std::string_view value) {
  return open_row<tally_row>(model_table::tallies, key, value,
                             [](packed_reader& from, tally_row& row) {
                               row.count = from.number();
                               while (from.ok() && !from.done())
                                 row.more.push_back(from.number());
                             });
}

std::string encode_row(const std::string& key, const user_row& row) {
  packed_writer to;
  to.array(1).integer(to_wire(row.last_seen));
  return seal(model_table::users, key, std::move(to));
}

result<user_row> decode_user(std::string_view key, std::string_view value) {
  return open_row<user_row>(model_table::users, key, value, [](packed_reader& from, user_row& row) {
    expect(from, 1);
    row.last_seen = time_of(from);
  });
}

std::string encode_row(const std::string& key, const preference_row& row) {
  packed_writer to;
  to.array(4).number(row.archived_at.value()).number(row.hidden_at.value());
  to.number(row.changed.value());
  pack_preferences(to, row.kept);
  return seal(model_table::preferences, key, std::move(to));
}

result<preference_row> decode_preferences(std::string_view key, std::string_view value) {
  return open_row<preference_row>(model_table::preferences, key, value,
                                  [](packed_reader& from, preference_row& row) {
                                    expect(from, 4);
                                    row.archived_at = sequence{from.number()};
                                    row.hidden_at = sequence{from.number()};
                                    row.changed = position{from.number()};
                                    row.kept = unpack_preferences(from);
                                  });
}

std::string encode_meta(const std::string& key, std::uint64_t number) {
  packed_writer to;
  to.number(number);
  return seal(model_table::meta, key, std::move(to));
}

std::string encode_meta(const std::string& key, std::string_view text) {
  packed_writer to;
  to.text(text);
  return seal(model_table::meta, key, std::move(to));
}

result<std::uint64_t> decode_meta_number(std::string_view key, std::string_view value) {
  return open_row<std::uint64_t>(
      model_table::meta, key, value,
      [](packed_reader& from, std::uint64_t& row) { row = from.number(); });
}

result<std::string> decode_meta_text(std::string_view key, std::string_view value) {
  return open_row<std::string>(
      model_table::meta, key, value,
      [](packed_reader& from, std::string& row) { row = std::string(from.text()); });
}

std::string describe_row(model_table table, std::string_view key) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text{model_table_names[static_cast<std::size_t>(table)]};
  text += " \"";
  for (char each : key) {
    const auto byte = static_cast<unsigned char>(each);
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\')
      text.push_back(each);
    else
      text.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return text + "\"";
}

} // namespace parley
