// Question "sends": many senders over many conversations, in a closed or an open loop.
#include <algorithm>
#include <cmath>

#include "bench/commands.hpp"
#include "bench/conversation_setup.hpp"
#include "bench/group_traffic.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_connections = 1000;
constexpr std::size_t usual_members = 2; // of each conversation, however many senders there are

/// Closed: every connection has one send in flight. Open: sends start when the arrivals say so, and
/// their latency counts from then, however late they really left.
class SendLoad : public EnvelopeSink {
public:
  SendLoad(Fleet& fleet, DeliveryCheck& check, const Options& options)
      : fleet_(fleet), check_(check), arrivals_(options.rate, options.arrivals == "poisson"),
        body_(options.body, 'x'), open_loop_(options.rate > 0) {
    fleet.listen(this);
  }

  void start();
  void run_for(double seconds);
  /// The same, but a closed loop goes on until so many answers have come per connection, for at
  /// most ten times as long: a slow server answers all of them in one burst after another.
  void run_rounds(double rounds, double seconds);
  /// Sends that start from now on are measured, until `stop`.
  void start_measuring() { measure_from_ns_ = now_ns(); }
  /// Starts no more sends.
  void stop() { stopped_at_ns_ = now_ns(); }
  void drain(double patience);

  std::uint64_t acknowledged() const { return acknowledged_; }
  Latencies& latencies() { return latencies_; }

private:
  void on_envelope(Connection& connection, const Envelope& envelope) override;
  void send_one(Connection& connection, std::uint64_t started_ns);
  bool stopped() const { return stopped_at_ns_ != never; }

  static constexpr std::uint64_t never = ~std::uint64_t{0};

  Fleet& fleet_;
  DeliveryCheck& check_;
  Arrivals arrivals_;
  InFlight in_flight_;
  Latencies latencies_;
  std::uint64_t measure_from_ns_ = never;
  std::uint64_t stopped_at_ns_ = never;
  std::uint64_t acknowledged_ = 0;
  std::size_t turn_of_ = 0; // the connection whose turn it is in an open loop
  std::string body_;
  std::string command_;
  bool open_loop_;
};

void SendLoad::start() {
  if (open_loop_)
    return arrivals_.start(now_ns());
  for (std::size_t i = 0; i < fleet_.size(); ++i)
    send_one(fleet_[i], now_ns());
}

void SendLoad::send_one(Connection& connection, std::uint64_t started_ns) {
  const auto ref = fleet_.next_ref();
  stamp(body_, started_ns);
  fleet_.write_send(command_, connection, ref, check_.conversation_of(connection), body_);
  check_.sending(connection, ref);
  in_flight_.add(ref, connection, started_ns);
  fleet_.send(connection, command_);
}

void SendLoad::run_for(double seconds) {
  if (!open_loop_)
    return fleet_.run_for(seconds);
  run_open_loop(fleet_, arrivals_, seconds, [this](std::uint64_t due_ns) {
    send_one(fleet_[turn_of_], due_ns);
    turn_of_ = (turn_of_ + 1) % fleet_.size();
  });
}

void SendLoad::run_rounds(double rounds, double seconds) {
  const Deadline latest = Deadline::in(10 * seconds);
  const auto wanted =
      acknowledged_ + static_cast<std::uint64_t>(rounds * static_cast<double>(fleet_.size()));
  run_for(seconds);
  while (!open_loop_ && acknowledged_ < wanted && !latest.passed())
    run_for(seconds / 10);
}

void SendLoad::on_envelope(Connection& connection, const Envelope& envelope) {
  if (envelope.type != "sent")
    return check_.received(connection, envelope);
  const auto started = in_flight_.take(envelope.ref, connection);
  const auto now = now_ns();
  ++acknowledged_;
  if (started >= measure_from_ns_ && started < stopped_at_ns_)
    latencies_.add(now - started);
  check_.acknowledged(connection, envelope);
  if (!open_loop_ && !stopped())
    send_one(connection, now);
}

void SendLoad::drain(double patience) {
  const auto done = [this] { return in_flight_.count() == 0 && check_.complete(); };
  fleet_.run_until(done, Deadline::in(patience),
                   [this] { return in_flight_.missing() + " and " + check_.missing(); });
}

Answer describe(const Options& options, std::size_t connections, std::size_t conversations,
                double acknowledged, const Usage& usage, SendLoad& load) {
  const double offered = options.rate > 0 ? options.rate : std::nan("");
  return {{{"connections S", static_cast<double>(connections), 0},
           {"conversations C", static_cast<double>(conversations), 0},
           {"body B", static_cast<double>(options.body), 0},
           {"offered/s (– closed loop)", offered, 0},
           {"acknowledged/s", acknowledged / usage.seconds, 0},
           {"ack p50 ms", load.latencies().percentile_ms(0.5), 2},
           {"ack p99 ms", load.latencies().percentile_ms(0.99), 2},
           {"ack max ms", load.latencies().percentile_ms(1), 2},
           {"server CPU µs/send", usage.server_seconds * 1e6 / acknowledged, 1},
           {"client CPU %", usage.client_share * 100, 0}},
          usage.remark()};
}

} // namespace

Answer ask_sends(const Options& options) {
  const auto connections = options.connections > 0 ? options.connections : usual_connections;
  const auto conversations =
      options.conversations_or(std::max<std::size_t>(connections / usual_members, 1));
  if (conversations > connections)
    fail("more conversations (", conversations, ") than connections (", connections, ")");
  const auto target = Target::prepare(options, connections);
  DeliveryCheck check(connections);
  create_conversations(*target, conversations, check, options.patience);
  Fleet fleet(target->endpoint(), target->accounts(), target->dialect());
  fleet.open(options.patience + static_cast<double>(connections) / 500);
  enter_conversations(fleet, check, options.patience);

  SendLoad load(fleet, check, options);
  load.start();
  load.run_rounds(1, options.warm_up_seconds());
  const auto acknowledged_before = load.acknowledged();
  UsageMeter meter(*target);
  load.start_measuring();
  load.run_rounds(5, options.seconds_or(5));
  load.stop();
  const Usage usage = meter.read();
  const auto acknowledged = static_cast<double>(load.acknowledged() - acknowledged_before);
  const double rate = std::max(acknowledged / usage.seconds, 1.0);
  load.drain(options.patience + 3 * static_cast<double>(connections) / rate);
  check.verify();
  fleet.close();
  target->stop();
  return describe(options, connections, conversations, acknowledged, usage, load);
}

} // namespace parley::bench
