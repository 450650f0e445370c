// Looks rows up by their ids and decodes them.
#include "persistence/rows.hpp"

#include <algorithm>

#include "persistence/cold_segment.hpp"

namespace parley {

namespace {

failure missing(model_table table, const std::string& key) {
  return {error_code::internal, describe_row(table, key) + " is missing", {}};
}

} // namespace

template <class Row, class Decode>
result<std::optional<Row>> row_reader::get(model_table table, const std::string& key,
                                           Decode&& decode) const {
  auto value = in_->get(index_of(table), key);
  if (!value)
    return value.error();
  if (!*value)
    return std::optional<Row>{};
  auto row = decode(key, **value);
  if (!row)
    return row.error();
  return std::optional<Row>{std::move(*row)};
}

result<std::optional<event_row>> row_reader::event(const conversation_id& conversation,
                                                   sequence seq) const {
  auto row = get<event_row>(model_table::events, event_key(conversation, seq), decode_event);
  return !row || *row ? std::move(row) : cold_event(conversation, seq);
}

/// A segment's key is its last number: the first that does not precede `seq` has it, or none has.
result<std::optional<event_row>> row_reader::cold_event(const conversation_id& conversation,
                                                        sequence seq) const {
  if (count(model_table::cold) == 0)
    return std::optional<event_row>{};
  cursor at = rows(model_table::cold);
  const bool found = at.seek(event_key(conversation, seq));
  if (at.error())
    return *at.error();
  if (!found || !at.key().starts_with(event_prefix(conversation)))
    return std::optional<event_row>{};
  auto segment = segment_cache::of_thread().open(at.key(), at.value());
  if (!segment)
    return segment.error();
  const event_row* row = (*segment)->find(seq);
  if (row == nullptr)
    return std::optional<event_row>{};
  event_row copy = *row;
  copy.segment = std::move(*segment);
  return std::optional{std::move(copy)};
}

result<std::optional<known_command>> row_reader::dedupe(const idempotency_key& key) const {
  return get<known_command>(model_table::dedupe, dedupe_key(key), decode_dedupe);
}

result<std::optional<member_row>> row_reader::member(const conversation_id& conversation,
                                                     const user_id& user) const {
  return get<member_row>(model_table::members, member_key(conversation, user), decode_member);
}

result<std::optional<membership_row>>
row_reader::membership(const user_id& user, const conversation_id& conversation) const {
  return get<membership_row>(model_table::memberships, membership_key(user, conversation),
                             decode_membership);
}

result<std::optional<conversation_row>> row_reader::conversation(const conversation_id& id) const {
  return get<conversation_row>(model_table::conversations, id.str(), decode_conversation);
}

result<std::optional<receipt_row>> row_reader::receipt_of(const conversation_id& conversation,
                                                          const user_id& user) const {
  return get<receipt_row>(model_table::receipts, receipt_key(conversation, user), decode_receipt);
}

result<std::optional<journal_row>> row_reader::journal(const std::string& key) const {
  return get<journal_row>(model_table::journal, key, decode_journal);
}

result<std::uint64_t> row_reader::tallied(const std::string& prefix, sequence seq) const {
  cursor at = rows(model_table::tallies);
  const bool found = at.seek_before(tally_key(prefix, seq.next()));
  if (at.error())
    return *at.error();
  if (!found || !at.key().starts_with(prefix))
    return std::uint64_t{0};
  auto row = decode_tally(at.key(), at.value());
  if (!row)
    return row.error();
  const auto place = split_tally_key(at.key());
  if (!place || row->more.empty())
    return row->count;
  const auto numbers = numbers_of(*place, *row);
  const auto behind = std::upper_bound(numbers.begin(), numbers.end(), seq);
  return row->count + static_cast<std::uint64_t>(behind - numbers.begin()) - 1;
}

result<std::optional<user_row>> row_reader::user(const user_id& id) const {
  return get<user_row>(model_table::users, id.str(), decode_user);
}

result<std::optional<message_row>> row_reader::message(const conversation_id& conversation,
                                                       sequence seq) const {
  return get<message_row>(model_table::messages, event_key(conversation, seq), decode_message);
}

result<std::optional<preference_row>>
row_reader::preferences_of(const user_id& user, const conversation_id& conversation) const {
  return get<preference_row>(model_table::preferences, membership_key(user, conversation),
                             decode_preferences);
}

result<bool> row_reader::is_hidden(const conversation_id& conversation, sequence message,
                                   const user_id& user) const {
  auto row =
      get<position>(model_table::hidden, hidden_key(conversation, message, user), decode_hidden);
  if (!row)
    return row.error();
  return row->has_value();
}

result<std::optional<pinned_message>> row_reader::pin(const conversation_id& conversation,
                                                      sequence message) const {
  return get<pinned_message>(model_table::pins, event_key(conversation, message), decode_pin);
}

result<bool> row_reader::is_reply(const std::string& key) const {
  auto row = get<user_id>(model_table::replies, key, decode_reply);
  if (!row)
    return row.error();
  return row->has_value();
}

result<sequence> row_reader::thread_read(const std::string& key) const {
  auto row = get<sequence>(model_table::thread_reads, key, decode_thread_read);
  if (!row)
    return row.error();
  return row->value_or(sequence{});
}

result<std::optional<notice_row>> row_reader::notice_of(const user_id& user,
                                                        const conversation_id& conversation) const {
  return get<notice_row>(model_table::notices, membership_key(user, conversation), decode_notice);
}

result<tuning_row> row_reader::tuning_of(const user_id& user) const {
  auto row = get<tuning_row>(model_table::tunings, user.str(), decode_tuning);
  if (!row)
    return row.error();
  return row->value_or(tuning_row{});
}

result<bool> row_reader::blocks(const user_id& user, const user_id& whom) const {
  auto row = get<timestamp>(model_table::blocked, blocked_key(user, whom), decode_blocked);
  if (!row)
    return row.error();
  return row->has_value();
}

result<bool> row_reader::is_blocked_by(const user_id& whom, const user_id& user) const {
  auto row = in_->get(index_of(model_table::blocked_by), blocked_key(whom, user));
  if (!row)
    return row.error();
  return row->has_value();
}

result<std::optional<user_profile>> row_reader::profile_of(const user_id& user) const {
  return get<user_profile>(model_table::profiles, user.str(), decode_profile);
}

result<std::optional<invitation>> row_reader::invitation_of(const conversation_id& conversation,
                                                            const user_id& user) const {
  return get<invitation>(model_table::invitations, member_key(conversation, user),
                         decode_invitation);
}

result<std::optional<invited_row>> row_reader::invited(const user_id& user,
                                                       const conversation_id& conversation) const {
  return get<invited_row>(model_table::invited, membership_key(user, conversation), decode_invited);
}

result<invitation> row_reader::required_invitation(const conversation_id& conversation,
                                                   const user_id& user) const {
  auto row = invitation_of(conversation, user);
  if (!row)
    return row.error();
  if (!*row)
    return missing(model_table::invitations, member_key(conversation, user));
  return std::move(**row);
}

result<std::optional<hold_row>> row_reader::hold(const conversation_id& conversation) const {
  return get<hold_row>(model_table::holds, conversation.str(), decode_hold);
}

result<bool> row_reader::expires(const std::string& key) const {
  auto row = in_->get(index_of(model_table::expiries), key);
  if (!row)
    return row.error();
  return row->has_value();
}

result<std::optional<erasure_row>> row_reader::erasure(const std::string& id) const {
  return get<erasure_row>(model_table::erasures, id, decode_erasure);
}

result<std::optional<export_row>> row_reader::receipt_of_export(const std::string& id) const {
  return get<export_row>(model_table::exports, id, decode_export);
}

result<std::optional<stored_file>> row_reader::file(const file_id& id) const {
  return get<stored_file>(model_table::files, id.str(), decode_file);
}

result<bool> row_reader::is_file_used(const std::string& key) const {
  auto row = in_->get(index_of(model_table::file_uses), key);
  if (!row)
    return row.error();
  return row->has_value();
}

result<bool> row_reader::reacted(const std::string& key) const {
  auto row = get<sequence>(model_table::reactions, key, decode_reaction);
  if (!row)
    return row.error();
  return row->has_value();
}

result<std::int64_t> row_reader::correction(const std::string& key) const {
  auto row = get<std::int64_t>(model_table::corrections, key, decode_correction);
  if (!row)
    return row.error();
  return row->value_or(0);
}

result<std::optional<std::uint64_t>> row_reader::find_meta_number(const std::string& name) const {
  return get<std::uint64_t>(model_table::meta, name, decode_meta_number);
}

result<std::uint64_t> row_reader::meta_number(const std::string& name) const {
  auto row = find_meta_number(name);
  if (!row)
    return row.error();
  if (!*row)
    return missing(model_table::meta, name);
  return **row;
}

result<std::string> row_reader::meta_text(const std::string& name) const {
  auto row = get<std::string>(model_table::meta, name, decode_meta_text);
  if (!row)
    return row.error();
  if (!*row)
    return missing(model_table::meta, name);
  return std::move(**row);
}

result<position> row_reader::applied() const {
  auto number = meta_number(meta::applied);
  if (!number)
    return number.error();
  return position{*number};
}

outcome row_reader::known_format() const {
  auto format = meta_number(meta::format);
  if (!format)
    return format.error();
  if (*format > model_format)
    return failure{
        error_code::internal, "the read model was written by a newer version of Parley", {}};
  if (*format < model_format) // none of these was ever released
    return failure{error_code::internal,
                   "the read model was written before the first release, in a format that is not "
                   "read any more",
                   {}};
  return success();
}

result<event_row> row_reader::required_event(const conversation_id& conversation,
                                             sequence seq) const {
  auto row = event(conversation, seq);
  if (!row)
    return row.error();
  if (!*row)
    return missing(model_table::events, event_key(conversation, seq));
  return **row;
}

result<conversation_row> row_reader::required_conversation(const conversation_id& id) const {
  auto row = conversation(id);
  if (!row)
    return row.error();
  if (!*row)
    return missing(model_table::conversations, id.str());
  return std::move(**row);
}

} // namespace parley
