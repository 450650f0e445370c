// What the read model is asked: each question runs in a transaction of its own.
#include "persistence/queries.hpp"
#include "persistence/read_model.hpp"

namespace parley {

namespace {

template <class Read>
auto reading(const std::shared_ptr<const environment>& from, Read&& read)
    -> decltype(read(std::declval<const row_reader&>())) {
  auto begun = from->read();
  if (!begun)
    return begun.error();
  return read(row_reader{*begun});
}

} // namespace

result<std::vector<user_erasure>>
read_model::user_erasures(const std::optional<std::string>& id) const {
  return reading(tables(), [&](const row_reader& rows) { return read_user_erasures(rows, id); });
}

result<std::vector<std::string>>
read_model::exports(const std::optional<std::string>& id,
                    const std::optional<std::string>& before) const {
  return reading(tables(), [&](const row_reader& rows) { return read_exports(rows, id, before); });
}

result<erasure_work> read_model::work_of_erasure(const erasure_work_question& asked) const {
  return reading(tables(), [&](const row_reader& rows) { return read_erasure_work(rows, asked); });
}

result<std::uint64_t> read_model::held_messages_of(const user_id& user) const {
  return reading(tables(), [&](const row_reader& rows) { return count_held_messages(rows, user); });
}

result<conversation_snapshot> read_model::snapshot(const conversation_id& conversation) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_snapshot(rows, conversation); });
}

result<std::vector<std::optional<known_command>>>
read_model::find(const std::vector<idempotency_key>& keys) const {
  return reading(tables(), [&](const row_reader& rows) { return read_keys(rows, keys); });
}

result<event_page> read_model::page(const conversation_id& conversation, const page_range& range,
                                    const std::optional<user_id>& reader) const {
  return reading(tables(), [&](const row_reader& rows) {
    return read_events(rows, conversation, range, reader);
  });
}

result<std::optional<known_message>> read_model::message(const conversation_id& conversation,
                                                         const message_question& asked) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_message(rows, conversation, asked); });
}

result<std::vector<known_message>> read_model::messages(const conversation_id& conversation,
                                                        const messages_question& asked) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_messages(rows, conversation, asked); });
}

result<event_page> read_model::thread(const get_thread& what, const user_id& reader) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_thread_page(rows, what, reader); });
}

result<block_page> read_model::blocks(const user_id& user, const list_blocks& what) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_block_page(rows, user, what); });
}

result<invitation_page> read_model::invitations(const user_id& user,
                                                const list_invitations& what) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_invitation_page(rows, user, what); });
}

result<invitation_obstacles>
read_model::obstacles(const user_id& by, const std::vector<user_id>& users, bool counts) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_obstacles(rows, by, users, counts); });
}

result<trimmable_events> read_model::trimmable(const retention_question& asked) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_trimmable_events(rows, asked); });
}

result<hold_page> read_model::holds(const list_holds& what) const {
  return reading(tables(), [&](const row_reader& rows) { return read_hold_page(rows, what); });
}

result<unread_totals> read_model::totals(const user_id& user, timestamp now) const {
  return reading(tables(), [&](const row_reader& rows) { return read_totals_of(rows, user, now); });
}

result<notifiable> read_model::who_has_not_read(const read_notifiable_question& asked) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_who_has_not_read(rows, asked); });
}

result<notification_page> read_model::notifications(const user_id& user,
                                                    const list_notifications& what) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_notification_page(rows, user, what); });
}

result<notification_settings> read_model::tuning(const user_id& user) const {
  return reading(tables(), [&](const row_reader& rows) -> result<notification_settings> {
    auto row = rows.tuning_of(user);
    if (!row)
      return row.error();
    return std::move(row->settings);
  });
}

result<position> read_model::decided() const {
  return reading(tables(), [&](const row_reader& rows) -> result<position> {
    auto stored = rows.find_meta_number(meta::decided);
    if (!stored)
      return stored.error();
    return *stored ? position{**stored} : rows.applied();
  });
}

result<due_messages> read_model::due(timestamp until, const std::string& behind) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_due_messages(rows, until, behind); });
}

result<std::vector<stored_file>> read_model::files(const std::vector<file_id>& asked) const {
  return reading(tables(), [&](const row_reader& rows) { return read_stored_files(rows, asked); });
}

result<file_facts> read_model::file_for(const file_id& file, const user_id& reader,
                                        timestamp now) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_file_for(rows, file, reader, now); });
}

result<unsent_files> read_model::unsent(const user_id& user) const {
  return reading(tables(), [&](const row_reader& rows) { return read_unsent_files(rows, user); });
}

result<unused_files> read_model::unused(timestamp until) const {
  return reading(tables(), [&](const row_reader& rows) { return read_unused_files(rows, until); });
}

result<erasure_facts> read_model::erasure(const get_erasure& what, const user_id& reader) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_erasure(rows, what, reader); });
}

result<conversation_list> read_model::list(const user_id& user, const list_conversations& what,
                                           timestamp now) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_list_page(rows, user, what, now); });
}

result<catch_up> read_model::missed(const user_id& user, std::optional<position> since) const {
  return reading(tables(), [&](const row_reader& rows) { return read_missed(rows, user, since); });
}

result<std::vector<std::optional<member_cursors>>>
read_model::cursors(const conversation_id& conversation, const std::vector<user_id>& users) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_cursors(rows, conversation, users); });
}

result<version_page> read_model::versions(const get_versions& what, const user_id& reader) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_versions(rows, what, reader); });
}

result<reaction_page> read_model::reactions(const get_reactions& what,
                                            const user_id& reader) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_reactions(rows, what, reader); });
}

result<receipt_page> read_model::receipts(const get_receipts& what, const user_id& reader) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_receipt_page(rows, what, reader); });
}

result<shared_users> read_model::shared_with(const user_id& user,
                                             const std::vector<user_id>& others) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_shared_with(rows, user, others); });
}

result<seen_facts> read_model::last_seen(const user_id& user) const {
  return reading(tables(), [&](const row_reader& rows) { return read_last_seen(rows, user); });
}

result<std::vector<listed_profile>> read_model::profiles(const user_id& reader,
                                                         const std::vector<user_id>& users) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_profiles(rows, reader, users); });
}

result<dealings> read_model::dealings_of(const user_id& user) const {
  return reading(tables(), [&](const row_reader& rows) { return read_dealings_of(rows, user); });
}

result<message_feed> read_model::feed(position since, position until,
                                      const feed_place& from) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_feed(rows, since, until, from); });
}

result<event_feed> read_model::event_feed_since(position since, position until,
                                                const event_feed_place& from) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_event_feed(rows, since, until, from); });
}

result<std::optional<stored_event>> read_model::event(const conversation_id& conversation,
                                                      sequence seq) const {
  return reading(tables(),
                 [&](const row_reader& rows) { return read_one_event(rows, conversation, seq); });
}

result<std::optional<standing_notice>>
read_model::standing_notice_of(const user_id& user, const conversation_id& conversation,
                               bool with_message) const {
  return reading(tables(), [&](const row_reader& rows) {
    return read_standing_notice(rows, user, conversation, with_message);
  });
}

result<notice_feed_page> read_model::notices_since(position since, position until,
                                                   const notice_feed_place& behind) const {
  return reading(tables(), [&](const row_reader& rows) {
    return read_notices_since(rows, since, until, behind);
  });
}

result<std::optional<conversation_kind>>
read_model::kind_of(const conversation_id& conversation) const {
  return reading(tables(), [&](const row_reader& rows) -> result<std::optional<conversation_kind>> {
    auto row = rows.conversation(conversation);
    if (!row)
      return row.error();
    return *row ? std::optional{(*row)->kind} : std::nullopt;
  });
}

} // namespace parley
