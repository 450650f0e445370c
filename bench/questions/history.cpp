// Question "history": what a page of fifty costs in a store of M messages, in the kernel's cache or
// not.
#include "bench/commands.hpp"
#include "bench/filled_store.hpp"
#include "bench/page_load.hpp"
#include "bench/questions/questions.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_messages = 10'000'000;
constexpr std::size_t usual_pages = 1000;
constexpr std::size_t hot_places = 20;

/// What a number of requests took.
struct Pages {
  double p50_ms;
  double p99_ms;
  double cpu_us; // of the server, for each
};

class Reading {
public:
  Reading(FilledStore& store, const Options& options)
      : store_(store), patience_(options.patience), pages_(usual_pages / (options.quick ? 5 : 1)) {}

  std::size_t pages() const { return pages_; }
  /// So many places in turn, again and again; they have been read before.
  Pages hot(std::size_t window) {
    std::vector<FilledStore::Place> places(hot_places);
    for (auto& place : places)
      place = store_.random_place(random_);
    std::size_t turn = 0;
    return read(window, hot_places, [&] { return places[turn++ % hot_places]; });
  }
  Pages anywhere(std::size_t window) {
    return read(window, 0, [&] { return store_.random_place(random_); });
  }

private:
  template <class Next>
  Pages read(std::size_t window, std::size_t warm_up, Next next) {
    PageLoad load(store_.target().endpoint(), store_.reader(), window, patience_);
    const PageLoad::Encode encode = [&](std::string& out, std::uint64_t ref) {
      const auto place = next();
      encode_history(out, ref, store_.conversations().id_of(place.conversation), place.before,
                     FilledStore::page_events);
    };
    load.run(encode, warm_up, FilledStore::page_events);
    load.latencies().clear();
    UsageMeter meter(store_.target());
    load.run(encode, pages_, FilledStore::page_events);
    const double cpu = meter.read().server_seconds * 1e6 / static_cast<double>(pages_);
    return {load.latencies().percentile_ms(0.5), load.latencies().percentile_ms(0.99), cpu};
  }

  FilledStore& store_;
  double patience_;
  std::size_t pages_;
  std::mt19937_64 random_{42}; // the same places in every run
};

Answer ask_with(FilledStore& store, Reading& reading, std::size_t window) {
  const Pages hot = reading.hot(window);
  store.target().restart(false);
  const Pages warm = reading.anywhere(window);
  store.target().restart(true);
  const Pages cold = reading.anywhere(window);
  return {{{"messages M", static_cast<double>(store.messages()), 0},
           {"pages", static_cast<double>(reading.pages()), 0},
           {"connections W, 1 in flight each", static_cast<double>(window), 0},
           {"same 20 pages: p50 ms", hot.p50_ms, 3},
           {"p99 ms", hot.p99_ms, 3},
           {"server CPU µs/page", hot.cpu_us, 1},
           {"any page, after a restart: p50 ms", warm.p50_ms, 3},
           {"p99 ms ", warm.p99_ms, 3},
           {"server CPU µs/page ", warm.cpu_us, 1},
           {"any page, not cached: p50 ms", cold.p50_ms, 3},
           {"p99 ms  ", cold.p99_ms, 3},
           {"server CPU µs/page  ", cold.cpu_us, 1}},
          ""};
}

} // namespace

std::vector<Answer> ask_history(const Options& options) {
  FilledStore store(options, 0);
  store.fill(options.stored_or(usual_messages));
  Reading reading(store, options);
  std::vector<Answer> rows;
  for (const std::size_t window : {1, 8})
    rows.push_back(ask_with(store, reading, window));
  store.target().stop();
  return rows;
}

} // namespace parley::bench
