// Rows of the read model, of each table, under a checksum that is right, and their keys.
#include <array>
#include <string>

#include "persistence/checksum.hpp"
#include "persistence/schema.hpp"
#include "persistence/schema_exports.hpp"
#include "tests/fuzz/decoders.hpp"

namespace parley::fuzz {

namespace {

/// As rows are sealed: the sum is seeded with where they belong.
std::string sealed(model_table table, std::string_view key, std::string_view payload) {
  std::string value;
  append_big_endian(value,
                    checksum_of(payload, checksum_of(key, static_cast<std::uint64_t>(table))));
  return value.append(payload);
}

struct by_its_type {
  std::string operator()(const std::string& key, const auto& row) const {
    return encode_row(key, row);
  }
};

template <model_table Table, auto Decode, auto Encode = by_its_type{}>
void look_at_row(const std::string& key, std::string_view payload) {
  const std::string value = sealed(Table, key, payload);
  const auto row = Decode(key, value);
  if (!row)
    return;
  const std::string written = Encode(key, *row);
  const auto again = Decode(key, written);
  promise(again.ok(), "a row that was read can be written");
  promise(Encode(key, *again) == written, "a row that was written says the same again");
}

template <auto Decode, class Encode>
void look_at_meta(const std::string& key, std::string_view payload, Encode encode) {
  const std::string value = sealed(model_table::meta, key, payload);
  if (const auto said = Decode(key, value))
    promise(Decode(key, encode(*said)).ok(), "what was read can be written");
}

void look_at_meta(const std::string& key, std::string_view payload) {
  look_at_meta<decode_meta_number>(key, payload,
                                   [&](std::uint64_t said) { return encode_meta(key, said); });
  look_at_meta<decode_meta_text>(key, payload,
                                 [&](const std::string& said) { return encode_meta(key, said); });
}

void look_at_moved(const std::string& key, std::string_view payload) {
  const std::string value = sealed(model_table::receipts, key, payload);
  const auto all = decode_receipt(key, value);
  const auto moved = decode_receipt_moved(key, value);
  promise(!all || (moved.ok() && moved->any == all->moved && moved->told == all->told),
          "a short look at a receipt sees the same");
}

constexpr std::array row_readers{
    &look_at_row<model_table::events, decode_event>,
    &look_at_row<model_table::dedupe, decode_dedupe>,
    &look_at_row<model_table::members, decode_member>,
    &look_at_row<model_table::memberships, decode_membership>,
    &look_at_row<model_table::conversations, decode_conversation>,
    &look_at_row<model_table::receipts, decode_receipt>,
    &look_at_row<model_table::journal, decode_journal>,
    &look_at_row<model_table::tallies, decode_tally>,
    &look_at_row<model_table::users, decode_user>,
    &look_at_row<model_table::messages, decode_message>,
    &look_at_row<model_table::preferences, decode_preferences>,
    &look_at_row<model_table::notices, decode_notice>,
    &look_at_row<model_table::tunings, decode_tuning>,
    &look_at_row<model_table::profiles, decode_profile>,
    &look_at_row<model_table::reactions, decode_reaction, encode_reaction_row>,
    &look_at_row<model_table::hidden, decode_hidden, encode_hidden_row>,
    &look_at_row<model_table::restrictions, decode_restriction>,
    &look_at_row<model_table::pins, decode_pin>,
    &look_at_row<model_table::replies, decode_reply, encode_reply>,
    &look_at_row<model_table::thread_reads, decode_thread_read, encode_thread_read_row>,
    &look_at_row<model_table::pair_blocks, decode_pair_block, encode_pair_block>,
    &look_at_row<model_table::blocked, decode_blocked, encode_blocked_row>,
    &look_at_row<model_table::invitations, decode_invitation>,
    &look_at_row<model_table::invited, decode_invited>,
    &look_at_row<model_table::holds, decode_hold>,
    &look_at_row<model_table::files, decode_file>,
    &look_at_row<model_table::unsent_files, decode_unsent, encode_unsent>,
    &look_at_row<model_table::cold, decode_cold>,
    &look_at_row<model_table::corrections, decode_correction, encode_correction>,
    &look_at_row<model_table::erasures, decode_erasure>,
    &look_at_row<model_table::exports, decode_export>,
    static_cast<void (*)(const std::string&, std::string_view)>(look_at_meta),
    &look_at_moved,
};

// --- Keys ----------------------------------------------------------------------------------------

void look_at_keys(std::string_view key) {
  if (const auto at = split_event_key(key))
    promise(event_key(at->first, at->second) == key, "an event has one key");
  if (const auto at = split_member_key(key))
    promise(member_key(at->first, at->second) == key, "a member has one key");
  if (const auto at = split_membership_key(key))
    promise(membership_key(at->first, at->second) == key, "a membership has one key");
  if (const auto at = split_receipt_key(key))
    promise(receipt_key(at->first, at->second) == key, "a receipt has one key");
  if (const auto at = split_journal_key(key))
    promise(journal_key(at->conversation, at->user, at->which, at->first) == key,
            "moves of a cursor have one key");
  if (const auto at = split_hidden_key(key))
    promise(hidden_key(at->conversation, at->message, at->user) == key,
            "a hidden message has one key");
  if (const auto at = split_reply_key(key))
    promise(reply_key(at->conversation, at->thread, at->seq) == key, "a reply has one key");
  if (const auto at = split_reaction_key(key))
    promise(reaction_key(at->conversation, at->message, at->emoji, at->user) == key,
            "a reaction has one key");
  if (const auto at = split_tally_key(key))
    promise(tally_key(tally_prefix(at->conversation, at->what, at->user), at->seq) == key,
            "a tally has one key");
  if (const auto at = split_expiry_key(key))
    promise(expiry_key(at->at, at->conversation, at->message) == key, "an expiry has one key");
  if (const auto at = split_file_use_key(key))
    promise(file_use_key(at->file, at->conversation, at->message) == key,
            "a use of a file has one key");
  if (const auto at = split_unused_file_key(key))
    promise(unused_file_key(at->first, at->second) == key, "an unused file has one key");
  (void)condemned_reactions(key);
}

} // namespace

// Which table, the length of the key, the key, and the value without its sum.
void read_row(std::string_view bytes) {
  const unsigned table = take_byte(bytes) % row_readers.size();
  const std::string key{take_front(bytes, take_byte(bytes))};
  row_readers[table](key, bytes);
  look_at_keys(key);
  (void)describe_row(model_table::meta, key);
}

} // namespace parley::fuzz
