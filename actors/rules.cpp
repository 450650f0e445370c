// The rules of conversations as plain functions.
#include "actors/rules.hpp"

#include <algorithm>
#include <set>

#include "actors/digest.hpp"
#include "actors/limits.hpp"
#include "actors/limits_retention.hpp"
#include "actors/quiet_hours.hpp"

namespace parley::rules {

namespace {

bool leads(role as) noexcept { return as == role::owner || as == role::admin; }

fingerprint half_of(const digest& full) {
  fingerprint half{};
  std::copy_n(full.begin(), half.size(), half.begin());
  return half;
}

template <class Id>
std::string joined_with_lengths(const std::vector<Id>& ids) {
  std::string text;
  for (const auto& id : ids)
    text += std::to_string(id.str().size()) + ':' + id.str();
  return text;
}

constexpr std::size_t id_digest_bytes = 16;

outcome few_enough(const std::optional<std::vector<user_id>>& mentions) {
  if (mentions && mentions->size() > limits::mentions)
    return failure{error_code::too_large, "at most 50 mentions; `@all` is for more", {}};
  return success();
}

outcome validate_files(const std::vector<file_id>& files) {
  if (files.empty())
    return failure{error_code::bad_request, "`files` is empty", {}};
  if (files.size() > limits::files)
    return failure{error_code::too_large, "at most 10 files in a message", {}};
  if (std::set<file_id>(files.begin(), files.end()).size() != files.size())
    return failure{error_code::bad_request, "`files` names a file twice", {}};
  return success();
}

/// Whether a text begins as an address does (RFC 3986, section 3.1).
bool has_scheme(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto end = std::find_if(text.begin(), text.end(), [&](char c) {
    return !is_letter(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.';
  });
  return end != text.begin() && end != text.end() && *end == ':' && is_letter(text.front());
}

/// The least role that has a right by default; nothing where nobody has it.
std::optional<role> least_role(conversation_kind kind, right what) noexcept {
  const bool is_direct = kind == conversation_kind::direct;
  switch (what) {
  case right::delete_any:
  case right::remove:
    return is_direct ? std::nullopt : std::optional{role::admin};
  case right::add:
    if (is_direct)
      return std::nullopt;
    break;
  default:
    break;
  }
  return kind == conversation_kind::channel ? role::admin : role::member;
}

} // namespace

bool may(const charter& of, right what, role as) noexcept {
  const auto least = least_role(of.kind, what);
  if (of.kind == conversation_kind::direct)
    return least && as <= *least;
  if (const auto& settled = of.rights[what])
    return as <= *settled;
  if (what == right::edit || what == right::mention_all)
    return may(of, right::post, as);
  return as <= *least;
}

bool may_post(const charter& of, role as) noexcept { return may(of, right::post, as); }

bool may_add(const charter& of, role as) noexcept { return may(of, right::add, as); }

bool may_remove(const charter& of, role as, role whom) noexcept {
  return may(of, right::remove, as) && (as == role::owner || as < whom);
}

bool may_moderate(conversation_kind kind, role as) noexcept {
  return kind != conversation_kind::direct && leads(as);
}

bool may_settle(conversation_kind kind, role as) noexcept {
  return kind != conversation_kind::direct && as == role::owner;
}

bool may_change_role(conversation_kind kind, role as, role from, role to) noexcept {
  if (kind == conversation_kind::direct)
    return false;
  return as == role::owner || (as == role::admin && from > as && to > as);
}

bool may_update(const charter& of, role as) noexcept { return may(of, right::update, as); }

bool may_pin(const charter& of, role as) noexcept { return may(of, right::pin, as); }

bool may_leave(conversation_kind kind) noexcept { return kind != conversation_kind::direct; }

bool may_delete(conversation_kind kind, role as) noexcept {
  return kind != conversation_kind::direct && as == role::owner;
}

bool may_erase(const charter& of, role as, bool is_author, bool in_window) noexcept {
  return (is_author && in_window) || may(of, right::delete_any, as);
}

bool may_give(role as, role given) noexcept { return given != role::owner && given >= as; }

role role_of_added(conversation_kind kind) noexcept {
  return kind == conversation_kind::channel ? role::reader : role::member;
}

conversation_id creation_scope(const user_id& creator, const client_id& client) {
  return conversation_id{
      "k" + hex(digest_of({"creation", creator.str(), client.str()}), id_digest_bytes)};
}

conversation_id id_of_pair(const user_id& one, const user_id& other) {
  const auto [low, high] = std::minmax(one.str(), other.str());
  return conversation_id{"d" + hex(digest_of({"direct", low, high}), id_digest_bytes)};
}

conversation_id id_of_book(const user_id& user) { return id_of_pair(user, user); }

conversation_id id_of(const create& what, const user_id& creator, const std::string& random) {
  if (what.kind == conversation_kind::direct)
    return id_of_pair(creator, *what.with);
  if (!what.client)
    return conversation_id{"c" + random};
  const digest named = digest_of({"create", creator.str(), what.client->str()});
  return conversation_id{"c" + hex(named, id_digest_bytes)};
}

outcome validate(const create& what, const user_id& creator) {
  const std::size_t named = what.members ? what.members->size() : 0;
  if (named > limits::users_per_command)
    return failure{error_code::too_large, "at most 1000 members at once; use `add` for more", {}};
  if (what.kind != conversation_kind::direct)
    return what.with
               ? outcome{failure{error_code::bad_request, "`with` is for direct conversations", {}}}
               : success();
  if (!what.with)
    return failure{error_code::bad_request, "a direct conversation needs `with`", {}};
  if (*what.with == creator)
    return failure{error_code::bad_request, "a direct conversation needs another user", {}};
  if (what.members)
    return failure{error_code::bad_request, "a direct conversation has no `members` list", {}};
  return success();
}

outcome validate(const send_message& what, sequence head) {
  if (what.reply_to && (*what.reply_to == 0 || *what.reply_to > head.value()))
    return failure{error_code::bad_request, "`reply_to` names no message here", {}};
  if (what.thread && (*what.thread == 0 || *what.thread > head.value()))
    return failure{error_code::bad_request, "`thread` names no message here", {}};
  if (what.expires_in &&
      (*what.expires_in == 0 || *what.expires_in > limits::longest_expiry_seconds))
    return failure{error_code::bad_request, "`expires_in` is from 1 second to a year", {}};
  if (what.files)
    if (auto valid = validate_files(*what.files); !valid)
      return valid;
  return few_enough(what.mentions);
}

outcome validate_quiet_hours(const std::vector<std::string>& spans) {
  if (spans.size() > limits::quiet_spans)
    return failure{error_code::too_large, "too many quiet hours", {}};
  for (const auto& each : spans)
    if (!parse_quiet_span(each))
      return failure{error_code::bad_request, "quiet hours look like `mon-fri 22:00-07:00`", {}};
  return success();
}

outcome validate(const set_notifications& what) {
  if (static_cast<const notification_settings&>(what) == notification_settings{})
    return failure{error_code::bad_request, "nothing is set", {}};
  if (what.quiet)
    if (auto valid = validate_quiet_hours(*what.quiet); !valid)
      return valid;
  if (what.zone && !is_known_zone(*what.zone))
    return failure{
        error_code::bad_request, "no such time zone; they look like `Europe/Berlin`", {}};
  return success();
}

outcome validate(const set_profile& what) {
  if (!what.shown_name && !what.avatar && !what.text)
    return failure{error_code::bad_request, "one of `name`, `avatar`, `text` is needed", {}};
  for (const auto* line : {&what.shown_name, &what.avatar})
    if (*line && (*line)->text.find_first_of("\t\r\n") != std::string::npos)
      return failure{error_code::bad_request, "`name` and `avatar` are one line each", {}};
  if (what.avatar && has_scheme(what.avatar->text) &&
      (!what.avatar->text.starts_with("https://") || what.avatar->text.size() == 8))
    return failure{error_code::bad_request, "an address in `avatar` begins with https://", {}};
  return success();
}

outcome validate(const retention_bounds& what) {
  if (what.days > limits::retention_days || what.messages > limits::retention_messages)
    return failure{
        error_code::bad_request, "`retention` is 36,500 days and 1,000,000 messages at most", {}};
  return success();
}

outcome validate(const edit_message& what) { return few_enough(what.mentions); }

mentioned mentioned_by(const std::optional<std::vector<user_id>>& mentions) {
  static const std::set<std::string, std::less<>> everyone{"@all", "@here"};
  mentioned found;
  std::set<user_id> seen;
  for (const auto& user : mentions.value_or(std::vector<user_id>{})) {
    if (everyone.contains(user.str()))
      return {{}, true};
    if (seen.insert(user).second)
      found.users.push_back(user);
  }
  return found;
}

std::vector<membership> founders(const create& what, const user_id& creator) {
  std::vector<membership> all{{creator, role::owner}};
  if (what.with)
    all.push_back({*what.with, role::member});
  std::set<user_id> seen{creator};
  for (const auto& user : what.members.value_or(std::vector<user_id>{}))
    if (seen.insert(user).second)
      all.push_back({user, role_of_added(what.kind)});
  return all;
}

fingerprint fingerprint_of(const create& what) {
  return half_of(digest_of({"create", to_string(what.kind), what.with ? what.with->str() : "",
                            what.title.value_or(""),
                            joined_with_lengths(what.members.value_or(std::vector<user_id>{}))}));
}

// Messages with nothing but a body are by far the most: they are digested as nothing but a body.
fingerprint fingerprint_of(const send_message& what) {
  if (what.screened)
    return what.screened->as_said;
  if (!what.reply_to && !what.mentions && !what.meta && !what.expires_in && !what.thread &&
      !what.files)
    return half_of(digest_of({"send", what.body}));
  return half_of(digest_of({"send", what.body, what.reply_to ? std::to_string(*what.reply_to) : "",
                            what.mentions ? joined_with_lengths(*what.mentions) : "-",
                            what.meta ? what.meta->msgpack : "",
                            what.expires_in ? std::to_string(*what.expires_in) : "",
                            what.thread ? std::to_string(*what.thread) : "",
                            what.files ? joined_with_lengths(*what.files) : ""}));
}

fingerprint fingerprint_of(const add_members& what) {
  return half_of(
      digest_of({"add", what.as ? to_string(*what.as) : "", joined_with_lengths(what.users)}));
}

fingerprint fingerprint_of(const remove_member& what) {
  return half_of(digest_of({"remove", what.user.str()}));
}

fingerprint fingerprint_of(const ban_user& what) {
  return half_of(
      digest_of({"ban", what.user.str(), what.until ? std::to_string(*what.until) : "for good"}));
}

fingerprint fingerprint_of(const read_thread& what) {
  return half_of(
      digest_of({"read_thread", std::to_string(what.message), std::to_string(what.seq)}));
}

fingerprint fingerprint_of(const block_user& what) {
  return half_of(digest_of({"block", what.user.str()}));
}

fingerprint fingerprint_of(const unblock_user& what) {
  return half_of(digest_of({"unblock", what.user.str()}));
}

fingerprint fingerprint_of(const unban_user& what) {
  return half_of(digest_of({"unban", what.user.str()}));
}

fingerprint fingerprint_of(const silence_member& what) {
  return half_of(digest_of({"silence", what.user.str(), std::to_string(what.until)}));
}

fingerprint fingerprint_of(const change_role& what) {
  return half_of(digest_of({"role", what.user.str(), to_string(what.as)}));
}

fingerprint fingerprint_of(const update_conversation& what) {
  std::string moderated = what.slow_mode ? "s" + std::to_string(*what.slow_mode) : "";
  if (what.frozen)
    moderated += *what.frozen ? "frozen" : "thawed";
  if (what.rights)
    for (const auto& least : what.rights->least)
      moderated += least ? to_string(*least).front() : '-';
  if (what.history)
    moderated += to_string(*what.history);
  if (what.retention)
    moderated +=
        "r" + std::to_string(what.retention->days) + "," + std::to_string(what.retention->messages);
  return half_of(digest_of({"update", what.title ? "t" + *what.title : "",
                            what.meta ? what.meta->msgpack : "", moderated}));
}

fingerprint fingerprint_of(const edit_message& what) {
  if (what.screened)
    return what.screened->as_said;
  return half_of(digest_of({"edit", std::to_string(what.message), what.body,
                            what.mentions ? joined_with_lengths(*what.mentions) : "-"}));
}

fingerprint fingerprint_of(const erase& what) {
  if (!what.message)
    return half_of(digest_of({"delete"}));
  return half_of(
      digest_of({"delete", std::to_string(*what.message), what.whom ? to_string(*what.whom) : "",
                 what.through ? std::to_string(*what.through) : ""}));
}

fingerprint fingerprint_of(const react& what) {
  return half_of(digest_of({"react", std::to_string(what.message), what.emoji,
                            what.remove.value_or(false) ? "remove" : ""}));
}

fingerprint fingerprint_of(const pin_message& what) {
  return half_of(digest_of(
      {"pin", std::to_string(what.message), what.remove.value_or(false) ? "remove" : ""}));
}

fingerprint fingerprint_of(const mark_delivered& what) {
  return half_of(digest_of({"delivered", std::to_string(what.seq)}));
}

fingerprint fingerprint_of(const mark_read& what) {
  if (what.in_private.value_or(false))
    return half_of(digest_of({"read", std::to_string(what.seq), "private"}));
  return half_of(digest_of({"read", std::to_string(what.seq)}));
}

fingerprint fingerprint_of(const mark_unread& what) {
  return half_of(digest_of({"unread", std::to_string(what.seq)}));
}

namespace {

std::string joined_spans(const std::vector<std::string>& quiet) {
  std::string spans = "-";
  for (const auto& each : quiet)
    spans += each + ";";
  return spans;
}

} // namespace

fingerprint fingerprint_of(const set_preferences& what) {
  const auto flag = [](const std::optional<bool>& value) {
    return value ? (*value ? "yes" : "no") : "";
  };
  const std::string muted = what.muted_until ? std::to_string(*what.muted_until) : "";
  const auto notify = what.notify ? to_string(*what.notify) : "";
  if (what.hidden) // those of before keep the digests they had
    return half_of(digest_of({"set", flag(what.archived), muted, flag(what.pinned), notify,
                              what.quiet ? joined_spans(*what.quiet) : "", flag(what.hidden)}));
  if (!what.quiet)
    return half_of(digest_of({"set", flag(what.archived), muted, flag(what.pinned), notify}));
  return half_of(digest_of(
      {"set", flag(what.archived), muted, flag(what.pinned), notify, joined_spans(*what.quiet)}));
}

fingerprint fingerprint_of(const set_notifications& what) {
  std::string spans = what.quiet ? joined_spans(*what.quiet) : "";
  if (what.typing || what.last_seen || what.receipts) { // those of before keep the digests they had
    const auto flag = [](const std::optional<bool>& value) {
      return value ? (*value ? "y" : "n") : "-";
    };
    spans += std::string("|") + flag(what.typing) + flag(what.last_seen) + flag(what.receipts);
  }
  return half_of(digest_of({"preferences", what.notify ? to_string(*what.notify) : "",
                            what.quiet_until ? std::to_string(*what.quiet_until) : "", spans,
                            what.zone ? "z" + *what.zone : ""}));
}

fingerprint fingerprint_of(const dismiss_notifications& what) {
  return half_of(digest_of({"dismiss", what.conversation ? what.conversation->str() : ""}));
}

fingerprint fingerprint_of(const leave&) { return half_of(digest_of({"leave"})); }

fingerprint fingerprint_of(const invite_users& what) {
  return half_of(
      digest_of({"invite", what.as ? to_string(*what.as) : "", joined_with_lengths(what.users)}));
}

fingerprint fingerprint_of(const accept_invitation&) { return half_of(digest_of({"accept"})); }

fingerprint fingerprint_of(const decline_invitation&) { return half_of(digest_of({"decline"})); }

fingerprint fingerprint_of(const hold_conversation& what) {
  return half_of(digest_of({"hold", what.on ? "on" : ""}));
}

fingerprint fingerprint_of(const uninvite_user& what) {
  return half_of(digest_of({"uninvite", what.user.str()}));
}

fingerprint fingerprint_of(const set_profile& what) {
  const auto part = [](const std::optional<erasable_text>& given) {
    return given ? "s" + given->text : "";
  };
  return half_of(
      digest_of({"set_profile", part(what.shown_name), part(what.avatar), part(what.text)}));
}

fingerprint fingerprint_of(const introduce_user& what) {
  return half_of(digest_of({"introduce", what.shown_name}));
}

std::size_t page_limit(const std::optional<std::uint64_t>& limit) noexcept {
  return static_cast<std::size_t>(
      std::clamp<std::uint64_t>(limit.value_or(limits::page), 1, limits::page));
}

result<page_range> range_of(const history& what, sequence head, sequence from) {
  if (what.before.has_value() + what.after.has_value() + what.around.has_value() > 1)
    return failure{error_code::bad_request, "use one of `before`, `after` and `around`", {}};
  const std::size_t limit = page_limit(what.limit);
  const std::uint64_t least = std::max<std::uint64_t>(from.value(), 1);
  if (what.after) {
    const std::uint64_t first = std::max(std::min(*what.after, head.value()) + 1, least);
    return page_range{sequence{first}, head, false, limit, false};
  }
  if (what.around) {
    const std::uint64_t middle =
        std::clamp<std::uint64_t>(*what.around, 1, std::max(head.value(), least));
    const std::uint64_t first = std::max(middle > limit / 2 ? middle - limit / 2 : 1, least);
    const std::uint64_t last = std::min(first + limit - 1, head.value());
    return page_range{sequence{first}, sequence{last}, false, limit,
                      first > least || last < head.value()};
  }
  const std::uint64_t end =
      what.before ? std::min(*what.before, head.value() + 1) : head.value() + 1;
  return page_range{sequence{least}, sequence{end > 0 ? end - 1 : 0}, true, limit, false};
}

page_range range_of(const sync_events& what, sequence head, sequence from) {
  const sequence first{std::min(what.after, head.value()) + 1};
  return {std::max(first, from), head, false, page_limit(what.limit), false, first};
}

} // namespace parley::rules
