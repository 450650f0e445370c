// What a conversation decides about a message that was sent: another body, its end, reactions.
#include <algorithm>
#include <utility>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/rules.hpp"

namespace parley {

/// The batch that a question about a message must not be older than: its own, and the last that
/// changed it. What memory does not know of, the model has.
position conversation_state::changed_at(sequence message) const {
  const auto changed = changed_.find(message);
  return std::max(tail_.position_of(message),
                  changed == changed_.end() ? position{} : changed->second);
}

// Nothing is under way, so what is on disk is all there is. What was looked up serves once: by the
// next command it may be old.
std::variant<verdict, std::vector<known_message>>
conversation_state::messages_for(messages_question asked) {
  if (asked.messages.empty())
    return std::vector<known_message>{};
  auto known = std::exchange(message_, std::nullopt);
  if (known && known->first == asked)
    return std::move(known->second);
  position at_least;
  for (const auto& each : asked.messages)
    at_least = std::max(at_least, changed_at(each));
  return verdict{look_up_message{std::move(asked), at_least}};
}

std::variant<verdict, known_message>
conversation_state::message_for(const asker& who, std::uint64_t message, const std::string& emoji) {
  const auto none = [&] { return refuse_with(who, error_code::not_found, "no such message"); };
  const member_facts* as = member(who.user);
  const sequence first = as ? sees_from(*as) : kept_from_;
  if (message == 0 || message > head_.value() || message < first.value())
    return verdict{none()};
  auto found = messages_for({{sequence{message}}, who.user, emoji});
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  auto& messages = std::get<std::vector<known_message>>(found);
  if (messages.empty())
    return verdict{none()};
  return std::move(messages.front());
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const edit_message& what, timestamp now) {
  if (!rules::may(charter(), right::edit, as.as))
    return refuse_with(who, error_code::forbidden, "your role may not edit here");
  if (what.screened && what.screened->refused)
    return say{encode_error(who.ref, *what.screened->refused)};
  if (auto quiet = silenced(who, as, now))
    return std::move(*quiet);
  if (auto valid = rules::validate(what); !valid)
    return say{encode_error(who.ref, valid.error())};
  auto found = message_for(who, what.message, {});
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  auto& message = std::get<known_message>(found);
  if (message.erased)
    return refuse_with(who, error_code::not_found, "the message was deleted");
  if (message.from != who.user)
    return refuse_with(who, error_code::forbidden, "only its author may edit a message");
  if (!is_within(now - message.at, windows_.edit))
    return refuse_with(who, error_code::forbidden,
                       "the message is older than " + in_words(windows_.edit) +
                           " and may not be edited any more");
  if (message.edits.size() >= limits::edits_per_message)
    return refuse_with(who, error_code::too_large, "the message was edited too often");
  auto edited = next_record(record_kind::edited, who.user, now);
  edited->mentions = what.mentions ? rules::mentioned_by(what.mentions) : message.mentions;
  if (edited->mentions.everyone && !message.mentions.everyone &&
      !rules::may(charter(), right::mention_all, as.as))
    return refuse_with(who, error_code::forbidden, "your role may not mention everyone");
  message_change change{sequence{what.message}, message.from, std::move(message.mentions)};
  change.kept_bytes = message.bytes;
  change.unseen_by = not_shown(change.message);
  edited->change = std::make_shared<message_change>(std::move(change));
  edited->event = encode_edited(edited->seq, now, who.user, what);
  return put_forward(who, std::move(edited), what);
}

// Few conversations have such members, and few edits are of what was before them.
std::vector<user_id> conversation_state::not_shown(sequence message) const {
  std::vector<user_id> users;
  if (message >= newest_view_)
    return users;
  for (const auto& [user, facts] : members_)
    if (message < facts.sees_from)
      users.push_back(user);
  return users;
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as, const react& what,
                                      timestamp now) {
  if (auto quiet = silenced(who, as, now))
    return std::move(*quiet);
  auto found = message_for(who, what.message, what.emoji);
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  auto& message = std::get<known_message>(found);
  const bool remove = what.remove.value_or(false);
  if (message.erased)
    return refuse_with(who, error_code::not_found, "the message was deleted");
  if (message.reacted != remove)
    return note(who, what, now);
  if (!remove && !message.emoji_is_there && message.emojis >= limits::emojis_per_message)
    return refuse_with(who, error_code::too_large, "the message has too many different reactions");
  auto reacted = next_record(record_kind::reacted, who.user, now);
  message_change change{sequence{what.message}, std::move(message.from)};
  change.kept_bytes = message.bytes;
  change.emoji = what.emoji;
  change.removed = remove;
  reacted->change = std::make_shared<message_change>(std::move(change));
  reacted->event = encode_reaction(reacted->seq, now, who.user, what);
  return put_forward(who, std::move(reacted), what);
}

// --- Pins ----------------------------------------------------------------------------------------

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const pin_message& what, timestamp now) {
  if (!rules::may_pin(charter(), as.as))
    return refuse_with(who, error_code::forbidden, "your role may not pin messages");
  if (auto frozen = frozen_for(who, as))
    return std::move(*frozen);
  if (auto cut = cut_off(who))
    return std::move(*cut);
  auto found = message_for(who, what.message, {});
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  auto& message = std::get<known_message>(found);
  const bool remove = what.remove.value_or(false);
  if (message.erased)
    return refuse_with(who, error_code::not_found, "the message was deleted");
  const bool is_pinned = pins_.contains(sequence{what.message});
  if (is_pinned != remove)
    return note(who, what, now);
  if (!remove && pins_.size() >= limits::pins)
    return refuse_with(who, error_code::too_large, "too many messages are pinned here");
  auto pinned = next_record(record_kind::pinned, who.user, now);
  message_change change{sequence{what.message}, std::move(message.from)};
  change.removed = remove;
  pinned->change = std::make_shared<message_change>(std::move(change));
  pinned->event = encode_pinned(pinned->seq, now, who.user, what);
  return put_forward(who, std::move(pinned), what);
}

void conversation_state::apply_pin(const record& what) {
  const sequence message = what.change->message;
  if (what.change->removed)
    pins_.erase(message);
  else
    pins_.insert_or_assign(message, pinned_message{message, what.seq, what.actor, what.at});
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as, const get_pins&,
                                      timestamp) {
  std::vector<pinned_message> items;
  for (const auto& [message, each] : pins_)
    if (message >= sees_from(as))
      items.push_back(each);
  std::sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.seq > b.seq; });
  return tell_if_asked(who, encode_pins(who.ref, id_, items));
}

// --- Questions about one message, which the model answers
// -----------------------------------------

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const get_receipts& what, timestamp) {
  if (auto cut = cut_off(who))
    return std::move(*cut);
  return ask_about(who, as, what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const get_versions& what, timestamp) {
  return ask_about(who, as, what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const get_reactions& what, timestamp) {
  return ask_about(who, as, what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const get_erasure& what, timestamp) {
  return ask_about(who, as, what);
}

} // namespace parley
