// Question "compact": how long a store of M messages takes to be rewritten while it is in use, and
// what senders feel of it.
#include "bench/failure.hpp"
#include "bench/filled_store.hpp"
#include "bench/process.hpp"
#include "bench/questions/questions.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_messages = 1'000'000;
constexpr std::size_t usual_sends = 20'000; // without a compaction
constexpr std::size_t sends_at_once = 500;  // before a look whether it has ended
constexpr std::size_t window = 32;          // sends in flight

} // namespace

Answer ask_compact(const Options& options) {
  FilledStore store(options, 0);
  store.fill(options.stored_or(usual_messages));
  auto alone = store.write(usual_sends / (options.quick ? 20 : 1), window, true);
  const double before = store.target().stored_bytes();

  const auto since = now_ns();
  const pid_t tool = store.target().begin_compaction();
  UsageMeter meter(store.target());
  Latencies beside;
  std::uint64_t sends = 0;
  std::optional<int> status;
  while (!(status = ended(tool))) {
    beside.add(store.write(sends_at_once, window, true).acks);
    sends += sends_at_once;
  }
  const auto taken = static_cast<double>(now_ns() - since) / 1e9;
  const Usage usage = meter.read();
  if (*status != 0)
    fail("parleyd compact ended with " + describe_end(*status));

  return {{{"messages M", static_cast<double>(store.messages()), 0},
           {"compacted in s", taken, 2},
           {"data MiB before", before / 1048576, 0},
           {"data MiB after", store.target().stored_bytes() / 1048576, 0},
           {"acks alone: p50 ms", alone.acks.percentile_ms(0.5), 2},
           {"p99 ms", alone.acks.percentile_ms(0.99), 2},
           {"slowest ms", alone.acks.percentile_ms(1), 1},
           {"sends beside it", static_cast<double>(sends), 0},
           {"acks beside it: p50 ms", beside.percentile_ms(0.5), 2},
           {"p99 ms ", beside.percentile_ms(0.99), 2},
           {"slowest ms ", beside.percentile_ms(1), 1},
           {"server CPU s", usage.server_seconds, 2}},
          usage.remark()};
}

} // namespace parley::bench
