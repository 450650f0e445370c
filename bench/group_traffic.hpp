// Sends into many conversations, with their acknowledgements and deliveries checked and timed.
#pragma once

#include <functional>
#include <limits>

#include "bench/arrivals.hpp"
#include "bench/fleet.hpp"
#include "bench/group_check.hpp"
#include "bench/in_flight.hpp"
#include "bench/latencies.hpp"

namespace parley::bench {

class GroupTraffic : public EnvelopeSink {
public:
  /// Becomes the fleet's listener; the check's connections are the fleet's.
  GroupTraffic(Fleet& fleet, GroupCheck& check, std::size_t body_bytes)
      : fleet_(fleet), check_(check), body_(body_bytes, 'x') {
    fleet.listen(this);
  }

  /// A send whose latencies count from `started_ns`, however late it really leaves.
  void send(Connection& from, std::size_t group, std::uint64_t started_ns);
  /// Called at each acknowledgement with the connection and the conversation's place.
  void after_ack(std::function<void(Connection&, std::size_t)> then) { then_ = std::move(then); }

  /// Times what is sent from now on, in the first `groups` conversations of the check alone.
  void start_timing(std::size_t groups = std::numeric_limits<std::size_t>::max());
  void stop_timing() { timed_until_ns_ = now_ns(); }
  /// Waits for every acknowledgement and delivery.
  void drain(double patience_seconds);

  std::uint64_t acknowledged() const { return acknowledged_; }
  std::size_t unanswered() const { return in_flight_.count(); }
  Latencies& acks() { return acks_; }
  /// From the send to another member than its sender.
  Latencies& shown() { return shown_; }

private:
  void on_envelope(Connection& connection, const Envelope& envelope) override;
  void on_sent(Connection& connection, const Envelope& envelope);
  bool timed(std::size_t group, std::uint64_t started_ns) const {
    return group < timed_groups_ && started_ns >= timed_from_ns_ && started_ns < timed_until_ns_;
  }

  static constexpr std::uint64_t never = ~std::uint64_t{0};

  Fleet& fleet_;
  GroupCheck& check_;
  InFlight in_flight_;
  std::function<void(Connection&, std::size_t)> then_;
  Latencies acks_;
  Latencies shown_;
  std::size_t timed_groups_ = 0;
  std::uint64_t timed_from_ns_ = never;
  std::uint64_t timed_until_ns_ = never;
  std::uint64_t acknowledged_ = 0;
  std::string body_;
  std::string command_;
};

/// Turns the fleet for so long, and has `start` begin what the arrivals say is due, with the moment
/// it was due.
void run_open_loop(Fleet& fleet, Arrivals& arrivals, double seconds,
                   const std::function<void(std::uint64_t due_ns)>& start);

} // namespace parley::bench
