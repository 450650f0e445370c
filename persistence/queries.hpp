// The questions the read model answers, each within one transaction.
#pragma once

#include <optional>
#include <vector>

#include "actors/queries.hpp"
#include "persistence/read_model.hpp"
#include "persistence/rows.hpp"

namespace parley {

class blocks_around;

/// What a conversation starts from (snapshot_query.cpp).
result<conversation_snapshot> read_snapshot(const row_reader& rows,
                                            const conversation_id& conversation);

/// Where keys led (snapshot_query.cpp).
result<std::vector<std::optional<known_command>>>
read_keys(const row_reader& rows, const std::vector<idempotency_key>& keys);

/// The lowest number in `low`..`high` of which the event is behind `since`, or the one after `high`
/// (catch_up_query.cpp). It is looked for from the end on, where it mostly is: what is old may be
/// in segments. Adds to `looked` how many events it took.
result<sequence> first_behind(const row_reader& rows, const conversation_id& conversation,
                              position since, sequence low, sequence high, std::size_t& looked);

/// A page of events (page_query.cpp): for a reader as they are to be seen now, without one as they
/// were delivered.
result<event_page> read_events(const row_reader& rows, const conversation_id& conversation,
                               const page_range& range, const std::optional<user_id>& reader);

/// What has to be known of a message; nothing when the number is not a message's
/// (message_query.cpp).
result<std::optional<known_message>> read_message(const row_reader& rows,
                                                  const conversation_id& conversation,
                                                  const message_question& asked);

/// The same of several, those that are messages.
result<std::vector<known_message>> read_messages(const row_reader& rows,
                                                 const conversation_id& conversation,
                                                 const messages_question& asked);
/// Whether a member may see this number; whoever is none has been asked about elsewhere
/// (message_query.cpp).
result<bool> is_visible(const row_reader& rows, const conversation_id& conversation,
                        sequence message, const user_id& reader);
/// A page of the messages in a thread (thread_query.cpp).
result<event_page> read_thread_page(const row_reader& rows, const get_thread& what,
                                    const user_id& reader);
/// Whom a user has blocked (block_query.cpp).
result<block_page> read_block_page(const row_reader& rows, const user_id& user,
                                   const list_blocks& what);
/// Who of two users has blocked the other, by their direct conversation (block_query.cpp).
result<std::vector<user_id>> read_blockers(const row_reader& rows,
                                           const conversation_id& conversation);
/// What a user is invited to (invitation_query.cpp).
result<invitation_page> read_invitation_page(const row_reader& rows, const user_id& user,
                                             const list_invitations& what);
/// Who is invited to a conversation, by user (invitation_query.cpp).
result<std::vector<invitation>> read_invitations(const row_reader& rows,
                                                 const conversation_id& conversation);
/// What keeps a user from inviting some others; who stands apart from them comes always, how many
/// invitations there are only when they count (invitation_query.cpp).
result<invitation_obstacles> read_obstacles(const row_reader& rows, const user_id& by,
                                            const std::vector<user_id>& users, bool counts);
/// What is unread in all of a user's conversations, but for those that were put away
/// (list_query.cpp).
result<unread_totals> read_totals_of(const row_reader& rows, const user_id& user, timestamp now);
/// Fills in the user's cursor and what is unread behind it (list_query.cpp).
outcome fill_unread(const row_reader& rows, const user_id& user, const conversation_row& row,
                    listed_conversation& item);
/// Fills in the newest message that the user sees and that none of `without` wrote
/// (list_query.cpp).
outcome fill_last_message(const row_reader& rows, const user_id& user, const conversation_row& row,
                          sequence sees_from, listed_conversation& item,
                          const std::vector<user_id>& without = {});
/// Who is to be told of messages that they have not read (notice_query.cpp).
result<notifiable> read_who_has_not_read(const row_reader& rows,
                                         const read_notifiable_question& asked);
/// What a user was told and has not read (notice_query.cpp).
result<notification_page> read_notification_page(const row_reader& rows, const user_id& user,
                                                 const list_notifications& what);
/// What a user is told of a conversation now (notice_query.cpp).
result<std::optional<standing_notice>> read_standing_notice(const row_reader& rows,
                                                            const user_id& user,
                                                            const conversation_id& conversation,
                                                            bool with_message);
/// A portion of what users were told in some batches, behind a place (notice_query.cpp).
result<notice_feed_page> read_notices_since(const row_reader& rows, position since, position until,
                                            const notice_feed_place& behind);
/// Which messages are to go by now, at most limits::expired_at_once, behind those that were
/// read before (due_query.cpp).
result<due_messages> read_due_messages(const row_reader& rows, timestamp until,
                                       const std::string& behind);

/// Of which conversations the oldest events are to go (retention_query.cpp).
result<trimmable_events> read_trimmable_events(const row_reader& rows,
                                               const retention_question& asked);
/// A page of the conversations that are held (retention_query.cpp).
result<hold_page> read_hold_page(const row_reader& rows, const list_holds& what);

/// Those of the files that are there (file_query.cpp).
result<std::vector<stored_file>> read_stored_files(const row_reader& rows,
                                                   const std::vector<file_id>& files);
/// What a file is, for someone who may read it; `not_found` for everyone else (file_query.cpp).
result<file_facts> read_file_for(const row_reader& rows, const file_id& file, const user_id& reader,
                                 timestamp now);
/// What a user has uploaded and never sent (file_query.cpp).
result<unsent_files> read_unsent_files(const row_reader& rows, const user_id& user);
/// Which files are in no message and go by now, at most limits::files_dropped_at_once
/// (file_query.cpp).
result<unused_files> read_unused_files(const row_reader& rows, timestamp until);

/// Users who are being erased, or were: all, or the one with this receipt (erasure_query.cpp).
/// Receipts of exports, as they are encoded: the one with this id, or the newest before one, the
/// latest first.
result<std::vector<std::string>> read_exports(const row_reader& rows,
                                              const std::optional<std::string>& id,
                                              const std::optional<std::string>& before);
result<std::vector<user_erasure>> read_user_erasures(const row_reader& rows,
                                                     const std::optional<std::string>& id);
/// What is still to be done before the name of a user may be forgotten (erasure_query.cpp).
result<erasure_work> read_erasure_work(const row_reader& rows, const erasure_work_question& asked);
/// In how many conversations that are held the user has messages (erasure_query.cpp).
result<std::uint64_t> count_held_messages(const row_reader& rows, const user_id& user);

/// What a message said over time; `not_found` unless it is a message that the reader may see
/// (inquiry_query.cpp).
result<version_page> read_versions(const row_reader& rows, const get_versions& what,
                                   const user_id& reader);
/// Who reacted to one, likewise (inquiry_query.cpp).
result<reaction_page> read_reactions(const row_reader& rows, const get_reactions& what,
                                     const user_id& reader);

/// What went with a message that was deleted; `not_found` for any other (inquiry_query.cpp).
result<erasure_facts> read_erasure(const row_reader& rows, const get_erasure& what,
                                   const user_id& reader);

/// A message's event as this reader is to see it now (message_query.cpp).
result<std::string> read_restated(const row_reader& rows, const conversation_id& conversation,
                                  sequence seq, std::string_view event, const user_id& reader);

/// Marks messages among a run of events of which history says more (message_query.cpp).
outcome mark_restated(const row_reader& rows, const conversation_id& conversation,
                      std::vector<stored_event>& events);

/// Up to `most_members` members of a conversation, by user (snapshot_query.cpp).
result<std::vector<member_facts>>
read_members(const row_reader& rows, const conversation_id& conversation, std::size_t most_members);

/// A page of a user's conversations; `now` tells what is muted (list_query.cpp).
result<conversation_list> read_list_page(const row_reader& rows, const user_id& user,
                                         const list_conversations& what, timestamp now);

/// Where members' cursors stand, in the order asked; nothing for who is no member
/// (receipts_query.cpp).
result<std::vector<std::optional<member_cursors>>> read_cursors(const row_reader& rows,
                                                                const conversation_id& conversation,
                                                                const std::vector<user_id>& users);

/// Who has a message and since when, but for its author and those who joined behind it.
/// Nor those between whom and the reader stands a block. `not_found` when the number is not a
/// message's (receipts_query.cpp).
result<receipt_page> read_receipt_page(const row_reader& rows, const get_receipts& what,
                                       const user_id& reader);

/// The members whose cursors moved since a position, as a reader is told (receipts_query.cpp).
result<std::vector<receipt_facts>> read_moved_receipts(const row_reader& rows,
                                                       const conversation_id& conversation,
                                                       position since, const user_id& reader,
                                                       blocks_around& blocks);

/// What a user missed (catch_up_query.cpp).
result<catch_up> read_missed(const row_reader& rows, const user_id& user,
                             std::optional<position> since);

/// With whom a user shares a conversation (people_query.cpp).
result<shared_users> read_shared_with(const row_reader& rows, const user_id& user,
                                      const std::vector<user_id>& others);

/// A portion of the messages about which events behind `since`, up to `until`, speak
/// (feed_query.cpp).
result<message_feed> read_feed(const row_reader& rows, position since, position until,
                               const feed_place& from);

/// What users show of themselves, of those who show it to the reader (people_query.cpp).
result<std::vector<listed_profile>> read_profiles(const row_reader& rows, const user_id& reader,
                                                  const std::vector<user_id>& users);
/// Who has blocked a user, whom they have, and what they let others know (people_query.cpp).
result<dealings> read_dealings_of(const row_reader& rows, const user_id& user);

/// When a user was seen last, if ever, and whether others are told (people_query.cpp).
result<seen_facts> read_last_seen(const row_reader& rows, const user_id& user);

/// Events of `first`..`last`, newest first until `most_events` or `most_bytes` would be exceeded,
/// then put into rising order; at least one when `at_least_one` (page_query.cpp). Of what is
/// before `edits_from`, edits say nothing.
result<std::vector<stored_event>> read_newest(const row_reader& rows,
                                              const conversation_id& conversation, sequence first,
                                              sequence last, sequence edits_from,
                                              std::size_t most_events, std::size_t most_bytes,
                                              bool at_least_one);

/// A portion of all events behind `since`, up to `until` (event_feed_query.cpp).
result<event_feed> read_event_feed(const row_reader& rows, position since, position until,
                                   const event_feed_place& from);

/// An event as it is stored now, also the last one of a deleted conversation; nothing when it is
/// gone (event_feed_query.cpp).
result<std::optional<stored_event>>
read_one_event(const row_reader& rows, const conversation_id& conversation, sequence seq);

} // namespace parley
