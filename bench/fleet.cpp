// The loop, and the envelopes that mean the same to every question.
#include "bench/fleet.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

#include "bench/interrupt.hpp"
#include "bench/waiting.hpp"

namespace parley::bench {
namespace {

constexpr int events_per_turn = 64; // so that the urgent connection waits for few others
constexpr std::uint64_t longest_wait_ns = 100'000'000; // so that deadlines and signals are noticed

} // namespace

Fleet::Fleet(const Endpoint& endpoint, std::span<const Account> accounts, const Dialect& dialect)
    : endpoint_(endpoint), dialect_(dialect), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0)
    fail_errno("epoll_create1");
  connections_.reserve(accounts.size());
  for (std::size_t i = 0; i < accounts.size(); ++i)
    connections_.push_back(
        std::make_unique<Connection>(static_cast<std::uint32_t>(i), accounts[i], dialect));
}

Fleet::~Fleet() { ::close(epoll_); }

void Fleet::watch(Connection& connection, int operation, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &connection;
  if (epoll_ctl(epoll_, operation, connection.socket(), &event) != 0)
    fail_errno("epoll_ctl");
}

void Fleet::start_next() {
  Connection& connection = *connections_[started_++];
  connection.connect(endpoint_);
  watch(connection, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void Fleet::open(double patience_seconds, std::size_t at_once) {
  const auto step = [this, at_once] {
    while (started_ < size() && started_ - live_ < at_once)
      start_next();
    return live_ == size();
  };
  run_until(step, Deadline::in(patience_seconds), [this] {
    return "`welcome` on " + std::to_string(size() - live_) + " of " + std::to_string(size()) +
           " connections";
  });
}

void Fleet::close() {
  for (auto& connection : connections_)
    connection->close();
}

void Fleet::send(Connection& connection, std::string_view envelopes) {
  connection.queue(envelopes);
  if (&connection != current_)
    flush(connection);
}

void Fleet::flush(Connection& connection) {
  if (!connection.flush())
    watch(connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

Reply Fleet::request(Connection& connection, std::uint64_t ref, std::string_view envelope,
                     double patience_seconds) {
  awaited_ref_ = ref;
  send(connection, envelope);
  await_reply(patience_seconds);
  return std::exchange(reply_, {});
}

void Fleet::await_reply(double patience_seconds) {
  run_until([this] { return awaited_ref_ == 0; }, Deadline::in(patience_seconds),
            [] { return "the answer to a command of the set-up"; });
}

void Fleet::prepare_store(double patience_seconds) {
  awaited_ref_ = next_ref();
  dialect_.prepare(*connections_[0], awaited_ref_);
  flush(*connections_[0]);
  await_reply(patience_seconds);
}

void Fleet::enter(Connection& connection, std::string_view conversation, double patience_seconds) {
  awaited_ref_ = next_ref();
  dialect_.enter(connection, awaited_ref_, conversation);
  flush(connection);
  await_reply(patience_seconds);
}

void Fleet::turn(std::uint64_t wait_ns) {
  fail_if_interrupted();
  std::array<epoll_event, events_per_turn> events;
  const int count = wait_for_events(epoll_, events, wait_ns);
  if (count < 0 && errno != EINTR)
    fail_errno("epoll_pwait2");
  if (count == events_per_turn && urgent_ != nullptr)
    read(*urgent_);
  for (int i = 0; i < count; ++i)
    handle(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr),
           events[static_cast<std::size_t>(i)].events);
}

void Fleet::run_until(const std::function<bool()>& done, Deadline deadline,
                      const std::function<std::string()>& missing) {
  while (!done()) {
    if (deadline.passed())
      fail("out of patience waiting for ", missing());
    turn(longest_wait_ns);
  }
}

void Fleet::run_for(double seconds) {
  const Deadline end = Deadline::in(seconds);
  for (auto now = now_ns(); now < end.at_ns; now = now_ns())
    turn(std::min(end.at_ns - now, longest_wait_ns));
}

void Fleet::handle(Connection& connection, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    if (connection.phase() == Connection::Phase::connecting)
      connection.connected(endpoint_);
    if (connection.flush())
      watch(connection, EPOLL_CTL_MOD, EPOLLIN);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
    read(connection);
}

void Fleet::read(Connection& connection) {
  current_ = &connection;
  connection.receive(buffer_, *this);
  current_ = nullptr;
  if (connection.has_output())
    flush(connection);
}

void Fleet::on_envelope(Connection& connection, const Envelope& envelope) {
  if (envelope.type == "message" || envelope.type == "sent") [[likely]] {
    if (listener_ != nullptr)
      listener_->on_envelope(connection, envelope);
    return;
  }
  on_other(connection, envelope);
}

void Fleet::on_other(Connection& connection, const Envelope& envelope) {
  if (envelope.type == "welcome")
    return on_welcome(connection, envelope);
  if (envelope.type == "error" && !(takes_overload_ && envelope.code == "overloaded"))
    connection.fail_here("the server answered error ", envelope.code, ": ", envelope.text);
  if (envelope.type == "bye" || envelope.type == "reset" ||
      (envelope.type == "gap" && !takes_gaps_))
    connection.fail_here("the server sent `", envelope.type, "` ", envelope.text);
  if (awaited_ref_ != 0 && envelope.ref == awaited_ref_) {
    reply_ = {std::string(envelope.conversation), envelope.seq};
    awaited_ref_ = 0;
  } else if (listener_ != nullptr) {
    listener_->on_envelope(connection, envelope);
  }
}

void Fleet::on_welcome(Connection& connection, const Envelope& envelope) {
  if (connection.phase() != Connection::Phase::greeting || envelope.ref != Connection::hello_ref)
    connection.fail_here("an unexpected `welcome`");
  if (envelope.user != connection.user())
    connection.fail_here("the server welcomed another user: ", envelope.user);
  connection.greeted();
  ++live_;
  if (listener_ != nullptr)
    listener_->on_envelope(connection, envelope);
}

} // namespace parley::bench
