// The loop: adopt, tick, and the end of each turn.
#include "transport/shard.hpp"

#include <utility>

#include <boost/asio/post.hpp>

#include "actors/fault.hpp"
#include "actors/limits.hpp"
#include "transport/engine_socket.hpp"
#include "transport/http_session.hpp"
#include "transport/tcp_link.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

/// Precision of every deadline; the shortest promise is a second.
constexpr auto tick = limits::shard_tick;
/// One turn of the wheel is longer than most deadlines.
constexpr std::size_t wheel_slots = 512;
/// Bytes received at once: a full message and the start of the next.
constexpr std::size_t receive_bytes = 64 * 1024;

server_facts facts_of(const edge_config& config) {
  return {config.server_name, config.version, config.durability, config.file_bytes, config.windows};
}

} // namespace

shard::shard(std::uint32_t index, edge_ptr edge, cursor_sealer cursors, position start)
    : index_(index), edge_(std::move(edge)), wheel_(now(), tick, wheel_slots),
      state_(index, facts_of(edge_->config), std::move(cursors), start, *this),
      received_(receive_bytes), message_(receive_bytes) {
  state_.count_into(edge_->metrics);
}

shard::~shard() {
  door_->close();
  // Sessions speak to the state when they go, so they go first.
  buried_.clear();
  sockets_.clear();
}

void shard::run() {
  await_tick();
  const auto work = net::make_work_guard(io_);
  io_.run();
}

void shard::adopt(int descriptor, entrance from) {
  net::post(io_, [this, descriptor, from] { on_adopt(descriptor, from); });
}

void shard::on_adopt(int descriptor, entrance from) {
  const std::uint64_t key = next_key_++;
  const bool is_operators = from == entrance::operators; // they are on this machine
  auto link = std::make_shared<tcp_link>(io_, descriptor, from == entrance::v6,
                                         is_operators ? nullptr : tls_.get(), edge_->metrics);
  if (is_operators)
    link->mark_as_operators();
  auto& slot = sockets_[key];
  slot = std::make_unique<http_session>(*this, key, std::move(link));
  if (draining_until_)
    slot->drain(now());
}

void shard::use_tls(tls_ptr tls) {
  net::post(io_, [this, tls = std::move(tls)]() mutable { tls_ = std::move(tls); });
}

// Whoever only asks is nobody's session.
connected_list shard::connected(const connected_question& asked) {
  connected_list all;
  const instant at = now();
  state_.for_each_session([&](session& each) {
    const identity& who = each.who();
    if (who.user.empty() || (asked.user && who.user != *asked.user))
      return;
    connected_session seen{{index_, each.number()}, who.user, who.device, each.spoken()};
    seen.queued_bytes = each.out().bytes() + each.soft_bytes();
    if (!each.out().empty())
      seen.waits = std::chrono::duration_cast<std::chrono::milliseconds>(at - each.out().oldest());
    ++all.sessions;
    all.items.push_back(std::move(seen));
  });
  connected_list first;
  add_connected(first, std::move(all), asked.most);
  return first;
}

// --- Turns ---------------------------------------------------------------------------------------

void shard::mark_dirty(socket_session& who) {
  if (std::exchange(who.dirty, true))
    return;
  dirty_.push_back(&who);
  end_turn_soon();
}

void shard::bury(socket_session& who) {
  if (std::exchange(who.buried, true))
    return;
  auto found = sockets_.find(who.key());
  if (mutant("double_free"))
    buried_.emplace_back(found->second.get());
  buried_.push_back(std::move(found->second));
  sockets_.erase(found);
  end_turn_soon();
}

void shard::replace(socket_session& who, std::unique_ptr<socket_session> by) {
  if (std::exchange(who.buried, true))
    return; // its deadline came in the same turn
  auto& slot = sockets_.at(who.key());
  buried_.push_back(std::exchange(slot, std::move(by)));
  end_turn_soon();
}

/// Behind everything that is ready by now: Asio runs handlers in the order they became ready.
void shard::end_turn_soon() {
  if (std::exchange(turn_ends_, true))
    return;
  net::post(io_, [this] { end_turn(); });
}

void shard::end_turn() {
  turn_ends_ = false;
  const instant at = now();
  for (socket_session* who : std::exchange(dirty_, {})) {
    who->dirty = false;
    if (!who->buried)
      who->flush(at);
  }
  // What was marked dirty during the flush may be among these: it is flushed before they are freed.
  if (dirty_.empty())
    buried_.clear();
  if (draining_until_ && sockets_.empty() && drained_)
    std::exchange(drained_, {})();
}

// --- The engine's messages -----------------------------------------------------------------------

void shard::dispatch(session& from, envelope asked) {
  if (from.socket == nullptr)
    return;
  tell_from_outside(static_cast<engine_socket*>(from.socket)->connection(),
                    command_received{std::move(asked)});
}

void shard::wake(session& to) {
  if (to.socket != nullptr)
    mark_dirty(static_cast<engine_socket*>(to.socket)->socket());
}

void shard::throttle(bool on) {
  throttled_ = on;
  if (!on)
    flush_all();
}

void shard::renewed(std::uint64_t session, timestamp expires_at) {
  parley::session* who = state_.find(session);
  if (who == nullptr)
    return;
  who->renew(expires_at);
  wake(*who); // its deadline may come sooner now
}

void shard::drain(std::function<void()> done) {
  if (done)
    drained_ = std::move(done);
  if (draining_until_)
    return;
  draining_until_ = now() + (limits::drain_deadline - limits::close_deadline);
  std::vector<socket_session*> all;
  for (auto& [key, each] : sockets_)
    all.push_back(each.get());
  for (socket_session* each : all)
    each->drain(now());
  end_turn_soon();
}

void shard::flush_all() {
  for (auto& [key, each] : sockets_)
    mark_dirty(*each);
}

// --- Time ----------------------------------------------------------------------------------------

void shard::await_tick() {
  tick_.expires_after(tick);
  tick_.async_wait([this](boost::system::error_code ec) {
    if (!ec)
      on_tick();
  });
}

void shard::on_tick() {
  const instant at = now();
  ticked_at_.store(at, std::memory_order_relaxed);
  for (const auto& each : wheel_.advance(at)) {
    auto found = sockets_.find(each.owner);
    if (found != sockets_.end())
      found->second->on_deadline(at);
  }
  state_.tick(at);
  if (draining_until_)
    flush_all();
  await_tick();
}

} // namespace parley
