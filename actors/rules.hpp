// Who may do what in which kind of conversation, and who one is in it: pure tables.
#pragma once

#include <optional>
#include <string>

#include "actors/commands.hpp"
#include "actors/errors.hpp"
#include "actors/queries.hpp"
#include "actors/record.hpp"

namespace parley::rules {

/// What kind of conversation it is, and the rights that it has settled itself.
struct charter {
  charter(conversation_kind is) : kind(is) {} // NOLINT(google-explicit-constructor)
  charter(conversation_kind is, const permissions& settled) : kind(is), rights(settled) {}
  conversation_kind kind;
  permissions rights = {};
};

/// Whether the role has the right: as the conversation has settled it, else as its kind has it. A
/// direct conversation settles nothing, and nobody is added to it, removed from it, or deletes
/// another's message.
bool may(const charter& of, right what, role as) noexcept;
/// By default, direct and group: every member; channel: owners and admins.
bool may_post(const charter& of, role as) noexcept;
/// By default, group: every member; channel: owners and admins; direct: nobody.
bool may_add(const charter& of, role as) noexcept;
/// By default owners and admins; but for owners, only those below; direct: nobody.
bool may_remove(const charter& of, role as, role whom) noexcept;
/// Owners and admins, but for a direct conversation: slow mode and freezing, which do not apply to
/// them.
bool may_moderate(conversation_kind kind, role as) noexcept;
/// Owners, but a direct conversation's rights are fixed.
bool may_settle(conversation_kind kind, role as) noexcept;
/// A direct conversation is not left.
bool may_leave(conversation_kind kind) noexcept;
/// Owners give and take any role; admins make members and readers of those below them.
bool may_change_role(conversation_kind kind, role as, role from, role to) noexcept;
/// Title and `meta`: every member of a direct conversation or group, owners and admins of a
/// channel.
bool may_update(const charter& of, role as) noexcept;
/// The same.
bool may_pin(const charter& of, role as) noexcept;
/// Owners, but a direct conversation is nobody's to delete.
bool may_delete(conversation_kind kind, role as) noexcept;
/// The author while the window is open; by default owners and admins of a group or channel always.
bool may_erase(const charter& of, role as, bool is_author, bool in_window) noexcept;
/// Nobody gives a role above the own, and `owner` is not given by `add`.
bool may_give(role as, role given) noexcept;
/// What someone becomes who is added without a role.
role role_of_added(conversation_kind kind) noexcept;

/// The conversation that a `create` of `creator` names: for a direct one derived from the pair,
/// with a `client_id` derived from (creator, client_id), otherwise from `random`.
conversation_id id_of(const create& what, const user_id& creator, const std::string& random);
/// The direct conversation of two users.
conversation_id id_of_pair(const user_id& one, const user_id& other);
/// Where what a user settles alone is decided: the direct conversation with themselves, which is
/// never made.
conversation_id id_of_book(const user_id& user);
/// The name space of a creation's `client_id`; no conversation has this id, so that a message may
/// carry the same `client_id` as the creation of its conversation.
conversation_id creation_scope(const user_id& creator, const client_id& client);
/// Whether the command makes sense at all, before anything is looked at.
outcome validate(const create& what, const user_id& creator);
/// Creator first, then the others in the order given, each once.
std::vector<membership> founders(const create& what, const user_id& creator);

/// Whether the message makes sense in a conversation whose newest event is `head`.
outcome validate(const send_message& what, sequence head);
/// Whether the settings make sense at all.
outcome validate(const set_notifications& what);
/// Few enough, and each as parse_quiet_span reads it.
outcome validate_quiet_hours(const std::vector<std::string>& spans);
/// Whether the profile makes sense at all.
outcome validate(const set_profile& what);
/// Whether the edit makes sense at all.
outcome validate(const edit_message& what);
/// Whether so much can be kept.
outcome validate(const retention_bounds& what);
/// Whom a message mentions: each user once, nobody by name when everyone is.
mentioned mentioned_by(const std::optional<std::vector<user_id>>& mentions);

/// Tells apart commands that carry the same `client_id`.
fingerprint fingerprint_of(const create& what);
fingerprint fingerprint_of(const send_message& what);
fingerprint fingerprint_of(const add_members& what);
fingerprint fingerprint_of(const remove_member& what);
fingerprint fingerprint_of(const ban_user& what);
fingerprint fingerprint_of(const unban_user& what);
fingerprint fingerprint_of(const silence_member& what);
fingerprint fingerprint_of(const read_thread& what);
fingerprint fingerprint_of(const block_user& what);
fingerprint fingerprint_of(const unblock_user& what);
fingerprint fingerprint_of(const set_notifications& what);
fingerprint fingerprint_of(const dismiss_notifications& what);
fingerprint fingerprint_of(const leave& what);
fingerprint fingerprint_of(const change_role& what);
fingerprint fingerprint_of(const update_conversation& what);
fingerprint fingerprint_of(const edit_message& what);
fingerprint fingerprint_of(const erase& what);
fingerprint fingerprint_of(const react& what);
fingerprint fingerprint_of(const pin_message& what);
fingerprint fingerprint_of(const mark_delivered& what);
fingerprint fingerprint_of(const mark_read& what);
fingerprint fingerprint_of(const mark_unread& what);
fingerprint fingerprint_of(const set_preferences& what);
fingerprint fingerprint_of(const invite_users& what);
fingerprint fingerprint_of(const accept_invitation& what);
fingerprint fingerprint_of(const decline_invitation& what);
fingerprint fingerprint_of(const uninvite_user& what);
fingerprint fingerprint_of(const set_profile& what);
fingerprint fingerprint_of(const introduce_user& what);
fingerprint fingerprint_of(const hold_conversation& what);

/// The events that `history` asks for in a conversation whose newest event is `head`; `bad_request`
/// for more than one anchor.
/// `from` is the first number that the reader may see.
result<page_range> range_of(const history& what, sequence head, sequence from = sequence{1});
page_range range_of(const sync_events& what, sequence head, sequence from = sequence{1});
/// The number of items a client gets who asked for `limit`.
std::size_t page_limit(const std::optional<std::uint64_t>& limit) noexcept;

} // namespace parley::rules
