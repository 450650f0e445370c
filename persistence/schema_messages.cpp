// Values of the rows about messages: what became of them, who reacted, hid or pinned one, who is
// kept out.
#include <utility>

#include "persistence/schema_values.hpp"

namespace parley {

std::string encode_row(const std::string& key, const message_row& row) {
  packed_writer to;
  to.array(10).number(row.erased ? row.erased_in.value() : 0);
  row.body ? to.text(*row.body) : to.nil();
  to.integer(to_wire(row.edited_at));
  if (row.sent_with)
    pack_mentions(to, *row.sent_with);
  else
    to.nil();
  pack_mentions(to, row.mentions);
  if (row.mentioning) {
    to.array(row.mentioning->size());
    for (const auto& each : *row.mentioning)
      to.text(each.str());
  } else {
    to.nil();
  }
  to.array(row.edits.size());
  for (const auto& each : row.edits)
    to.array(3).number(each.seq.value()).text(each.by.str()).integer(to_wire(each.at));
  to.array(row.reactions.size());
  for (const auto& [emoji, count] : row.reactions)
    to.array(2).text(emoji).number(count);
  to.array(2 + row.participants.size()).number(row.replies).number(row.last_reply.value());
  for (const auto& each : row.participants)
    to.text(each.str());
  to.number(row.files);
  return seal(model_table::messages, key, std::move(to));
}

result<message_row> decode_message(std::string_view key, std::string_view value) {
  const auto unpack = [](packed_reader& from, message_row& row) {
    expect(from, 10);
    row.erased_in = sequence{from.number()};
    row.erased = row.erased_in.value() > 0;
    if (!from.nil())
      row.body = std::string(from.text());
    row.edited_at = time_of(from);
    if (!from.nil())
      row.sent_with = unpack_mentions(from);
    row.mentions = unpack_mentions(from);
    if (!from.nil()) {
      row.mentioning.emplace();
      const std::size_t users = from.array();
      for (std::size_t i = 0; i < users && from.ok(); ++i)
        row.mentioning->emplace_back(std::string(from.text()));
    }
    const std::size_t edits = from.array();
    for (std::size_t i = 0; i < edits && from.ok(); ++i) {
      expect(from, 3);
      message_edit& each = row.edits.emplace_back();
      each.seq = sequence{from.number()};
      each.by = user_id{std::string(from.text())};
      each.at = time_of(from);
    }
    const std::size_t reactions = from.array();
    for (std::size_t i = 0; i < reactions && from.ok(); ++i) {
      expect(from, 2);
      auto& [emoji, count] = row.reactions.emplace_back();
      emoji = std::string(from.text());
      count = from.number();
    }
    const std::size_t thread = from.array();
    if (thread < 2)
      from.fail();
    row.replies = from.number();
    row.last_reply = sequence{from.number()};
    for (std::size_t i = 2; i < thread && from.ok(); ++i)
      row.participants.emplace_back(std::string(from.text()));
    row.files = from.number();
  };
  return open_row<message_row>(model_table::messages, key, value, unpack);
}

std::string encode_reaction_row(const std::string& key, sequence event) {
  packed_writer to;
  to.number(event.value());
  return seal(model_table::reactions, key, std::move(to));
}

result<sequence> decode_reaction(std::string_view key, std::string_view value) {
  return open_row<sequence>(
      model_table::reactions, key, value,
      [](packed_reader& from, sequence& row) { row = sequence{from.number()}; });
}

std::string encode_hidden_row(const std::string& key, position since) {
  packed_writer to;
  to.number(since.value());
  return seal(model_table::hidden, key, std::move(to));
}

result<position> decode_hidden(std::string_view key, std::string_view value) {
  return open_row<position>(
      model_table::hidden, key, value,
      [](packed_reader& from, position& row) { row = position{from.number()}; });
}

std::string encode_row(const std::string& key, const pinned_message& row) {
  packed_writer to;
  to.array(3).number(row.seq.value()).text(row.by.str()).integer(to_wire(row.at));
  return seal(model_table::pins, key, std::move(to));
}

result<pinned_message> decode_pin(std::string_view key, std::string_view value) {
  return open_row<pinned_message>(model_table::pins, key, value,
                                  [](packed_reader& from, pinned_message& row) {
                                    expect(from, 3);
                                    row.seq = sequence{from.number()};
                                    row.by = user_id{std::string(from.text())};
                                    row.at = timestamp{std::chrono::milliseconds{from.integer()}};
                                  });
}

std::string encode_row(const std::string& key, const restriction& row) {
  packed_writer to;
  to.array(2).number(row.banned_until).number(row.silent_until);
  return seal(model_table::restrictions, key, std::move(to));
}

result<restriction> decode_restriction(std::string_view key, std::string_view value) {
  return open_row<restriction>(model_table::restrictions, key, value,
                               [](packed_reader& from, restriction& row) {
                                 expect(from, 2);
                                 row.banned_until = from.number();
                                 row.silent_until = from.number();
                               });
}

std::string encode_reply(const std::string& key, const user_id& author) {
  packed_writer to;
  to.text(author.str());
  return seal(model_table::replies, key, std::move(to));
}

result<user_id> decode_reply(std::string_view key, std::string_view value) {
  return open_row<user_id>(model_table::replies, key, value, [](packed_reader& from, user_id& row) {
    row = user_id{std::string(from.text())};
  });
}

std::string encode_thread_read_row(const std::string& key, sequence read) {
  packed_writer to;
  to.number(read.value());
  return seal(model_table::thread_reads, key, std::move(to));
}

result<sequence> decode_thread_read(std::string_view key, std::string_view value) {
  return open_row<sequence>(
      model_table::thread_reads, key, value,
      [](packed_reader& from, sequence& row) { row = sequence{from.number()}; });
}

std::string encode_pair_block(const std::string& key, const user_id& whom) {
  packed_writer to;
  to.text(whom.str());
  return seal(model_table::pair_blocks, key, std::move(to));
}

result<user_id> decode_pair_block(std::string_view key, std::string_view value) {
  return open_row<user_id>(
      model_table::pair_blocks, key, value,
      [](packed_reader& from, user_id& row) { row = user_id{std::string(from.text())}; });
}

std::string encode_blocked_row(const std::string& key, timestamp since) {
  packed_writer to;
  to.integer(to_wire(since));
  return seal(model_table::blocked, key, std::move(to));
}

result<timestamp> decode_blocked(std::string_view key, std::string_view value) {
  return open_row<timestamp>(model_table::blocked, key, value,
                             [](packed_reader& from, timestamp& row) { row = time_of(from); });
}

std::string encode_row(const std::string& key, const invitation& row) {
  packed_writer to;
  to.array(4)
      .number(number_of(row.as))
      .text(row.by.str())
      .integer(to_wire(row.at))
      .number(row.seq.value());
  return seal(model_table::invitations, key, std::move(to));
}

result<invitation> decode_invitation(std::string_view key, std::string_view value) {
  return open_row<invitation>(model_table::invitations, key, value,
                              [](packed_reader& from, invitation& row) {
                                expect(from, 4);
                                row.as = enum_of(from, role::reader);
                                row.by = user_id{std::string(from.text())};
                                row.at = time_of(from);
                                row.seq = sequence{from.number()};
                              });
}

std::string encode_row(const std::string& key, const invited_row& row) {
  packed_writer to;
  to.number(row.at.value());
  return seal(model_table::invited, key, std::move(to));
}

result<invited_row> decode_invited(std::string_view key, std::string_view value) {
  return open_row<invited_row>(
      model_table::invited, key, value,
      [](packed_reader& from, invited_row& row) { row.at = position{from.number()}; });
}

std::string encode_correction(const std::string& key, std::int64_t sum) {
  packed_writer to;
  to.integer(sum);
  return seal(model_table::corrections, key, std::move(to));
}

result<std::int64_t> decode_correction(std::string_view key, std::string_view value) {
  return open_row<std::int64_t>(
      model_table::corrections, key, value,
      [](packed_reader& from, std::int64_t& row) { row = from.integer(); });
}

} // namespace parley
