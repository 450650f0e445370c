// What is asked of a conversation, by whom.
#pragma once

#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "actors/commands.hpp"
#include "actors/ids.hpp"
#include "actors/record.hpp"

namespace parley {

/// Who asks, and where the answer goes.
struct asker {
  user_id user;
  session_address session;
  reference ref;
  bool operates = false; ///< As in identity.
};

/// It is time for messages to go that were sent to expire; no client's command.
struct expire_messages {
  std::vector<sequence> messages; ///< Rising, at most limits::erased_at_once.
};

/// It is time for the oldest events to go; no client's command.
struct trim_events {
  sequence kept_from;            ///< The first one that stays.
  retention_bounds settled = {}; ///< By the conversation, when this was found out.
};
/// A user is being erased: the conversation lets them go, or ends their invitation, or deletes
/// these messages of theirs; no client's command either.
struct erase_user {
  user_id user;
  std::vector<sequence> messages = {}; ///< Rising, at most limits::erased_at_once.
};
/// What is in memory is not what the store has any more; no client's command either.
struct reload_conversation {};

/// What can be asked of a conversation; what a user settles alone, of their book
/// (rules::id_of_book).
using conversation_command =
    std::variant<create, expire_messages, erase_user, reload_conversation, send_message,
                 add_members, remove_member, ban_user, unban_user, silence_member, leave,
                 change_role, update_conversation, edit_message, erase, react, pin_message,
                 read_thread, block_user, unblock_user, set_notifications, dismiss_notifications,
                 invite_users, accept_invitation, decline_invitation, uninvite_user, set_profile,
                 introduce_user, hold_conversation, trim_events, mark_delivered, mark_read,
                 mark_unread, set_preferences, set_typing, get_conversation, get_members, history,
                 sync_events, get_receipts, get_versions, get_reactions, get_erasure, get_thread,
                 get_pins, get_restrictions, get_invited, get_devices, get_presences>;
/// What the model is asked about one message, or about the asker's devices.
using message_inquiry =
    std::variant<get_receipts, get_versions, get_reactions, get_erasure, get_thread, get_devices>;

/// A command on its way to its conversation; made once, passed on, never changed.
struct conversation_request {
  conversation_id conversation;
  asker who;
  conversation_command what;
  /// For a `create` with a `client_id`: the name space of that id (rules::creation_scope).
  std::optional<conversation_id> creation_scope;
};
using request_ptr = std::shared_ptr<const conversation_request>;

/// The client_id of a command that carries one, or null.
const client_id* client_of(const conversation_command& what);
/// Tells apart commands that carry the same client_id.
fingerprint content_of(const conversation_command& what);
/// Whether it can be asked where there is no conversation yet.
bool needs_no_conversation(const conversation_command& what);
/// Whether it only reads; reads are decided by what is on disk, whatever is under way.
bool only_reads(const conversation_command& what) noexcept;
/// Whether it moves the asker's cursors.
bool moves_cursors(const conversation_command& what) noexcept;
/// Whether it asks where cursors stand.
bool is_about_receipts(const conversation_command& what) noexcept;
/// Whether it may be under way beside messages and receipts.
bool goes_beside_others(const conversation_command& what) noexcept;

} // namespace parley
