// The sends' clockwork: refs to start times, bodies that carry them, counts by conversation.
#include "bench/group_traffic.hpp"

#include <algorithm>

#include "bench/commands.hpp"

namespace parley::bench {

void GroupTraffic::send(Connection& from, std::size_t group, std::uint64_t started_ns) {
  const auto ref = fleet_.next_ref();
  stamp(body_, started_ns);
  command_.clear();
  encode_send(command_, ref, check_.id_of(group), body_);
  in_flight_.add(ref, from, started_ns);
  fleet_.send(from, command_);
}

void GroupTraffic::start_timing(std::size_t groups) {
  acks_.clear();
  shown_.clear();
  timed_groups_ = groups;
  timed_until_ns_ = never;
  timed_from_ns_ = now_ns();
}

void GroupTraffic::on_envelope(Connection& connection, const Envelope& envelope) {
  if (envelope.type == "sent")
    return on_sent(connection, envelope);
  if (!is_numbered_event(envelope.type))
    return;
  const auto group = check_.received(connection, envelope);
  if (envelope.from == connection.user())
    return;
  if (const auto started = stamped_at(envelope.body); timed(group, started))
    shown_.add(now_ns() - started);
}

void GroupTraffic::on_sent(Connection& connection, const Envelope& envelope) {
  const auto started = in_flight_.take(envelope.ref, connection);
  const auto group = check_.acknowledged(connection, envelope);
  ++acknowledged_;
  if (timed(group, started))
    acks_.add(now_ns() - started);
  if (then_)
    then_(connection, group);
}

void GroupTraffic::drain(double patience_seconds) {
  const auto done = [this] { return in_flight_.count() == 0 && check_.complete(); };
  fleet_.run_until(done, Deadline::in(patience_seconds),
                   [this] { return in_flight_.missing() + " and " + check_.missing(); });
}

void run_open_loop(Fleet& fleet, Arrivals& arrivals, double seconds,
                   const std::function<void(std::uint64_t due_ns)>& start) {
  const auto end = Deadline::in(seconds).at_ns;
  for (auto now = now_ns(); now < end; now = now_ns()) {
    for (; arrivals.next_ns() <= now_ns(); arrivals.advance())
      start(arrivals.next_ns());
    const auto wake = std::min(arrivals.next_ns(), end);
    now = now_ns();
    fleet.turn(wake > now ? std::min(wake - now, ns_per_second / 10) : 0);
  }
}

} // namespace parley::bench
