// Question "fanout": one sender with W sends in flight, N member connections, exact counts.
#include <algorithm>
#include <limits>

#include "bench/commands.hpp"
#include "bench/conversation_setup.hpp"
#include "bench/fleet.hpp"
#include "bench/in_flight.hpp"
#include "bench/latencies.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_members = 100;

/// Tells when the last of all members has a message, which is known by its number or, from a server
/// that does not number, by the ref it was sent with. No member lags so far behind another that two
/// messages share a place: the server would have sent a `gap` long before. What a `gap` names the
/// member has, too: it knows that it must ask.
class LastReceipt {
public:
  explicit LastReceipt(std::size_t members) : members_(members) {}
  bool is(std::uint64_t seq) {
    std::size_t& count = counts_[seq % counts_.size()];
    if (++count < members_)
      return false;
    count = 0;
    return true;
  }

private:
  std::size_t members_;
  std::vector<std::size_t> counts_ = std::vector<std::size_t>(1 << 16);
};

class Fanout : public EnvelopeSink {
public:
  Fanout(Fleet& fleet, DeliveryCheck& check, const Options& options)
      : fleet_(fleet), check_(check), sender_(fleet[0]), last_(fleet.size()),
        window_(options.window), body_(options.body, 'x') {
    fleet.listen(this);
    fleet.take_gaps();
    fleet.set_urgent(&sender_);
  }

  /// Sends for this long, then waits for the rest; returns messages per second.
  double run_for(double seconds, double patience);
  /// Sends so many and waits until every member has every one.
  void run(std::uint64_t messages, Deadline deadline);

  void start_sampling() { sampling_ = true; }
  Latencies& acks() { return acks_; }
  Latencies& deliveries() { return deliveries_; }
  Latencies& complete() { return complete_; } // until the last member has it

private:
  void on_envelope(Connection& connection, const Envelope& envelope) override;
  void on_sent(Connection& connection, const Envelope& sent);
  void on_gap(Connection& connection, const Envelope& gap);
  void sample_delivery(const Envelope& message);
  void fill_window();
  void drain(Deadline deadline);

  Fleet& fleet_;
  DeliveryCheck& check_;
  Connection& sender_;
  InFlight in_flight_;
  LastReceipt last_;
  Latencies acks_;
  Latencies deliveries_;
  Latencies complete_;
  std::size_t window_;
  std::uint64_t to_send_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t random_ = 1;
  std::string body_;
  std::string command_;
  bool sampling_ = false;
};

void Fanout::on_envelope(Connection& connection, const Envelope& envelope) {
  if (envelope.type == "sent")
    return on_sent(connection, envelope);
  if (envelope.type == "gap")
    return on_gap(connection, envelope);
  check_.received(connection, envelope);
  if (envelope.type != "message")
    return;
  const bool is_last = last_.is(envelope.seq != 0 ? envelope.seq : envelope.ref);
  if (sampling_ && is_last)
    complete_.add(now_ns() - stamped_at(envelope.body));
  if (sampling_)
    sample_delivery(envelope);
}

void Fanout::on_sent(Connection& connection, const Envelope& sent) {
  const std::uint64_t started = in_flight_.take(sent.ref, connection);
  if (sampling_)
    acks_.add(now_ns() - started);
  check_.acknowledged(connection, sent);
  fill_window();
}

void Fanout::on_gap(Connection& connection, const Envelope& gap) {
  check_.left_out(connection, gap);
  for (auto seq = gap.first; seq <= gap.last; ++seq)
    last_.is(seq);
}

/// One delivery in 64, at random, so that no member is favoured.
void Fanout::sample_delivery(const Envelope& message) {
  random_ = random_ * 6364136223846793005U + 1442695040888963407U;
  if (random_ >> 58 == 0)
    deliveries_.add(now_ns() - stamped_at(message.body));
}

void Fanout::fill_window() {
  while (to_send_ > 0 && in_flight_.count() < window_) {
    --to_send_;
    ++sent_;
    const auto ref = fleet_.next_ref();
    const auto now = now_ns();
    stamp(body_, now);
    fleet_.write_send(command_, sender_, ref, check_.conversation_of(sender_), body_);
    check_.sending(sender_, ref);
    in_flight_.add(ref, sender_, now);
    fleet_.send(sender_, command_);
  }
}

void Fanout::drain(Deadline deadline) {
  const auto done = [this] {
    return to_send_ == 0 && in_flight_.count() == 0 && check_.complete();
  };
  fleet_.run_until(done, deadline,
                   [this] { return in_flight_.missing() + " and " + check_.missing(); });
}

double Fanout::run_for(double seconds, double patience) {
  const auto start = now_ns();
  const auto sent_before = sent_;
  to_send_ = std::numeric_limits<std::uint64_t>::max();
  fill_window();
  fleet_.run_for(seconds);
  to_send_ = 0;
  drain(Deadline::in(patience));
  return static_cast<double>(sent_ - sent_before) * 1e9 / static_cast<double>(now_ns() - start);
}

void Fanout::run(std::uint64_t messages, Deadline deadline) {
  to_send_ = messages;
  fill_window();
  drain(deadline);
}

Answer describe(const Options& options, std::size_t members, double messages, double deliveries,
                double left_out, const Usage& usage, Fanout& fanout) {
  return {{{"members N", static_cast<double>(members), 0},
           {"in flight W", static_cast<double>(options.window), 0},
           {"body B", static_cast<double>(options.body), 0},
           {"messages/s", messages / usage.seconds, 0},
           {"deliveries/s", deliveries / usage.seconds, 0},
           {"server CPU µs/delivery", usage.server_seconds * 1e6 / deliveries, 2},
           {"ack p50 ms", fanout.acks().percentile_ms(0.5), 2},
           {"ack p99 ms", fanout.acks().percentile_ms(0.99), 2},
           {"delivery p50 ms", fanout.deliveries().percentile_ms(0.5), 2},
           {"delivery p99 ms", fanout.deliveries().percentile_ms(0.99), 2},
           {"all have it p50 ms", fanout.complete().percentile_ms(0.5), 2},
           {"all have it p99 ms", fanout.complete().percentile_ms(0.99), 2},
           {"left out %", 100 * left_out / (deliveries + left_out), 1},
           {"client CPU %", usage.client_share * 100, 0}},
          usage.remark()};
}

} // namespace

Answer ask_fanout(const Options& options) {
  const auto members = options.members_or(usual_members);
  const auto target = Target::prepare(options, members);
  DeliveryCheck check(members);
  create_conversations(*target, 1, check, options.patience);
  Fleet fleet(target->endpoint(), target->accounts(), target->dialect());
  fleet.open(options.patience);
  enter_conversations(fleet, check, options.patience);

  Fanout fanout(fleet, check, options);
  const double rate = fanout.run_for(options.warm_up_seconds(), options.patience);
  const double seconds = options.seconds_or(3);
  const auto messages =
      options.messages > 0
          ? options.messages
          : std::max<std::uint64_t>(static_cast<std::uint64_t>(rate * seconds), 10);
  const double expected = static_cast<double>(messages) / rate;

  const std::uint64_t delivered_before = check.deliveries();
  const std::uint64_t left_out_before = check.left_out();
  fanout.start_sampling();
  UsageMeter meter(*target);
  fanout.run(messages, Deadline::in(5 * expected + options.patience));
  const Usage usage = meter.read();
  check.verify();
  const auto deliveries = static_cast<double>(check.deliveries() - delivered_before);
  const auto left_out = static_cast<double>(check.left_out() - left_out_before);
  fleet.close();
  target->stop();
  return describe(options, members, static_cast<double>(messages), deliveries, left_out, usage,
                  fanout);
}

} // namespace parley::bench
