// Which records may be stored: with what their kind says, and nothing else.
#include <algorithm>

#include "actors/limits_people.hpp"
#include "persistence/record_codec.hpp"

namespace parley {

namespace {

template <class Id>
bool is_id(const Id& id) {
  return !id.empty() && id.str().size() <= limits::id_bytes;
}

/// Whether the record says of an earlier message what its kind says, and nothing else does.
bool is_change_storable(const record& what) noexcept {
  const bool changes = what.kind == record_kind::edited || what.kind == record_kind::erased ||
                       what.kind == record_kind::reacted || what.kind == record_kind::hidden ||
                       what.kind == record_kind::pinned || what.kind == record_kind::thread_read ||
                       what.kind == record_kind::trimmed;
  if (!what.change)
    return !changes;
  const message_change& change = *what.change;
  if (what.kind == record_kind::trimmed) // nobody did it, to no message
    return change.message.value() > 1 && change.message <= what.seq.next() &&
           change.author.empty() && change.before == mentioned{} && change.tombstones.empty() &&
           change.emoji.empty();
  const sequence behind = is_numbered(what.kind) ? what.seq : what.seq.next();
  const auto earlier = [&](sequence seq) { return seq.value() > 0 && seq < behind; };
  const bool erases = what.kind == record_kind::erased;
  const bool reacts = what.kind == record_kind::reacted;
  return changes && earlier(change.message) && is_id(change.author) &&
         std::all_of(change.before.users.begin(), change.before.users.end(), is_id<user_id>) &&
         std::all_of(change.tombstones.begin(), change.tombstones.end(),
                     [&](const auto& each) { return earlier(each.seq) && !each.event.empty(); }) &&
         change.tombstones.empty() != erases &&
         (!erases || change.tombstones.front().seq == change.message) &&
         change.emoji.empty() != reacts && change.emoji.size() <= limits::emoji_bytes;
}

bool is_file(const file_facts& what) noexcept {
  return is_file_id(what.file.str()) && what.name.size() <= limits::file_name_bytes &&
         !what.type.empty() && what.type.size() <= limits::media_type_bytes;
}

bool are_files_storable(const record& what) noexcept {
  const std::size_t most = what.kind == record_kind::message         ? limits::files
                           : what.kind == record_kind::files_dropped ? limits::files_dropped_at_once
                                                                     : 0;
  return what.files.size() <= most &&
         std::all_of(what.files.begin(), what.files.end(),
                     [](const file_id& each) { return is_file_id(each.str()); }) &&
         (what.file != nullptr) == (what.kind == record_kind::file_added) &&
         (!what.file || is_file(*what.file));
}

/// Of no conversation, and with nothing but what its kind says.
bool is_storable_alone(const record& what) noexcept {
  const bool is_nobodys = what.kind == record_kind::files_dropped;
  return (is_nobodys ? what.actor.empty() && !what.files.empty() : is_id(what.actor)) &&
         what.conversation.empty() && what.seq.value() == 0 && !what.key && what.event.empty();
}

/// Whether a record has a profile where its kind says so, and one that fits.
bool is_profile_storable(const record& what) noexcept {
  const bool has = what.told && what.told->profile;
  if (has != (what.kind == record_kind::profiled))
    return false;
  return !has || (what.told->profile->name.size() <= limits::profile_name_bytes &&
                  what.told->profile->avatar.size() <= limits::profile_avatar_bytes &&
                  what.told->profile->text.size() <= limits::profile_text_bytes);
}

} // namespace

bool is_storable(const record& what) noexcept {
  if (!are_files_storable(what))
    return false;
  if (what.kind == record_kind::user_erased || what.kind == record_kind::exported)
    return what.conversation.empty() && what.actor.empty() && what.seq.value() == 0 && !what.key &&
           !what.change && !what.told && !what.event.empty();
  if (what.kind == record_kind::notified)
    return what.told && !what.told->profile && what.event.empty() && !what.key && !what.change &&
           (what.told->notices.empty() || (is_id(what.conversation) && what.seq.value() > 0)) &&
           std::all_of(what.told->notices.begin(), what.told->notices.end(),
                       [](const notice& each) { return is_id(each.user); });
  if (is_of_user(what.kind))
    return is_profile_storable(what) && is_id(what.conversation) && is_id(what.actor) &&
           what.told && what.event.empty() && !what.change &&
           (!what.told->dismissed || is_id(*what.told->dismissed)) &&
           (!what.key || is_id(what.key->client));
  if (what.told)
    return false;
  if (is_about_users(what.kind))
    return is_id(what.conversation) && is_id(what.actor) && what.left && is_id(*what.left) &&
           what.event.empty() && !what.change && !what.created && what.joined.empty() &&
           what.roles.empty() && what.receipts.empty() && what.thread.value() == 0 &&
           what.expires_at == 0 && !what.kept &&
           (!what.key ||
            (is_id(what.key->scope) && is_id(what.key->sender) && is_id(what.key->client)));
  if (!is_of_conversation(what.kind))
    return is_storable_alone(what);
  const auto joined = [](const membership& each) { return is_id(each.user); };
  const auto moves_of_member = [](const member_receipt& each) {
    return is_id(each.user) && std::all_of(each.devices.begin(), each.devices.end(),
                                           [](const auto& device) { return is_id(device.device); });
  };
  const bool is_nobodys = what.kind == record_kind::trimmed;
  return is_id(what.conversation) && (is_nobodys ? what.actor.empty() : is_id(what.actor)) &&
         what.seq.value() > 0 && !(is_nobodys && what.key) &&
         (!what.key ||
          (is_id(what.key->scope) && is_id(what.key->sender) && is_id(what.key->client))) &&
         std::all_of(what.joined.begin(), what.joined.end(), joined) &&
         std::all_of(what.roles.begin(), what.roles.end(), joined) &&
         (!what.left || is_id(*what.left)) && (!what.restricted || is_id(what.restricted->user)) &&
         std::all_of(what.receipts.begin(), what.receipts.end(), moves_of_member) &&
         (what.kind != record_kind::thread_read || what.receipts.size() == 1) &&
         (what.kind == record_kind::message ||
          (what.thread.value() == 0 && what.expires_at == 0)) &&
         what.thread < what.seq &&
         std::all_of(what.mentions.users.begin(), what.mentions.users.end(), is_id<user_id>) &&
         what.created.has_value() == (what.kind == record_kind::created) &&
         is_change_storable(what) && (what.kept != nullptr) == (what.kind == record_kind::set) &&
         (what.kind != record_kind::uninvited || what.roles.size() == 1) &&
         (what.kind != record_kind::invited || !what.roles.empty()) &&
         is_numbered(what.kind) != what.event.empty();
}

} // namespace parley
