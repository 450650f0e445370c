// From readable to decoded commands, from outbox to one system call, and every way a session ends.
#include "transport/websocket_session.hpp"

#include <algorithm>

#include "actors/fault.hpp"
#include "actors/limits.hpp"
#include "transport/codec.hpp"
#include "transport/lingering_session.hpp"
#include "transport/shard.hpp"

namespace parley {

websocket_session::websocket_session(shard& on, std::uint64_t key, link_ptr link,
                                     const upgrade& chosen)
    : socket_session(key), shard_(on), link_(std::move(link)), spoken_(chosen.spoken),
      session_(on.state().open(chosen.spoken, shard::now())),
      connection_(on.shared()->spawn_connection({on.index(), session_.number()}, chosen.bearer)),
      reader_(on.turns(), writer_, on.message_buffer(), limits::frame_bytes_before_hello),
      opened_at_(shard::now()), heard_at_(opened_at_), pinged_at_(opened_at_) {
  session_.socket = static_cast<engine_socket*>(this);
  on.shared()->sessions.fetch_add(1, std::memory_order_relaxed);
  of(on.shared()->metrics->sessions, spoken_).add(1);
  link_->owned_by(this);
  reader_.accept({chosen.key, chosen.subprotocol, on.shared()->config.server_name});
  rearm(opened_at_);
  link_->await_readable();
  shard_.mark_dirty(*this);
}

websocket_session::~websocket_session() {
  tell_from_outside(connection_, connection_closed{});
  shard_.shared()->sessions.fetch_sub(1, std::memory_order_relaxed);
  of(shard_.shared()->metrics->sessions, spoken_).add(-1);
  shard_.state().closed(session_.number());
  if (!link_)
    return;
  link_->owned_by(nullptr);
  link_->close();
}

// --- Reading -------------------------------------------------------------------------------------

bool websocket_session::is_greeting() const noexcept {
  return session_.phase() == session_phase::greeting;
}

bool websocket_session::may_read() const noexcept {
  if (ended_)
    return false;
  if (is_ending())
    return true; // for the client's close frame; commands are thrown away
  if (shard_.draining_until())
    return false;
  if (is_greeting() && session_.commands().size() > 0)
    return false; // until it is known who this is, and larger messages may come
  return session_.wants_commands() && (!shard_.throttled() || is_greeting());
}

void websocket_session::on_readable() {
  if (!may_read()) {
    paused_ = true;
    return;
  }
  const auto buffer = shard_.receive_buffer();
  const ssize_t got = link_->receive(buffer);
  if (got < 0) {
    shard_.bury(*this);
    return;
  }
  const instant now = shard::now();
  heard_at_ = now;
  rest_at_ = now + limits::reader_rests_after;
  reader_.feed({buffer.data(), static_cast<std::size_t>(got)}, now);
  pump(now);
}

/// Takes messages out of what was received until it is used up or no more are wanted.
void websocket_session::pump(instant now) {
  while (may_read()) {
    switch (reader_.next()) {
    case message_reader::step::message:
      on_message(reader_.message(), now);
      break;
    case message_reader::step::hungry:
      paused_ = false;
      link_->await_readable();
      shard_.mark_dirty(*this); // for pongs
      return;
    case message_reader::step::abusive:
      fail(close_code::policy, "too many frames", now);
      ended_ = true;
      break;
    case message_reader::step::ended:
      ended_ = true;
      break;
    }
  }
  reader_.keep();
  paused_ = true;
  shard_.mark_dirty(*this);
}

void websocket_session::on_message(std::string_view message, instant now) {
  if (is_ending())
    return;
  if (reader_.is_text() != (spoken_ == encoding::json))
    return fail(close_code::wrong_kind, "wrong kind of message", now);
  shard_state& state = shard_.state();
  for (auto& each : decode(message, spoken_)) {
    if (auto* good = std::get_if<envelope>(&each))
      state.command(session_, std::move(*good), now);
    else if (const auto* refused = std::get_if<rejection>(&each))
      state.reject(session_, refused->ref, refused->why, now);
    else if (const auto& bad = std::get<malformation>(each); !session_.end())
      fail(bad.code, bad.why, now);
  }
}

void websocket_session::fail(close_code code, std::string_view reason, instant now) {
  if (!is_ending())
    shard_.state().dismiss(session_, reason, code, now);
}

// --- Writing -------------------------------------------------------------------------------------

void websocket_session::on_writable() { shard_.mark_dirty(*this); }

void websocket_session::flush(instant now) {
  settle(now);
  write(now);
  if (buried)
    return;
  if (paused_ && may_read())
    pump(now);
  rearm(now);
}

/// What the engine decided since the last turn.
void websocket_session::settle(instant now) {
  if (!admitted_ && !is_greeting()) {
    admitted_ = true;
    reader_.limit_messages(limits::frame_bytes);
  }
  if (shard_.draining_until() && !is_ending() &&
      (session_.commands().size() == 0 || now >= *shard_.draining_until()))
    shard_.state().dismiss(session_, "restart", close_code::restart, now);
  if (is_ending())
    begin_closing(now);
}

void websocket_session::begin_closing(instant now) {
  if (close_by_ != instant::max())
    return;
  close_by_ = now + limits::close_deadline;
  if (session_.end() && session_.end()->reason == "too slow")
    shard_.shared()->metrics->slow_readers_closed.add();
}

void websocket_session::write(instant now) {
  write_state state{};
  for (;;) {
    bool progressed = false;
    state = writer_.write(session_.out(), spoken_, *link_, progressed);
    failpoint("websocket_session.after_write");
    if (progressed)
      shard_.state().progressed(session_, now);
    if (state != write_state::drained || writer_.finishing())
      break;
    if (!session_.out().empty())
      continue; // gaps are told once there is room
    if (!session_.end())
      break;
    writer_.finish(close_frame(session_.end()->code, session_.end()->reason));
  }
  if (state == write_state::broken)
    shard_.bury(*this);
  else if (state == write_state::blocked)
    link_->await_writable();
  else if (writer_.finished() && ended_)
    leave();
}

/// Both sides have said what they had to say.
void websocket_session::leave() {
  shard& on = shard_;
  on.replace(*this, std::make_unique<lingering_session>(on, key(), std::move(link_)));
}

void websocket_session::drain(instant) { shard_.mark_dirty(*this); }

// --- Time ----------------------------------------------------------------------------------------

void websocket_session::on_deadline(instant now) {
  if (now < armed_for_)
    return; // one that does not count any more
  armed_for_ = instant::max();
  if (now >= close_by_) {
    shard_.bury(*this);
    return;
  }
  if (!is_ending()) {
    if (is_greeting() && now >= opened_at_ + limits::hello_deadline)
      fail(close_code::no_hello, "no hello in time", now);
    check_token(now);
    check_silence(now);
    rest_if_silent(now);
  }
  shard_.mark_dirty(*this);
}

void websocket_session::check_token(instant now) {
  const auto wall = std::chrono::system_clock::now();
  if (!is_greeting() && wall >= session_.who().expires_at)
    fail(close_code::unauthenticated, "token_expired", now);
}

/// A session that is paused by us is not silent of its own accord.
void websocket_session::check_silence(instant now) {
  if (paused_)
    heard_at_ = now;
  if (now >= heard_at_ + limits::idle_deadline) {
    shard_.bury(*this);
    return;
  }
  if (now < std::max(heard_at_, pinged_at_) + limits::ping_interval || is_ending())
    return;
  pinged_at_ = now;
  writer_.control(ping_frame());
}

/// Most sessions are silent for most of the time: they keep only what that takes.
void websocket_session::rest_if_silent(instant now) {
  if (now < rest_at_)
    return;
  rest_at_ = paused_ ? now + limits::reader_rests_after : instant::max();
  if (!paused_)
    reader_.rest();
}

instant websocket_session::next_deadline(instant now) const {
  if (is_ending())
    return close_by_;
  instant due = std::max(heard_at_, pinged_at_) + limits::ping_interval;
  due = std::min({due, rest_at_, heard_at_ + limits::idle_deadline});
  if (is_greeting())
    return std::min(due, opened_at_ + limits::hello_deadline);
  const auto left = session_.who().expires_at - std::chrono::system_clock::now();
  if (left < limits::ping_interval)
    due = std::min(due, now + left);
  return due;
}

/// One deadline counts at a time; an earlier one is armed beside it.
void websocket_session::rearm(instant now) {
  if (is_ending())
    begin_closing(now);
  const instant due = next_deadline(now);
  if (armed_for_ <= due) // it is sure to come
    return;
  armed_for_ = due;
  shard_.arm(key(), due);
}

} // namespace parley
