// What a conversation decides about threads: messages that belong to another one, and how far a
// member has read them.
#include <utility>

#include "actors/conversation_state.hpp"
#include "actors/encoding.hpp"
#include "actors/rules.hpp"

namespace parley {

// What a thread begins at is a message for ever, and in no other thread: once looked up it stays
// known.
std::optional<verdict> conversation_state::out_of_thread(const asker& who,
                                                         const send_message& what) {
  const sequence thread{*what.thread};
  if (beginnings_.contains(thread))
    return {};
  if (thread > head_)
    return wait{}; // it is on its way, and may still fail
  auto found = messages_for({{thread}, who.user, {}});
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  const auto& messages = std::get<std::vector<known_message>>(found);
  if (messages.empty() || messages.front().erased)
    return refuse_with(who, error_code::not_found, "no thread can begin there");
  if (messages.front().thread.value() > 0)
    return refuse_with(who, error_code::bad_request, "the message is in a thread itself");
  beginnings_.insert(thread);
  return {};
}

verdict conversation_state::decide_on(const asker& who, const member_facts& as,
                                      const get_thread& what, timestamp) {
  if (what.before && what.after)
    return refuse_with(who, error_code::bad_request, "use one of `before` and `after`");
  return ask_about(who, as, what);
}

verdict conversation_state::decide_on(const asker& who, const member_facts&,
                                      const read_thread& what, timestamp now) {
  if (what.seq > head_.value())
    return refuse_with(who, error_code::bad_request, "`seq` is above the newest number");
  auto found = message_for(who, what.message, {});
  if (auto* instead = std::get_if<verdict>(&found))
    return std::move(*instead);
  const bool is_news = sequence{what.seq} > std::get<known_message>(found).thread_read;
  if (!is_news && !what.client)
    return say{encode_ok(who.ref)};
  if (!is_news) {
    auto noted = next_record(record_kind::noted, who.user, now);
    put_key(*noted, {id_, who.user, *what.client}, rules::fingerprint_of(what));
    return put_forward(std::move(noted), encode_ok(who.ref));
  }
  auto read = next_record(record_kind::thread_read, who.user, now);
  read->change = std::make_shared<message_change>(
      message_change{sequence{what.message}, std::get<known_message>(found).from});
  const sequence to{what.seq};
  read->receipts.push_back({who.user, {to, to, to}});
  read->asked_by = who.session;
  if (what.client)
    put_key(*read, {id_, who.user, *what.client}, rules::fingerprint_of(what));
  return put_forward(std::move(read), encode_ok(who.ref));
}

} // namespace parley
