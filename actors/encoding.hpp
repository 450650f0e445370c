// Writes envelopes as MessagePack maps: the one place where answers and events get their bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/envelope_types.hpp"
#include "actors/errors.hpp"
#include "actors/ids.hpp"
#include "actors/presence_view.hpp"
#include "actors/queries.hpp"
#include "actors/record.hpp"

namespace parley {

/// Builds one MessagePack map key by key; `take` puts the header in front.
class map_writer {
public:
  map_writer() = default;
  /// Begins an envelope: `type`, and `ref` when there is one.
  explicit map_writer(envelope_type type, const reference& ref = {});

  map_writer& text(std::string_view name, std::string_view value);
  map_writer& number(std::string_view name, std::uint64_t value);
  map_writer& time(std::string_view name, timestamp value);
  map_writer& flag(std::string_view name, bool value);
  map_writer& texts(std::string_view name, const std::vector<std::string>& values);
  /// A value that is encoded already: a map or an array of ours.
  map_writer& encoded(std::string_view name, std::string_view value);
  /// All of `fields`, spliced in.
  map_writer& fields(const raw_fields& fields);

  raw_fields take_fields() &&;
  std::string take() &&;

private:
  void key(std::string_view name);
  raw_fields written_;
};

/// The header of a MessagePack array of `count` elements, to be followed by that many values.
std::string array_header(std::size_t count);
/// An array of users' ids.
std::string encode_user_list(const std::vector<user_id>& users);
/// An array of [{user, role}] as `joined` and `conversation` name members.
std::string encode_members(const std::vector<membership>& members);

/// What a `conversation` answer or event says, without `type` and `ref`.
struct conversation_facts {
  conversation_id conversation;
  conversation_kind kind = conversation_kind::group;
  std::string title;
  std::string meta;                ///< MessagePack of a map, or nothing.
  std::vector<membership> members; ///< At most limits::members_shown of them are written.
  std::size_t member_count = 0;
  sequence seq;
  timestamp created_at{};
  moderation moderated = {};
  sequence kept_from = {}; ///< Events before it are gone; 0 when none are.
};
raw_fields conversation_fields(const conversation_facts& facts);
/// The `conversation` event for those who join: as the answer, with limits::members_introduced.
std::string encode_introduction(conversation_facts facts);
/// `conversation` {ref?, conversation, kind, title?, members, member_count, seq, created_at,
/// slow_mode?, frozen?, permissions?, history?, retention?, kept_from?}.
std::string encode_conversation(const reference& ref, const conversation_facts& facts);

// --- Events: encoded once, stored, delivered and synced as these bytes ---

/// `message` {conversation, seq, at, from, client_id, body, reply_to?, mentions?, meta?,
/// expires_at?, thread?, files?: [{file, name?, type, size, sha256}]}.
std::string encode_message(sequence seq, timestamp at, const user_id& from,
                           const send_message& what, const std::vector<file_facts>& files = {});
/// `file` {file, name?, media_type, size, sha256, url, expires_at}.
std::string encode_file(const reference& ref, const file_facts& file, std::string_view url,
                        timestamp expires_at);
/// Whether a `message` answers another one; may say so of one that only looks like it.
bool may_be_reply(std::string_view event) noexcept;
/// `joined` {conversation, seq, at, users: [{user, role}], by}.
std::string encode_joined(const conversation_id& conversation, sequence seq, timestamp at,
                          const std::vector<membership>& users, const user_id& by);
/// `left` {conversation, seq, at, user, by, owner?, banned_until?}; `owner` is who owns it now that
/// the last owner went.
std::string encode_left(const conversation_id& conversation, sequence seq, timestamp at,
                        const user_id& user, const user_id& by, const std::optional<user_id>& owner,
                        const std::optional<restriction>& restricted = {});
/// `changed` {conversation, seq, at, by, user, banned_until, silent_until}.
std::string encode_restricted(const conversation_id& conversation, sequence seq, timestamp at,
                              const user_id& by, const restriction& whom);
/// `changed` {conversation, seq, at, by, user, role}.
std::string encode_role_changed(const conversation_id& conversation, sequence seq, timestamp at,
                                const user_id& by, const membership& whom);
/// `changed` {conversation, seq, at, by, title?, meta?, slow_mode?, frozen?, permissions?,
/// history?, retention?}.
std::string encode_changed(const conversation_id& conversation, sequence seq, timestamp at,
                           const user_id& by, const settings_change& what);

/// `invited` {conversation, seq, at, users: [{user, role}], by}.
std::string encode_invited(const conversation_id& conversation, sequence seq, timestamp at,
                           const std::vector<membership>& users, const user_id& by);
/// `uninvited` {conversation, seq, at, user, by}.
std::string encode_uninvited(const conversation_id& conversation, sequence seq, timestamp at,
                             const user_id& user, const user_id& by);

/// `edited` {conversation, seq, at, message, by, body, mentions?}.
std::string encode_edited(sequence seq, timestamp at, const user_id& by, const edit_message& what);
/// `deleted` {conversation, seq, at, message, by, expired?}: a message, for everyone.
std::string encode_erased(const conversation_id& conversation, sequence seq, timestamp at,
                          sequence message, const user_id& by, bool expired = false);
/// `reaction` {conversation, seq, at, message, user, emoji, removed?}.
std::string encode_reaction(sequence seq, timestamp at, const user_id& user, const react& what);
/// `pinned` {conversation, seq, at, message, by, removed?}.
std::string encode_pinned(sequence seq, timestamp at, const user_id& by, const pin_message& what);
/// What stays of a message: `message` {conversation, seq, at, from, deleted}.
tombstone encode_message_tombstone(const conversation_id& conversation, sequence seq, timestamp at,
                                   const user_id& from);
/// What stays of an edit: `edited` {conversation, seq, at, message, by, deleted}.
tombstone encode_edit_tombstone(const conversation_id& conversation, sequence message,
                                const message_edit& edit);

/// `deleted` {conversation, seq, at, by}: the conversation itself, with all that was in it.
std::string encode_deleted(const conversation_id& conversation, sequence seq, timestamp at,
                           const user_id& by);

/// `trimmed` {conversation, before}: what was before that number is gone. Not stored.
std::string encode_trimmed(const conversation_id& conversation, sequence before);
/// {days?, messages?}.
std::string encode_retention(const retention_bounds& bounds);

// --- Answers ---

/// `holds` {items: [{conversation, by, at}], cursor?}.
std::string encode_holds(const reference& ref, const hold_page& page);

/// `sent` {ref?, conversation, client_id, seq, at}.
std::string encode_sent(const reference& ref, const conversation_id& conversation,
                        const client_id& client, sequence seq, timestamp at);
/// `members` {items: [{user, role, joined}], cursor?}.
std::string encode_member_page(const reference& ref, const std::vector<member_facts>& items,
                               const std::optional<std::string>& cursor);
/// `error` {ref?, code, message, retry_after_ms?}.
std::string encode_error(const reference& ref, const failure& why);
/// Which error `encode_error` wrote, if `envelope` is one; a `ref` that looks like a code may
/// deceive it, so this is for counting alone.
std::optional<error_code> code_of_error(std::string_view envelope) noexcept;
/// `ok` {ref, seq?}; empty without a ref, since nobody waits for it.
std::string encode_ok(const reference& ref, sequence seq = {});
/// `page` {conversation, events, first, last, more}; events spliced as they are.
/// With the message that began it, when it is a page of a thread.
std::string encode_page(const reference& ref, const conversation_id& conversation,
                        const std::vector<stored_event>& events, bool more,
                        std::uint64_t thread = 0);
/// `conversations` {items, cursor?}.
std::string encode_list(const reference& ref, const conversation_list& list);
/// `versions` {conversation, message, items: [{seq, by, at, body}], cursor?}.
std::string encode_versions(const reference& ref, const get_versions& asked,
                            const version_page& page);
/// `reactions` {conversation, message, items: [{emoji, user}], cursor?}.
std::string encode_reactions(const reference& ref, const get_reactions& asked,
                             const reaction_page& page);
/// `erasure` {conversation, message, from, seq, by, at, versions, files?, expired?,
/// compacted_at?}.
std::string encode_erasure(const reference& ref, const get_erasure& asked,
                           const erasure_facts& facts);
/// `pins` {conversation, items: [{message, by, at}]}.
std::string encode_pins(const reference& ref, const conversation_id& conversation,
                        const std::vector<pinned_message>& items);
/// `restrictions` {conversation, items: [{user, banned_until, silent_until}]}.
std::string encode_restrictions(const reference& ref, const conversation_id& conversation,
                                const std::vector<restriction>& items);
/// `results` {hits: [{conversation, seq, from, at, snippet, marks}], cursor?}.
std::string encode_results(const reference& ref, const search_results& found);
/// `typing` {conversation, user, active, expires_ms}.
std::string encode_typing(const conversation_id& conversation, const user_id& user, bool active);
/// `typing` {conversation, count, expires_ms} (encoding_people.cpp).
std::string encode_typing_count(const conversation_id& conversation, std::size_t count);
/// `presences` {conversation, members, online, items?: [{user, status}]} (encoding_people.cpp).
std::string
encode_presences(const reference& ref, const conversation_id& conversation, std::size_t members,
                 std::size_t online,
                 const std::optional<std::vector<std::pair<user_id, shown_status>>>& items);
/// `profile` {user, name?, avatar?, text?, at}: an answer or an event (encoding_people.cpp).
std::string encode_profile(const reference& ref, const user_id& user, const user_profile& what);
/// `profiles` {items: [{user, name?, avatar?, text?, at}]} (encoding_people.cpp).
std::string encode_profiles(const reference& ref, const std::vector<listed_profile>& items);
/// `receipts` {conversation, message, items: [{user, delivered_at, read_at?}], cursor?}.
std::string encode_receipts(const reference& ref, const get_receipts& asked,
                            const receipt_page& page);
/// `receipt` {conversation, user, delivered, read, at}: as `reader` is told it.
std::string encode_receipt(const conversation_id& conversation, const receipt_facts& of,
                           const user_id& reader);
/// [{device, delivered, read, at}]: a list, no envelope.
std::string encode_device_cursors(const std::vector<device_receipt>& devices);
/// `devices` {conversation, delivered, read, shown, items: [{device, delivered, read, at}]}.
std::string encode_devices(const reference& ref, const get_devices& asked,
                           const member_cursors& cursors);
/// `settings` {conversation, archived?, muted_until?, pinned?, notify?, quiet?, hidden?}: what
/// changed of them.
std::string encode_preferences(const conversation_id& conversation, const preferences& kept);
/// `thread_read` {conversation, message, seq}: to the devices of the one who did it.
std::string encode_thread_read(const conversation_id& conversation, sequence message, sequence seq);
/// `notification` {conversation, seq, at, unread, mentions, quiet?}: to the devices of who is told.
std::string encode_notification(const record& of, const notice& what);
/// `notification` {user, and what the list of notifications has of it}: for whoever pushes it to
/// the user's devices.
std::string encode_notification_of(const user_id& user, const listed_notification& what);
/// `notifications` {user, conversations, count, unread, mentions, at, quiet?}: of all that a user
/// is told of together.
std::string encode_joined_notifications(const user_id& user, const joined_notices& what);
/// `withdrawn` {user, conversation?}: that notification is over, or that of all together.
std::string encode_withdrawn(const user_id& user, const conversation_id& conversation);
/// `dismissed` {conversation?}: to one's own devices.
std::string encode_dismissed(const std::optional<conversation_id>& conversation);
/// `preferences` {notify?, quiet_until?, quiet?, zone?, typing?, last_seen?, receipts?}: what is
/// set, to one's own devices or as an answer.
std::string encode_notification_settings(const reference& ref, const notification_settings& what);
/// `notifications` {items: [{conversation, kind, title, seq, at, unread, mentions, quiet?, seen?,
/// last?}], unseen, cursor?}.
std::string encode_notifications(const reference& ref, const notification_page& page);
/// `blocked` {user, removed?}: to the devices of the one who did it.
std::string encode_blocked(const user_id& user, bool removed);
/// `blocks` {items: [{user, at}], cursor?}.
std::string encode_blocks(const reference& ref, const block_page& page);
/// `totals` {conversations, unread, mentions, archived: {conversations, unread, mentions}}.
std::string encode_totals(const reference& ref, const unread_totals& totals);
/// `invitation` {conversation, kind, title?, role, by, at}: to who is invited.
std::string encode_invitation(const listed_invitation& what);
/// `invitation_over` {conversation}: likewise.
std::string encode_invitation_over(const conversation_id& conversation);
/// `invitations` {items: [{conversation, kind, title?, role, by, at}], cursor?}.
std::string encode_invitations(const reference& ref, const invitation_page& page);
/// `invited` {items: [{user, role, by, at}], cursor?}.
std::string encode_invited_page(const reference& ref, const std::vector<invitation>& items,
                                const std::optional<std::string>& cursor);
/// `hidden` {conversation, message}.
std::string encode_hidden(const conversation_id& conversation, sequence message);
/// `presence` {user, status, text?, last_seen?}.
std::string encode_presence(const user_id& user, const presence_view& view);
/// `sessions` {items: [{session, device, since, current}]}; `current` is the one that asked.
std::string encode_sessions(const reference& ref, const std::vector<session_facts>& items,
                            const session_address& current);
/// `gap` {conversation, from, to}.
std::string encode_gap(const conversation_id& conversation, sequence from, sequence to);
/// One of `checkpoint`, `synced` {cursor}.
std::string encode_cursor(envelope_type type, std::string_view cursor);
/// `bye` {reason, retry_after_ms?}.
std::string encode_bye(std::string_view reason,
                       std::optional<std::chrono::milliseconds> retry_after = {});

} // namespace parley
