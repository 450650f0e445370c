// Fan-out in log order, and the seam between what is read from the store and what comes live.
#include "actors/shard_state.hpp"

#include <algorithm>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"

namespace parley {

namespace {

bool names(const std::vector<membership>& joined, const user_id& user) {
  return std::any_of(joined.begin(), joined.end(), [&](const auto& m) { return m.user == user; });
}

/// Whether a block stands between the session's user and whom this is about.
bool is_apart(const session& from, const struct whispered& what) {
  return what.apart &&
         std::find(what.apart->begin(), what.apart->end(), from.who().user) != what.apart->end();
}

} // namespace

shard_state::shard_state(std::uint32_t index, server_facts facts, cursor_sealer cursors,
                         position start, shard_port& port)
    : index_(index), facts_(std::move(facts)), cursors_(std::move(cursors)), at_(start),
      port_(port) {}

void shard_state::count_into(metrics_ptr all) {
  ring_share_.join(all->ring_bytes);
  outbox_share_.join(all->outbox_bytes);
  metrics_ = std::move(all);
}

// --- Sessions ------------------------------------------------------------------------------------

session& shard_state::open(encoding spoken, instant now) {
  const std::uint64_t number = next_number_++;
  auto& slot = sessions_[number];
  slot = std::make_unique<session>(number, spoken, now);
  return *slot;
}

void shard_state::closed(std::uint64_t number) {
  session* gone = find(number);
  if (gone == nullptr)
    return;
  if (!gone->who().user.empty())
    port_.report({index_, {}, {{gone->who().user, gone->who().device, number}}});
  for (const auto& conversation : std::exchange(gone->subscriptions(), {}))
    unsubscribe(*gone, conversation);
  if (auto mine = by_user_.find(gone->who().user); mine != by_user_.end()) {
    std::erase(mine->second, gone);
    if (mine->second.empty())
      by_user_.erase(mine);
  }
  admitted_.erase(number);
  sessions_.erase(number);
}

session* shard_state::find(std::uint64_t number) {
  auto found = sessions_.find(number);
  return found == sessions_.end() ? nullptr : found->second.get();
}

void shard_state::command(session& from, envelope asked, std::optional<instant> now) {
  count_command(from, asked, now);
  from.commands().push(std::move(asked));
  start_commands(from);
}

void shard_state::count_command(session& from, const envelope& asked, std::optional<instant> now) {
  metrics_->commands[asked.what.index()].add();
  if (from.commands().size() == 0)
    from.measured_send = std::holds_alternative<send_message>(asked.what) ? now : std::nullopt;
}

// The first command must be a `hello`; one that cannot be read is refused like a bad token.
void shard_state::reject(session& from, const reference& ref, const failure& why, instant now) {
  metrics_->answers.add();
  push_answer(from, encode_error(ref, why), now);
  if (from.phase() != session_phase::greeting || from.commands().size() > 0)
    return;
  from.close({close_code::unauthenticated, std::string{describe(why.code).name}});
  port_.wake(from);
}

void shard_state::start_commands(session& of) {
  while (of.phase() != session_phase::closing) {
    auto next = of.commands().next();
    if (!next)
      return;
    port_.dispatch(of, std::move(*next));
  }
}

void shard_state::finish_command(session& of) {
  of.commands().finished();
  start_commands(of);
  port_.wake(of); // the client may have credit again
}

void shard_state::push_answer(session& to, std::string envelope, instant now) {
  if (const auto error = code_of_error(envelope))
    metrics_->errors[static_cast<std::size_t>(*error)].add();
  if (!envelope.empty())
    to.push_answer(make_chunk(std::move(envelope)), now);
  port_.wake(to);
}

void shard_state::progressed(session& of, instant now) { of.progressed(now); }

void shard_state::dismiss(session& who, std::string_view reason, close_code code, instant now,
                          std::optional<std::chrono::milliseconds> retry_after) {
  push_answer(who, encode_bye(reason, retry_after), now);
  who.close({code, std::string{reason}});
  port_.wake(who);
}

// --- Hello ---------------------------------------------------------------------------------------

void shard_state::admit(const struct admit& message) {
  session* who = find(message.session);
  if (who == nullptr || who->phase() != session_phase::greeting)
    return port_.report({index_, {}, {{message.who.user, message.who.device, message.session}}});
  who->admit(message.who, message.ref);
  resume_point from;
  from.asked = message.since.has_value();
  if (from.asked)
    from.since = cursors_.open(message.who.user, *message.since);
  admitted_[message.session] = from;
  // Everything after the answer's position must be in the ring. Who resumes is promised a bounded
  // number of missed events, so for them the ring adds only what is committed from now on.
  ask_what_was_missed(*who, from, from.since ? at_ : ring_floor());
}

void shard_state::ask_what_was_missed(const session& of, const resume_point& from,
                                      position at_least) {
  port_.read({of.who().user, from.since, at_least, {index_, of.number()}});
}

void shard_state::caught_up(const struct caught_up& message, instant now) {
  session* who = find(message.session);
  auto waiting = admitted_.find(message.session);
  if (who == nullptr || waiting == admitted_.end() || who->phase() != session_phase::admitted)
    return;
  const resume_point from = waiting->second;
  if (!message.missed) {
    admitted_.erase(waiting);
    push_answer(*who, encode_error(who->greeting_ref(), message.missed.error()), now);
    dismiss(*who, "overloaded", close_code::overloaded, now);
    return;
  }
  const catch_up& missed = **message.missed;
  if (missed.as_of < ring_floor())
    return ask_what_was_missed(*who, from, at_); // the ring has moved on meanwhile
  admitted_.erase(waiting);

  by_user_[who->who().user].push_back(who);
  const bool proven = from.since && *from.since <= missed.as_of && !missed.unprovable;
  who->go_live(missed.as_of);
  for (const auto& conversation : missed.memberships)
    subscribe(*who, conversation);
  const std::string begin = cursors_.seal(who->who().user, proven ? *from.since : missed.as_of);
  welcome(*who, begin, now);
  who->checkpointed_at = now;
  if (proven)
    for (const auto& each : missed.missed)
      send_missed(*who, each, *from.since, now);
  else if (from.asked) // before what follows, since a client drops what it had
    push_answer(
        *who,
        std::move(map_writer{"reset"}.text("reason", "unknown cursor").text("cursor", begin))
            .take(),
        now);
  replay(*who, missed.as_of, now);
  if (proven)
    push_answer(
        *who, encode_cursor("synced", cursors_.seal(who->who().user, who->whole_up_to(at_))), now);
  settle_checkpoints(now);
  finish_command(*who);
}

void shard_state::welcome(session& to, const std::string& cursor, instant now) {
  map_writer server;
  server.text("name", facts_.name)
      .text("version", facts_.version)
      .text("durability", facts_.durability);
  map_writer bounds;
  bounds.number("frame_bytes", limits::frame_bytes)
      .number("body_bytes", limits::body_bytes)
      .number("page", limits::page)
      .number("resume_events", limits::resume_events)
      .number("users_per_command", limits::users_per_command)
      .number("members", limits::members)
      .number("commands_in_flight", limits::commands_in_flight)
      .number("envelopes_per_message", limits::envelopes_per_message)
      .number("outbox_bytes", limits::outbox_bytes)
      .number("devices", limits::devices_per_user)
      .number("edit_ms", std::chrono::milliseconds{facts_.windows.edit}.count())
      .number("delete_ms", std::chrono::milliseconds{facts_.windows.erase}.count())
      .number("delete", limits::erased_at_once)
      .number("edits", limits::edits_per_message)
      .number("reactions", limits::emojis_per_message)
      .number("watched", limits::watched_per_session)
      .number("file_bytes", facts_.file_bytes)
      .number("files", limits::files);
  map_writer writer{"welcome", to.greeting_ref()};
  writer.text("user", to.who().user.str())
      .text("device", to.who().device.str())
      .text("session", to_text(session_address{index_, to.number()}))
      .encoded("server", std::move(server).take())
      .encoded("limits", std::move(bounds).take())
      .number("ping_ms", std::chrono::milliseconds{limits::ping_interval}.count())
      .text("epoch", cursors_.epoch())
      .text("cursor", cursor);
  push_answer(to, std::move(writer).take(), now);
}

void shard_state::send_missed(session& to, const missed_conversation& missed, position since,
                              instant now) {
  push_answer(to, missed.introduction, now);
  std::string envelopes;
  if (missed.trimmed.value() > 0)
    push_answer(to, encode_trimmed(missed.conversation, missed.trimmed), now);
  if (missed.gap_last.value() > 0) {
    envelopes = encode_gap(missed.conversation, missed.gap_first, missed.gap_last);
    const open_gap gap{missed.gap_first, missed.gap_last, since, true};
    missed.ended ? to.set_gap_aside(missed.conversation, gap)
                 : to.remember_gap(missed.conversation, gap);
  }
  for (const auto& each : missed.events) {
    envelopes += each.bytes;
    if (envelopes.size() >= limits::outgoing_message_bytes) {
      push_answer(to, envelopes, now);
      envelopes.clear();
    }
  }
  for (const auto& each : missed.receipts)
    envelopes += encode_receipt(missed.conversation, each, to.who().user);
  if (missed.kept)
    envelopes += encode_preferences(missed.conversation, *missed.kept);
  for (const auto each : missed.hidden) {
    envelopes += encode_hidden(missed.conversation, each);
    if (envelopes.size() >= limits::outgoing_message_bytes) {
      push_answer(to, envelopes, now);
      envelopes.clear();
    }
  }
  push_answer(to, std::move(envelopes), now);
}

void shard_state::replay(session& to, position from, instant now) {
  for (const auto& batch : ring_)
    if (batch->at > from)
      for (const auto& each : batch->records)
        replay_record(to, *each, batch->at, now);
}

void shard_state::replay_record(session& to, const record& event, position at, instant now) {
  if (event.kind == record_kind::receipts && is_subscribed(to, event.conversation))
    replay_receipts(to, event, at, now);
  if (is_private(event.kind) && event.actor == to.who().user)
    push_answer(to, told_to_actor(event), now);
  if (event.kind == record_kind::trimmed && is_subscribed(to, event.conversation))
    show_trimmed_to(to, event,
                    make_chunk(encode_trimmed(event.conversation, event.change->message)), at, now);
  if (!is_numbered(event.kind))
    return;
  replay_invitation(to, event, now);
  const bool is_joining = names(event.joined, to.who().user);
  if (is_joining) {
    subscribe(to, event.conversation);
    to.rejoined(event.conversation);
    push_answer(to, event.introduction, now);
  }
  if (!is_subscribed(to, event.conversation))
    return;
  if (event.left == to.who().user || event.kind == record_kind::deleted) {
    end_subscription(to, event, make_chunk(event.event), now);
  } else {
    const bool sees = !event.change || !is_unseen(event, to.who().user);
    push_events(to, event, event, at, make_chunk(sees ? event.event : left_of_edit(event)), now);
  }
}

void shard_state::replay_invitation(session& to, const record& event, instant now) {
  const user_id& user = to.who().user;
  if (event.kind == record_kind::invited && names(event.roles, user))
    push_answer(to, event.introduction, now);
  if (std::find(event.uninvited.begin(), event.uninvited.end(), user) != event.uninvited.end())
    push_answer(to, encode_invitation_over(event.conversation), now);
}

void shard_state::refused(const struct refuse& message, instant now) {
  session* who = find(message.session);
  if (who == nullptr)
    return;
  push_answer(*who, message.envelope, now);
  who->close({describe(message.why).close, std::string{describe(message.why).name}});
  port_.wake(*who);
}

// --- Answers -------------------------------------------------------------------------------------

void shard_state::answered(struct answer&& message, instant now) {
  session* to = find(message.session);
  if (to == nullptr)
    return;
  if (message.pulled) {
    to->pulled(*message.pulled, message.pulled_first, message.pulled_last);
    touch(*to);
  }
  to->measured_send.reset(); // not the one that is measured, or that one was not committed
  if (!message.envelope.empty())
    metrics_->answers.add();
  push_answer(*to, std::move(message.envelope), now);
  settle_checkpoints(now); // behind the page that it covers
  finish_command(*to);
}

void shard_state::whispered(const struct whispered& message, instant now) {
  auto local = by_conversation_.find(message.conversation);
  if (local == by_conversation_.end())
    return;
  const chunk_ptr what = make_chunk(message.envelope);
  for (session* to : local->second)
    if (to->who().user != message.except && to->keeps_up() && !is_apart(*to, message)) {
      to->push_answer(what, now);
      port_.wake(*to);
    }
}

// --- The table -----------------------------------------------------------------------------------

void shard_state::subscribe(session& who, const conversation_id& conversation) {
  if (is_subscribed(who, conversation))
    return;
  by_conversation_[conversation].push_back(&who);
  who.subscriptions().push_back(conversation);
}

void shard_state::unsubscribe(session& who, const conversation_id& conversation) {
  auto local = by_conversation_.find(conversation);
  if (local == by_conversation_.end())
    return;
  std::erase(local->second, &who);
  if (local->second.empty())
    by_conversation_.erase(local);
}

bool shard_state::is_subscribed(const session& who, const conversation_id& conversation) const {
  auto local = by_conversation_.find(conversation);
  return local != by_conversation_.end() &&
         std::find(local->second.begin(), local->second.end(), &who) != local->second.end();
}

// --- Once in a while -----------------------------------------------------------------------------

void shard_state::tick(instant now) {
  show_due_receipts(now); // before the checkpoints that cover them
  send_due_checkpoints(now);
  renew_sessions(now);
  if (now - inspected_at_ < limits::inspection_interval)
    return;
  inspected_at_ = now;
  for (auto& [number, each] : sessions_) {
    if (!each->end() && each->too_slow(now))
      dismiss(*each, "too slow", close_code::too_slow_or_fast, now);
  }
  enforce_budget(now);
}

void shard_state::enforce_budget(instant now) {
  std::size_t total = 0;
  session* fattest = nullptr;
  for (auto& [number, each] : sessions_) {
    if (each->end())
      continue; // on its way out already
    total += each->out().bytes() + each->soft_bytes();
    if (fattest == nullptr || each->out().bytes() > fattest->out().bytes())
      fattest = each.get();
  }
  outbox_share_.set(total);
  if (total > limits::outboxes_bytes && fattest != nullptr)
    dismiss(*fattest, "too slow", close_code::too_slow_or_fast, now);
}

} // namespace parley
