// Question "idle": memory and CPU of connections that are signed in and silent.
#include "bench/fleet.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_connections = 10'000;
constexpr double settle_seconds = 3; // for what a sign-in leaves behind

/// The server pings who has been silent for thirty seconds: each at least once, a quick look
/// included.
constexpr double usual_seconds = 35;

double answered_pings(Fleet& fleet) {
  double sum = 0;
  for (std::size_t i = 0; i < fleet.size(); ++i)
    sum += static_cast<double>(fleet[i].pings());
  return sum;
}

Answer describe(double connections, double before_kib, double after_kib, double pings,
                const Usage& usage) {
  return {
      {{"connections K", connections, 0},
       {"RSS before MiB", before_kib / 1024, 1},
       {"RSS after MiB", after_kib / 1024, 1},
       {"KiB/connection", (after_kib - before_kib) / connections, 2},
       {"idle window s", usage.seconds, 1},
       {"pings/connection in it", pings / connections, 2},
       {"server CPU µs/connection/s", usage.server_seconds * 1e6 / usage.seconds / connections, 2},
       {"client CPU %", usage.client_share * 100, 0}},
      usage.remark()};
}

} // namespace

Answer ask_idle(const Options& options) {
  const auto connections = options.connections > 0 ? options.connections : usual_connections;
  const auto target = Target::prepare(options, connections);
  Fleet fleet(target->endpoint(), target->accounts(), target->dialect());
  fleet.run_for(1);
  const double before_kib = target->resident_kib();
  fleet.open(options.patience + static_cast<double>(connections) / 500);
  fleet.run_for(settle_seconds);

  const double pings_before = answered_pings(fleet);
  UsageMeter meter(*target);
  fleet.run_for(options.seconds > 0 ? options.seconds : usual_seconds);
  const Usage usage = meter.read();
  const double pings = answered_pings(fleet) - pings_before;
  const double after_kib = target->resident_kib(); // what a sign-in needed may be given back by now
  fleet.close();
  target->stop();
  return describe(static_cast<double>(connections), before_kib, after_kib, pings, usage);
}

} // namespace parley::bench
