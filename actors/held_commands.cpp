// A verdict changes the command where it waits; what it was is remembered for its retries.
#include "actors/held_commands.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "actors/rules.hpp"

namespace parley {

namespace {

template <class Command>
std::shared_ptr<screening_note> note_of(const Command& what) {
  auto note = std::make_shared<screening_note>();
  note->as_said = rules::fingerprint_of(what);
  return note;
}

/// Calls with the message, if it is one.
template <class Call>
void with_message(command& what, Call&& call) {
  if (auto* send = std::get_if<send_message>(&what))
    call(*send);
  else if (auto* edit = std::get_if<edit_message>(&what))
    call(*edit);
}

void mark_refused(command& what, failure why) {
  with_message(what, [&](auto& message) {
    auto note = note_of(message);
    note->refused = std::move(why);
    message.screened = std::move(note);
  });
}

void mark_rewritten(command& what, const screening_verdict& verdict) {
  with_message(what, [&](auto& message) {
    message.screened = note_of(message);
    message.body = verdict.body;
  });
  if (auto* send = std::get_if<send_message>(&what); send && verdict.meta)
    send->meta = verdict.meta;
}

} // namespace

bool is_in_bounds(const screening_verdict& verdict) noexcept {
  return verdict.body.size() <= limits::body_bytes &&
         (verdict.what != screening::rewritten || !verdict.body.empty()) &&
         (!verdict.meta || verdict.meta->msgpack.size() <= limits::meta_bytes);
}

std::uint64_t held_commands::hold_message(envelope asked) {
  held_.push_back({std::move(asked), ++last_});
  return last_;
}

held_commands::held* held_commands::find(std::uint64_t number) {
  const auto found = std::find_if(held_.begin(), held_.end(),
                                  [&](const held& each) { return each.waits_for == number; });
  return number == 0 || found == held_.end() ? nullptr : &*found;
}

bool held_commands::settle(std::uint64_t number, const screening_verdict& verdict) {
  held* message = find(number);
  if (message == nullptr)
    return false;
  message->waits_for = 0;
  const bool has_reason =
      !verdict.reason.empty() && verdict.reason.size() <= limits::screening_reason_bytes;
  if (verdict.what == screening::rejected)
    mark_refused(message->asked.what,
                 {error_code::forbidden,
                  has_reason ? verdict.reason : "the application does not take this message",
                  {}});
  else if (verdict.what == screening::rewritten)
    mark_rewritten(message->asked.what, verdict);
  return true;
}

bool held_commands::refuse(std::uint64_t number, failure why) {
  held* message = find(number);
  if (message == nullptr)
    return false;
  message->waits_for = 0;
  mark_refused(message->asked.what, std::move(why));
  return true;
}

bool held_commands::settle_unscreened(std::uint64_t number, const screening_policy& policy) {
  if (!policy.fails_open)
    return refuse(number, {error_code::unavailable, "messages cannot be looked at now",
                           limits::screening_retry});
  held* message = find(number);
  if (message != nullptr)
    message->waits_for = 0;
  return message != nullptr;
}

std::optional<envelope> held_commands::next() {
  if (held_.empty() || held_.front().waits_for != 0)
    return std::nullopt;
  envelope first = std::move(held_.front().asked);
  held_.pop_front();
  return first;
}

std::optional<screened_message> held_commands::screened(const command& what, const user_id& from) {
  if (const auto* send = std::get_if<send_message>(&what))
    return screened_message{send->conversation,
                            from,
                            {},
                            send->client,
                            send->body,
                            send->reply_to,
                            send->thread,
                            send->mentions.value_or(std::vector<user_id>{}),
                            send->meta,
                            send->files.value_or(std::vector<file_id>{})};
  if (const auto* edit = std::get_if<edit_message>(&what)) {
    screened_message asked{edit->conversation, from, edit->message, edit->client, edit->body};
    asked.mentions = edit->mentions.value_or(std::vector<user_id>{});
    return asked;
  }
  return std::nullopt;
}

} // namespace parley
