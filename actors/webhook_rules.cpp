// One table of names, and arithmetic with times that others bring.
#include "actors/webhook_rules.hpp"

#include <algorithm>
#include <array>

#include "actors/digest.hpp"
#include "actors/limits.hpp"

namespace parley::webhook_rules {

namespace {

constexpr std::array<std::string_view, 10> type_names{
    "message.created",      "message.edited",    "message.deleted",      "reaction.changed",
    "member.joined",        "member.left",       "conversation.created", "conversation.changed",
    "conversation.deleted", "conversation.event"};

constexpr std::array<std::string_view, 2> notice_type_names{"notification.created",
                                                            "notification.withdrawn"};

bool fits(std::string_view pattern, std::string_view type) noexcept {
  if (pattern == "*" || pattern == type)
    return true;
  return pattern.ends_with(".*") && type.starts_with(pattern.substr(0, pattern.size() - 1));
}

/// Bits of the identifier's digest: enough that no two are ever the same.
constexpr std::size_t webhook_id_bytes = 16;

std::chrono::milliseconds longest_delay(std::uint64_t failures) {
  constexpr std::uint64_t most_doublings = 12; // 4096 seconds are more than the bound
  const auto doubled =
      limits::webhook_first_delay *
      (std::int64_t{1} << std::min(failures > 0 ? failures - 1 : 0, most_doublings));
  return std::min<std::chrono::milliseconds>(doubled, limits::webhook_longest_delay);
}

} // namespace

std::string_view type_of(record_kind kind) noexcept {
  if (!is_numbered(kind))
    return {};
  switch (kind) {
  case record_kind::message:
    return type_names[0];
  case record_kind::edited:
    return type_names[1];
  case record_kind::erased:
    return type_names[2];
  case record_kind::reacted:
    return type_names[3];
  case record_kind::joined:
    return type_names[4];
  case record_kind::left:
    return type_names[5];
  case record_kind::created:
    return type_names[6];
  case record_kind::changed:
    return type_names[7];
  case record_kind::deleted:
    return type_names[8];
  default:
    return type_names[9];
  }
}

std::string_view type_of(notice_news what) noexcept {
  return notice_type_names[static_cast<std::size_t>(what)];
}

bool is_pattern(std::string_view pattern) noexcept {
  const auto fits_it = [&](std::string_view each) { return fits(pattern, each); };
  return std::any_of(type_names.begin(), type_names.end(), fits_it) ||
         std::any_of(notice_type_names.begin(), notice_type_names.end(), fits_it);
}

bool wants(const webhook_endpoint& who, record_kind kind) noexcept {
  const auto type = type_of(kind);
  return !type.empty() && std::any_of(who.events.begin(), who.events.end(),
                                      [&](const auto& each) { return fits(each, type); });
}

bool wants(const webhook_endpoint& who, conversation_kind kind) noexcept {
  const auto& all = who.conversations;
  return all.empty() || std::find(all.begin(), all.end(), kind) != all.end();
}

bool wants(const webhook_endpoint& who, notice_news what) noexcept {
  return std::any_of(who.events.begin(), who.events.end(),
                     [&](const auto& each) { return each != "*" && fits(each, type_of(what)); });
}

std::string id_of(std::string_view epoch, std::string_view endpoint,
                  const conversation_id& conversation, sequence seq) {
  return "msg_" + hex(digest_of({"webhook", epoch, endpoint, conversation.str(),
                                 std::to_string(seq.value())}),
                      webhook_id_bytes);
}

std::string id_of(std::string_view epoch, std::string_view endpoint, const notice_name& of,
                  notice_news what) {
  return "msg_" +
         hex(digest_of({"webhook of a notification", epoch, endpoint, of.conversation.str(),
                        of.user.str(), std::to_string(of.at.value()), type_of(what)}),
             webhook_id_bytes);
}

// An event that waited behind one that failed has a day of its own, and so has one that waited
// while nobody tried.
verdict judge(const webhook_answer& answer, const trouble& before, timestamp noted, timestamp now,
              std::uint64_t chance) {
  verdict made;
  made.now = {before.failures + 1, before.failures > 0 ? std::min(before.since, now) : now};
  if (now - std::max(noted, made.now.since) >= limits::webhook_patience)
    return made;
  const auto most = static_cast<std::uint64_t>(longest_delay(made.now.failures).count());
  std::chrono::milliseconds delay{chance % (most + 1)};
  if (answer.retry_after)
    delay = std::max<std::chrono::milliseconds>(
        delay,
        std::min<std::chrono::milliseconds>(*answer.retry_after, limits::webhook_longest_pause));
  made.again = now + delay;
  return made;
}

} // namespace parley::webhook_rules
