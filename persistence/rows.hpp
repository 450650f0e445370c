// The read model's rows as typed values, each verified against its checksum when it is read.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "persistence/environment.hpp"
#include "persistence/schema_exports.hpp"

namespace parley {

constexpr table_index index_of(model_table table) noexcept {
  return static_cast<table_index>(table);
}

/// Reads rows in one transaction. A row that is not there is nothing; one that is damaged is
/// `internal`.
class row_reader {
public:
  explicit row_reader(const transaction& in) : in_(&in) {}

  /// From its own row or from a segment. The event's bytes are valid as long as the row that is
  /// given lives and the transaction does not write or end.
  result<std::optional<event_row>> event(const conversation_id& conversation, sequence seq) const;
  result<std::optional<known_command>> dedupe(const idempotency_key& key) const;
  result<std::optional<member_row>> member(const conversation_id& conversation,
                                           const user_id& user) const;
  result<std::optional<membership_row>> membership(const user_id& user,
                                                   const conversation_id& conversation) const;
  result<std::optional<conversation_row>> conversation(const conversation_id& id) const;
  result<std::optional<receipt_row>> receipt_of(const conversation_id& conversation,
                                                const user_id& user) const;
  result<std::optional<journal_row>> journal(const std::string& key) const;
  /// How many of the list `prefix` there are up to and with `seq`.
  result<std::uint64_t> tallied(const std::string& prefix, sequence seq) const;
  result<std::optional<user_row>> user(const user_id& id) const;
  result<std::optional<message_row>> message(const conversation_id& conversation,
                                             sequence seq) const;
  result<std::optional<preference_row>> preferences_of(const user_id& user,
                                                       const conversation_id& conversation) const;
  /// Whether a user has hidden a message from themselves.
  result<bool> is_hidden(const conversation_id& conversation, sequence message,
                         const user_id& user) const;
  /// Nothing unless the message is pinned.
  result<std::optional<pinned_message>> pin(const conversation_id& conversation,
                                            sequence message) const;
  /// Whether a thread knows of a message.
  result<bool> is_reply(const std::string& key) const;
  /// How far a user has read a thread; 0 when they have not begun. `key` as of `hidden`.
  result<sequence> thread_read(const std::string& key) const;
  /// What a user was told of a conversation and has not read.
  result<std::optional<notice_row>> notice_of(const user_id& user,
                                              const conversation_id& conversation) const;
  /// How a user wants to be told.
  result<tuning_row> tuning_of(const user_id& user) const;
  /// Whether `user` has blocked `whom`.
  result<bool> blocks(const user_id& user, const user_id& whom) const;
  /// Whether the list of who has blocked `whom` has `user`.
  result<bool> is_blocked_by(const user_id& whom, const user_id& user) const;
  /// Nothing where there was never one.
  result<std::optional<user_profile>> profile_of(const user_id& user) const;
  /// Without the user, who was asked about.
  result<std::optional<invitation>> invitation_of(const conversation_id& conversation,
                                                  const user_id& user) const;
  result<std::optional<invited_row>> invited(const user_id& user,
                                             const conversation_id& conversation) const;
  /// An invitation that must be there.
  result<invitation> required_invitation(const conversation_id& conversation,
                                         const user_id& user) const;
  result<std::optional<stored_file>> file(const file_id& id) const;
  /// By its receipt.
  result<std::optional<erasure_row>> erasure(const std::string& id) const;
  result<std::optional<export_row>> receipt_of_export(const std::string& id) const;
  /// Whether a file is in a message; `key` as of `file_uses`.
  result<bool> is_file_used(const std::string& key) const;
  /// Nothing unless everything in the conversation is kept.
  result<std::optional<hold_row>> hold(const conversation_id& conversation) const;
  /// Whether there is a row for a message that is to go.
  result<bool> expires(const std::string& key) const;
  /// Whether a reaction is there.
  result<bool> reacted(const std::string& key) const;
  /// A sum of corrections; 0 without a row.
  result<std::int64_t> correction(const std::string& key) const;
  result<std::uint64_t> meta_number(const std::string& name) const;
  /// Nothing without such a row.
  result<std::optional<std::uint64_t>> find_meta_number(const std::string& name) const;
  result<std::string> meta_text(const std::string& name) const;
  result<position> applied() const;
  /// `internal` unless the model has the format this program writes.
  outcome known_format() const;

  /// An event that must be there.
  result<event_row> required_event(const conversation_id& conversation, sequence seq) const;
  /// A conversation that must be there.
  result<conversation_row> required_conversation(const conversation_id& id) const;

  cursor rows(model_table table) const { return in_->rows(index_of(table)); }
  std::uint64_t count(model_table table) const { return in_->count(index_of(table)); }

private:
  result<std::optional<event_row>> cold_event(const conversation_id& conversation,
                                              sequence seq) const;
  template <class Row, class Decode>
  result<std::optional<Row>> get(model_table table, const std::string& key, Decode&& decode) const;

  const transaction* in_;
};

/// Calls `see(row)` for each row of `table` whose key begins with `prefix`, while it gives true.
/// `decode(key, value)` makes the row; `split(key)` its key. Fails at the first damaged one.
template <class Split, class Decode, class See>
outcome for_each_row(const row_reader& in, model_table table, const std::string& prefix,
                     Split&& split, Decode&& decode, See&& see) {
  cursor rows = in.rows(table);
  for (bool more = rows.seek(prefix); more && rows.key().starts_with(prefix); more = rows.next()) {
    auto key = split(rows.key());
    if (!key)
      return failure{error_code::internal, describe_row(table, rows.key()) + " has a bad key", {}};
    auto row = decode(rows.key(), rows.value());
    if (!row)
      return row.error();
    if (!see(std::move(key->second), std::move(*row)))
      break;
  }
  if (rows.error())
    return *rows.error();
  return success();
}

/// The names of the meta table.
namespace meta {
inline const std::string format = "format";
inline const std::string epoch = "epoch";
inline const std::string applied = "applied";
/// Where the last compaction had settled, and when it was; missing before the first one.
inline const std::string compacted = "compacted";
inline const std::string compacted_at = "compacted_at";
/// Of messages up to here it was decided who is told of them.
inline const std::string decided = "decided";
/// What all segments take, and what they would take unpacked; missing before the first one.
inline const std::string cold_bytes = "cold_bytes";
inline const std::string cold_raw_bytes = "cold_raw_bytes";
} // namespace meta

} // namespace parley
