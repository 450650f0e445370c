// Question "start": how soon a server is ready on a store of M messages, and how long a check of
// that store takes.
#include "bench/filled_store.hpp"
#include "bench/questions/questions.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_messages = 10'000'000;
constexpr int starts = 5;

} // namespace

Answer ask_start(const Options& options) {
  FilledStore store(options, 0);
  store.fill(options.stored_or(usual_messages));
  Target& target = store.target();
  Latencies warm;
  Latencies cold;
  for (int i = 0; i < starts; ++i) {
    warm.add(seconds_to_ns(target.restart(false)));
    cold.add(seconds_to_ns(target.restart(true)));
  }
  const double cold_check = target.check(true);
  const double warm_check = target.check(false);
  const double bytes = target.stored_bytes();
  target.stop();
  const auto messages = static_cast<double>(store.messages());
  return {{{"messages M", messages, 0},
           {"data MiB", bytes / 1048576, 0},
           {"start, cached: p50 ms", warm.percentile_ms(0.5), 1},
           {"max ms", warm.percentile_ms(1), 1},
           {"start, not cached: p50 ms", cold.percentile_ms(0.5), 1},
           {"max ms ", cold.percentile_ms(1), 1},
           {"check, not cached: s", cold_check, 2},
           {"messages/s", messages / cold_check, 0},
           {"check after that: s", warm_check, 2},
           {"messages/s ", messages / warm_check, 0}},
          ""};
}

} // namespace parley::bench
