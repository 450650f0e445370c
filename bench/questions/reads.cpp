// Question "reads": what it costs when members of a conversation of N say that they have read.
#include <algorithm>

#include "bench/commands.hpp"
#include "bench/conversation_setup.hpp"
#include "bench/fleet.hpp"
#include "bench/in_flight.hpp"
#include "bench/latencies.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_members = 10'000;
constexpr std::size_t reads_one_by_one = 500;
constexpr double idle_window_seconds = 3;
constexpr double settle_seconds = 1; // for what follows: showing them, the read model

/// Members of one conversation, one of whom writes.
class Readers : public EnvelopeSink {
public:
  Readers(Fleet& fleet, DeliveryCheck& check, double patience)
      : fleet_(fleet), check_(check), patience_(patience) {
    fleet.listen(this);
  }

  /// One message, and everyone has it.
  void write() {
    const std::string body(100, 'x');
    ask(fleet_[0], [&](std::string& out, auto ref) {
      encode_send(out, ref, check_.conversation_of(fleet_[0]), body);
    });
    fleet_.run_until([this] { return in_flight_.count() == 0 && check_.complete(); },
                     Deadline::in(patience_), [this] { return check_.missing(); });
    fleet_.run_for(settle_seconds);
  }
  /// So many members say that they have read the newest message, W of them at a time.
  void read(std::size_t members, std::size_t window) {
    latencies_.clear();
    for (next_ = 0, last_ = members; next_ < std::min(members, window);)
      read_next();
    fleet_.run_until([this] { return next_ == last_ && in_flight_.count() == 0; },
                     Deadline::in(patience_), [this] { return in_flight_.missing(); });
    fleet_.run_for(settle_seconds);
  }
  /// What the server's core is used for connections that do nothing.
  double idle_share(const Target& target) {
    UsageMeter meter(target);
    fleet_.run_for(idle_window_seconds);
    const Usage idle = meter.read();
    return idle.server_seconds / idle.seconds;
  }
  Latencies& latencies() { return latencies_; }

private:
  template <class Encode>
  void ask(Connection& from, Encode encode) {
    const auto ref = fleet_.next_ref();
    command_.clear();
    encode(command_, ref);
    in_flight_.add(ref, from, now_ns());
    fleet_.send(from, command_);
  }
  void read_next() {
    Connection& from = fleet_[next_++];
    ask(from, [&](std::string& out, auto ref) {
      encode_read(out, ref, check_.conversation_of(from), head_);
    });
  }
  void on_envelope(Connection& connection, const Envelope& envelope) override {
    if (envelope.type == "sent") {
      in_flight_.take(envelope.ref, connection);
      head_ = envelope.seq;
      check_.acknowledged(connection, envelope);
    } else if (envelope.type == "ok") {
      latencies_.add(now_ns() - in_flight_.take(envelope.ref, connection));
      if (next_ < last_)
        read_next();
    } else {
      check_.received(connection, envelope);
    }
  }

  Fleet& fleet_;
  DeliveryCheck& check_;
  double patience_;
  InFlight in_flight_;
  Latencies latencies_;
  std::uint64_t head_ = 0;
  std::size_t next_ = 0;
  std::size_t last_ = 0;
  std::string command_;
};

Answer describe(std::size_t members, std::size_t reads, std::size_t window, const Usage& usage,
                double idle_share, Readers& readers) {
  const double spent = usage.server_seconds - idle_share * usage.seconds;
  return {{{"members N", static_cast<double>(members), 0},
           {"reads", static_cast<double>(reads), 0},
           {"in flight W", static_cast<double>(window), 0},
           {"server CPU µs/read beyond idle", spent * 1e6 / static_cast<double>(reads), 1},
           {"idle server CPU %", idle_share * 100, 1},
           {"`ok` p50 ms", readers.latencies().percentile_ms(0.5), 2},
           {"`ok` p99 ms", readers.latencies().percentile_ms(0.99), 2},
           {"client CPU %", usage.client_share * 100, 0}},
          usage.remark()};
}

} // namespace

std::vector<Answer> ask_reads(const Options& options) {
  const auto members = options.members_or(usual_members);
  const auto target = Target::prepare(options, members);
  DeliveryCheck check(members);
  create_conversations(target->endpoint(), target->accounts(), 1, check, options.patience);
  Fleet fleet(target->endpoint(), target->accounts());
  const double patience = options.patience + static_cast<double>(members) / 200;
  fleet.open(patience);

  Readers readers(fleet, check, patience);
  readers.write();
  const double idle_share = readers.idle_share(*target);
  std::vector<Answer> rows;
  const auto measure = [&](std::size_t reads, std::size_t window) {
    readers.write();
    UsageMeter meter(*target);
    readers.read(reads, window);
    rows.push_back(describe(members, reads, window, meter.read(), idle_share, readers));
  };
  measure(std::min(members, reads_one_by_one), 1);
  measure(members, std::min<std::size_t>(members, 64));
  measure(members, members);
  check.verify();
  fleet.close();
  target->stop();
  return rows;
}

} // namespace parley::bench
