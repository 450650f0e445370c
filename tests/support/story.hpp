// Tells what happened in conversations as records and batches, with every number right.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/digest.hpp"
#include "actors/encoding.hpp"
#include "actors/record.hpp"
#include "actors/rules.hpp"
#include "persistence/read_model.hpp"

namespace parley::test {

/// Keeps the next number and ordinal of each conversation; time passes by a millisecond a record.
class story {
public:
  record_ptr created(const std::string& conversation, const std::vector<std::string>& users,
                     conversation_kind kind = conversation_kind::group) {
    record made = begin(record_kind::created, conversation, users.front());
    for (const auto& user : users)
      made.joined.push_back({user_id{user}, user == users.front() ? role::owner : role::member});
    made.created = creation{kind, "about " + conversation};
    made.answer = {1, std::string("\xa1z\x01", 3)};
    made.key = idempotency_key{made.conversation, made.actor, client_id{"create-" + conversation}};
    made.event = encode_joined(made.conversation, made.seq, made.at, made.joined, made.actor);
    return finish(std::move(made));
  }

  record_ptr message(const std::string& conversation, const std::string& from,
                     const std::string& body, const std::string& client = {},
                     const std::vector<user_id>& mentions = {},
                     std::optional<std::uint64_t> expires_in = {}) {
    record made = begin(record_kind::message, conversation, from);
    made.ordinal = message_ordinal{++messages_[conversation]};
    const auto named =
        client.empty() ? conversation + "-" + std::to_string(made.seq.value()) : client;
    made.key = idempotency_key{made.conversation, made.actor, client_id{named}};
    made.content.fill(static_cast<std::uint8_t>(made.seq.value()));
    send_message said{made.conversation, made.key->client, body};
    if (!mentions.empty())
      said.mentions = mentions;
    said.expires_in = expires_in;
    if (expires_in)
      made.expires_at = static_cast<std::uint64_t>(to_wire(made.at)) + *expires_in * 1000;
    made.mentions = rules::mentioned_by(said.mentions);
    made.event = encode_message(made.seq, made.at, made.actor, said);
    return finish(std::move(made));
  }

  record_ptr deleted(const std::string& conversation, const std::string& by) {
    record made = begin(record_kind::deleted, conversation, by);
    made.event = encode_deleted(made.conversation, made.seq, made.at, made.actor);
    return finish(std::move(made));
  }

  record_ptr receipts(const std::string& conversation, std::vector<member_receipt> moves) {
    record made = begin(record_kind::receipts, conversation, moves.front().user.str());
    made.seq = sequence{--sequences_[conversation]}; // it has no number of its own
    made.receipts = std::move(moves);
    return finish(std::move(made));
  }

  record_ptr joined(const std::string& conversation, const std::string& by,
                    const std::string& user) {
    record made = begin(record_kind::joined, conversation, by);
    made.joined.push_back({user_id{user}, role::member});
    made.event = encode_joined(made.conversation, made.seq, made.at, made.joined, made.actor);
    return finish(std::move(made));
  }

  record_ptr left(const std::string& conversation, const std::string& by, const std::string& user) {
    record made = begin(record_kind::left, conversation, by);
    made.left = user_id{user};
    made.event = encode_left(made.conversation, made.seq, made.at, *made.left, made.actor, {});
    return finish(std::move(made));
  }

  record_ptr changed(const std::string& conversation, const std::string& by,
                     settings_change settings, std::vector<membership> roles = {}) {
    record made = begin(record_kind::changed, conversation, by);
    made.event = encode_changed(made.conversation, made.seq, made.at, made.actor, settings);
    made.settings = std::move(settings);
    made.roles = std::move(roles);
    return finish(std::move(made));
  }

  /// The author edits a message; `before` is whom it mentioned.
  record_ptr edited(const std::string& conversation, const std::string& by, std::uint64_t message,
                    const std::string& body, const std::vector<user_id>& mentions = {},
                    mentioned before = {}) {
    record made = begin(record_kind::edited, conversation, by);
    edit_message said{made.conversation, message, body};
    said.mentions = mentions;
    made.mentions = rules::mentioned_by(said.mentions);
    made.event = encode_edited(made.seq, made.at, made.actor, said);
    made.change = std::make_shared<message_change>(
        message_change{sequence{message}, made.actor, std::move(before)});
    return finish(std::move(made));
  }

  /// The author deletes a message and these edits of it.
  record_ptr erased(const std::string& conversation, const std::string& by, std::uint64_t message,
                    const std::vector<std::uint64_t>& edits = {}, mentioned before = {}) {
    record made = begin(record_kind::erased, conversation, by);
    message_change change{sequence{message}, made.actor, std::move(before)};
    change.tombstones.push_back(
        encode_message_tombstone(made.conversation, change.message, made.at, made.actor));
    for (const auto each : edits)
      change.tombstones.push_back(encode_edit_tombstone(made.conversation, change.message,
                                                        {sequence{each}, made.actor, made.at}));
    made.event = encode_erased(made.conversation, made.seq, made.at, change.message, made.actor);
    made.change = std::make_shared<message_change>(std::move(change));
    return finish(std::move(made));
  }

  record_ptr reacted(const std::string& conversation, const std::string& by,
                     const std::string& author, std::uint64_t message, const std::string& emoji,
                     bool removed = false) {
    record made = begin(record_kind::reacted, conversation, by);
    message_change change{sequence{message}, user_id{author}};
    change.emoji = emoji;
    change.removed = removed;
    made.event = encode_reaction(made.seq, made.at, made.actor,
                                 react{made.conversation, message, emoji, removed});
    made.change = std::make_shared<message_change>(std::move(change));
    return finish(std::move(made));
  }

  /// Events before a number are gone.
  record_ptr trimmed(const std::string& conversation, std::uint64_t kept_from) {
    record made = begin(record_kind::trimmed, conversation, "");
    made.seq = sequence{--sequences_[conversation]};
    made.change = std::make_shared<message_change>(message_change{sequence{kept_from}, {}});
    return finish(std::move(made));
  }

  record_ptr held(const std::string& conversation, const std::string& by, bool on = true) {
    record made = begin(on ? record_kind::held : record_kind::released, conversation, by);
    made.seq = sequence{--sequences_[conversation]};
    return finish(std::move(made));
  }

  record_ptr pinned(const std::string& conversation, const std::string& by,
                    const std::string& author, std::uint64_t message, bool removed = false) {
    record made = begin(record_kind::pinned, conversation, by);
    message_change change{sequence{message}, user_id{author}};
    change.removed = removed;
    made.event = encode_pinned(made.seq, made.at, made.actor,
                               pin_message{made.conversation, message, removed});
    made.change = std::make_shared<message_change>(std::move(change));
    return finish(std::move(made));
  }

  record_ptr restricted(const std::string& conversation, const std::string& by, restriction what) {
    record made = begin(record_kind::changed, conversation, by);
    made.event = encode_restricted(made.conversation, made.seq, made.at, made.actor, what);
    made.restricted = std::move(what);
    return finish(std::move(made));
  }

  record_ptr hidden(const std::string& conversation, const std::string& from,
                    const std::string& author, std::uint64_t message, mentioned mentions = {}) {
    record made = begin(record_kind::hidden, conversation, from);
    made.seq = sequence{--sequences_[conversation]}; // it has no number of its own
    made.change = std::make_shared<message_change>(
        message_change{sequence{message}, user_id{author}, std::move(mentions)});
    return finish(std::move(made));
  }

  record_ptr kept(const std::string& conversation, const std::string& by, preferences what) {
    record made = begin(record_kind::set, conversation, by);
    made.seq = sequence{--sequences_[conversation]}; // it has no number of its own
    made.kept = std::make_shared<const preferences>(what);
    return finish(std::move(made));
  }

  record_ptr blocked(const std::string& by, const std::string& whom, bool removed = false) {
    record made;
    made.kind = removed ? record_kind::unblocked : record_kind::blocked;
    made.actor = user_id{by};
    made.left = user_id{whom};
    made.conversation = rules::id_of_pair(made.actor, *made.left);
    made.at = timestamp{std::chrono::milliseconds{1'700'000'000'000 + ++moments_}};
    return finish(std::move(made));
  }

  /// Users who are told of a conversation up to its newest event.
  record_ptr notified(const std::string& conversation, std::vector<notice> notices) {
    record made;
    made.kind = record_kind::notified;
    made.conversation = conversation_id{conversation};
    made.seq = sequence{sequences_[conversation]};
    made.at = timestamp{std::chrono::milliseconds{1'700'000'000'000 + ++moments_}};
    made.told = std::make_shared<const notification_change>(
        notification_change{std::move(notices), position{1}, {}, {}});
    return finish(std::move(made));
  }

  record_ptr of_book(record_kind kind, const std::string& by, notification_change told) {
    record made;
    made.kind = kind;
    made.actor = user_id{by};
    made.conversation = rules::id_of_book(made.actor);
    made.at = timestamp{std::chrono::milliseconds{1'700'000'000'000 + ++moments_}};
    made.told = std::make_shared<const notification_change>(std::move(told));
    return finish(std::move(made));
  }

  record_ptr invited(const std::string& conversation, const std::string& by,
                     const std::string& user) {
    record made = begin(record_kind::invited, conversation, by);
    made.roles.push_back({user_id{user}, role::member});
    made.event = encode_invited(made.conversation, made.seq, made.at, made.roles, made.actor);
    return finish(std::move(made));
  }

  record_ptr uninvited(const std::string& conversation, const std::string& by,
                       const std::string& user) {
    record made = begin(record_kind::uninvited, conversation, by);
    made.roles.push_back({user_id{user}, role::member});
    made.event = encode_uninvited(made.conversation, made.seq, made.at, user_id{user}, made.actor);
    return finish(std::move(made));
  }

  /// A file whose id is 32 times this digit.
  static file_facts file(char digit, std::uint64_t size = 5) {
    return {file_id{std::string(32, digit)}, "a.txt", "text/plain", size, {}};
  }
  record_ptr uploaded(const std::string& user, const file_facts& what) {
    record made;
    made.kind = record_kind::file_added;
    made.actor = user_id{user};
    made.file = std::make_shared<const file_facts>(what);
    made.at = timestamp{std::chrono::milliseconds{1'700'000'000'000 + ++moments_}};
    return finish(std::move(made));
  }
  record_ptr dropped(const std::vector<file_facts>& files) {
    record made;
    made.kind = record_kind::files_dropped;
    for (const auto& each : files)
      made.files.push_back(each.file);
    made.at = timestamp{std::chrono::milliseconds{1'700'000'000'000 + ++moments_}};
    return finish(std::move(made));
  }
  /// A message with files.
  record_ptr with_files(const std::string& conversation, const std::string& from,
                        const std::vector<file_facts>& files) {
    record made = begin(record_kind::message, conversation, from);
    made.ordinal = message_ordinal{++messages_[conversation]};
    made.key = idempotency_key{made.conversation, made.actor,
                               client_id{conversation + "-" + std::to_string(made.seq.value())}};
    send_message said{made.conversation, made.key->client, ""};
    for (const auto& each : files)
      made.files.push_back(each.file);
    said.files = made.files;
    made.event = encode_message(made.seq, made.at, made.actor, said, files);
    return finish(std::move(made));
  }

  record_ptr seen(const std::string& user) {
    record made;
    made.kind = record_kind::seen;
    made.actor = user_id{user};
    made.at = timestamp{std::chrono::milliseconds{1'700'000'000'000 + ++moments_}};
    return finish(std::move(made));
  }

  /// The newest number.
  std::uint64_t head(const std::string& conversation) { return sequences_[conversation]; }

private:
  record begin(record_kind kind, const std::string& conversation, const std::string& actor) {
    record made;
    made.kind = kind;
    made.conversation = conversation_id{conversation};
    made.actor = user_id{actor};
    made.seq = sequence{++sequences_[conversation]};
    made.ordinal = message_ordinal{messages_[conversation]};
    made.at = timestamp{std::chrono::milliseconds{1'700'000'000'000 + ++moments_}};
    return made;
  }
  static record_ptr finish(record&& made) {
    return std::make_shared<const record>(std::move(made));
  }

  std::map<std::string, std::uint64_t> sequences_;
  std::map<std::string, std::uint64_t> messages_;
  std::int64_t moments_ = 0;
};

inline batch_ptr batch_at(std::uint64_t at, std::vector<record_ptr> records) {
  return std::make_shared<const committed_batch>(
      committed_batch{position{at}, std::move(records), {}});
}

/// Each record as a batch of its own, from position 1 on.
inline std::vector<batch_ptr> one_by_one(const std::vector<record_ptr>& records) {
  std::vector<batch_ptr> batches;
  for (const auto& each : records)
    batches.push_back(batch_at(batches.size() + 1, {each}));
  return batches;
}

} // namespace parley::test
