// What a conversation decides about messages that are to go: for everyone, for oneself, because
// their time is over.
#include <algorithm>
#include <utility>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"

namespace parley {

namespace {

/// The numbers from `message` to `through` that there are to see, or what is wrong with them.
result<std::vector<sequence>> numbers_of(const erase& what, sequence from, sequence head) {
  const std::uint64_t first = *what.message;
  const std::uint64_t last = what.through.value_or(first);
  if (last < first)
    return failure{error_code::bad_request, "`through` comes before `message`", {}};
  if (last - first >= limits::erased_at_once)
    return failure{error_code::too_large, "at most 100 numbers at once", {}};
  std::vector<sequence> numbers;
  for (std::uint64_t each = std::max<std::uint64_t>({first, from.value(), 1});
       each <= std::min(last, head.value()); ++each)
    numbers.emplace_back(each);
  return numbers;
}

bool is_due(const known_message& message, timestamp now) {
  return message.expires_at > 0 && message.expires_at <= static_cast<std::uint64_t>(to_wire(now));
}

} // namespace

verdict conversation_state::erase_messages(const asker& who, const member_facts& as,
                                           const erase& what, timestamp now) {
  if (!what.whom)
    return refuse_with(who, error_code::bad_request, "`for` is missing");
  auto numbers = numbers_of(what, sees_from(as), head_);
  if (!numbers)
    return say{encode_error(who.ref, numbers.error())};
  auto found = messages_for({std::move(*numbers), who.user, {}});
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  auto& messages = std::get<std::vector<known_message>>(found);
  if (messages.empty())
    return refuse_with(who, error_code::not_found, "no such message");
  if (what.whom == audience::me)
    return hide_messages(who, what, std::move(messages), now);
  if (held_)
    return refuse_with(who, error_code::forbidden, "the conversation is held: nothing goes");
  if (what.through) // those that are gone are nobody's any more
    std::erase_if(messages, [](const auto& each) { return each.erased; });
  for (const auto& each : messages)
    if (!rules::may_erase(charter(), as.as, each.from == who.user,
                          is_within(now - each.at, windows_.erase)))
      return refuse_with(who, error_code::forbidden,
                         each.from == who.user
                             ? "the message is older than " + in_words(windows_.erase) +
                                   " and may not be deleted any more"
                             : "you may not delete this message");
  std::erase_if(messages, [](const auto& each) { return each.erased; });
  if (messages.empty())
    return note(who, what, now); // what is gone already is gone all the same
  propose_all all;
  for (auto& each : messages) {
    const bool is_last = &each == &messages.back();
    auto erased = erasure_of(std::move(each), who.user, now, false);
    if (is_last && what.client)
      put_key(*erased, {id_, who.user, *what.client}, rules::fingerprint_of(what));
    std::string ack = is_last ? encode_ok(who.ref, erased->seq) : std::string{};
    all.all.push_back(put_forward(std::move(erased), std::move(ack)));
  }
  return all;
}

std::shared_ptr<record> conversation_state::erasure_of(known_message&& message, const user_id& by,
                                                       timestamp now, bool expired) const {
  auto erased = next_record(record_kind::erased, by, now);
  message_change change{message.seq, message.from, std::move(message.mentions)};
  change.kept_bytes = message.bytes;
  change.thread = message.thread;
  change.tombstones.push_back(
      encode_message_tombstone(id_, change.message, message.at, message.from));
  for (const auto& edit : message.edits)
    change.tombstones.push_back(encode_edit_tombstone(id_, change.message, edit));
  erased->event = encode_erased(id_, erased->seq, now, change.message, by, expired);
  erased->change = std::make_shared<message_change>(std::move(change));
  return erased;
}

// What is gone from sight already stays so.
verdict conversation_state::hide_messages(const asker& who, const erase& what,
                                          std::vector<known_message> messages, timestamp now) {
  std::erase_if(messages, [](const auto& each) { return each.hidden || each.erased; });
  if (messages.empty() && !what.client)
    return say{encode_ok(who.ref)};
  const auto is_last = [&](const known_message& each) { return &each == &messages.back(); };
  const auto put_forward_last = [&](std::shared_ptr<record> made) {
    if (what.client)
      put_key(*made, {id_, who.user, *what.client}, rules::fingerprint_of(what));
    return put_forward(std::move(made), encode_ok(who.ref));
  };
  if (messages.empty())
    return put_forward_last(next_record(record_kind::noted, who.user, now));
  propose_all all;
  for (auto& each : messages) {
    auto hidden = next_record(record_kind::hidden, who.user, now);
    hidden->change = std::make_shared<message_change>(
        message_change{each.seq, std::move(each.from), std::move(each.mentions)});
    all.all.push_back(is_last(each) ? put_forward_last(std::move(hidden))
                                    : put_forward(std::move(hidden), {}));
  }
  return all;
}

// As if their authors had deleted them, whatever became of those.
verdict conversation_state::decide_expiry(const expire_messages& what, timestamp now) {
  if (!exists_ || held_)
    return say{};
  if (!in_flight_.empty() || receipts_.gathered() > 0)
    return wait{};
  std::vector<sequence> there = what.messages;
  std::erase_if(there, [&](sequence each) { return each < kept_from_; });
  auto found = messages_for({std::move(there), {}, {}});
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  propose_all all;
  for (auto& each : std::get<std::vector<known_message>>(found)) {
    if (each.erased || !is_due(each, now))
      continue;
    const user_id author = each.from;
    all.all.push_back(put_forward(erasure_of(std::move(each), author, now, true), {}));
  }
  return all.all.empty() ? verdict{say{}} : verdict{std::move(all)};
}

// One thing at a time: whoever asks looks again what is left. A hold keeps what was said, not who
// is there.
verdict conversation_state::decide_user_erasure(const erase_user& what, timestamp now) {
  if (!exists_)
    return say{};
  if (!in_flight_.empty() || receipts_.gathered() > 0)
    return wait{};
  if (member(what.user) != nullptr) {
    auto gone = next_record(record_kind::left, what.user, now);
    gone->left = what.user;
    const auto heir = is_last_owner(what.user) ? heir_of(what.user) : std::nullopt;
    if (heir)
      gone->roles.push_back({*heir, role::owner});
    gone->event = encode_left(id_, gone->seq, now, what.user, what.user, heir);
    return put_forward(std::move(gone), {});
  }
  if (const auto offered = invitations_.find(what.user); offered != invitations_.end())
    return put_forward(end_of(offered->second, what.user, now), {});
  std::vector<sequence> there = what.messages;
  std::erase_if(there, [&](sequence each) { return each < kept_from_; });
  if (there.empty() || held_)
    return say{};
  auto found = messages_for({std::move(there), {}, {}});
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  propose_all all;
  for (auto& each : std::get<std::vector<known_message>>(found))
    if (!each.erased && each.from == what.user)
      all.all.push_back(put_forward(erasure_of(std::move(each), what.user, now, false), {}));
  return all.all.empty() ? verdict{say{}} : verdict{std::move(all)};
}

} // namespace parley
