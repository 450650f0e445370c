// Question "search": how fast M messages are indexed beside being stored, how soon two words are
// found, and what acknowledgements feel of the index.
#include <cmath>
#include <random>

#include <unistd.h>

#include "bench/commands.hpp"
#include "bench/group_setup.hpp"
#include "bench/group_traffic.hpp"
#include "bench/page_load.hpp"
#include "bench/questions/questions.hpp"
#include "bench/target.hpp"
#include "bench/usage.hpp"
#include "bench/waiting.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_messages = 1'000'000;
constexpr std::size_t usual_conversations = 1000;
constexpr std::size_t conversations_of_few = 20; // of the second searcher
constexpr std::size_t usual_queries = 500;
constexpr std::size_t writers = 50;
constexpr std::size_t window = 32; // sends in flight of each writer
constexpr std::size_t words_known = 50'000;
constexpr std::size_t words_said = 30; // in each message: about 120 bytes
constexpr double slowest_sends_per_second = 100;
constexpr double usual_rate = 8000; // sends per second, where acknowledgements are measured
constexpr double usual_seconds = 15;

/// Words as people use them: the n-th is said n times more seldom than the first (Zipf's law).
class Vocabulary {
public:
  explicit Vocabulary(std::uint64_t seed) : random_(seed) {
    double sum = 0;
    for (std::size_t i = 1; i <= words_known; ++i)
      sums_.push_back(sum += 1.0 / static_cast<double>(i));
  }

  std::string word() {
    const double at = std::uniform_real_distribution<>{0, sums_.back()}(random_);
    const auto place = std::lower_bound(sums_.begin(), sums_.end(), at) - sums_.begin();
    return spelled(static_cast<std::uint64_t>(place));
  }
  std::string text(std::size_t words) {
    std::string all = word();
    while (--words > 0)
      (all += ' ') += word();
    return all;
  }

private:
  /// Frequent words are short: "a", "b" … "aa", "ab" …
  static std::string spelled(std::uint64_t number) {
    std::string word(1, static_cast<char>('a' + number % 26));
    while ((number /= 26) > 0)
      word += static_cast<char>('a' + --number % 26);
    return word + "o";
  }

  std::vector<double> sums_;
  std::mt19937_64 random_;
};

/// Writes into the conversations in turn, each writer into their own.
class Writers : public EnvelopeSink {
public:
  Writers(Fleet& fleet, const std::vector<Founded>& conversations)
      : fleet_(fleet), conversations_(conversations) {
    fleet.listen(this);
  }

  /// As fast as it goes.
  void run(std::uint64_t messages, double patience) {
    left_ = messages;
    for (std::size_t i = 0; i < fleet_.size() * window; ++i)
      send_next(fleet_[i % fleet_.size()]);
    fleet_.run_until(
        [this] { return left_ == 0 && in_flight_.count() == 0; },
        Deadline::in(patience + static_cast<double>(messages) / slowest_sends_per_second),
        [this] { return in_flight_.missing() + " and " + std::to_string(left_) + " sends"; });
  }

  /// So many a second, whatever the server does.
  void run_at(double rate, double seconds, double patience) {
    Arrivals arrivals(rate, true);
    arrivals.start(now_ns());
    std::size_t turn = 0;
    run_open_loop(fleet_, arrivals, seconds,
                  [&](std::uint64_t due_ns) { send_one(fleet_[turn++ % fleet_.size()], due_ns); });
    fleet_.run_until([this] { return in_flight_.count() == 0; }, Deadline::in(patience),
                     [this] { return in_flight_.missing(); });
  }

  Latencies& acks() { return acks_; }

private:
  void on_envelope(Connection& connection, const Envelope& envelope) override {
    if (envelope.type != "sent")
      return;
    acks_.add(now_ns() - in_flight_.take(envelope.ref, connection));
    send_next(connection);
  }

  void send_next(Connection& from) {
    if (left_ == 0)
      return;
    --left_;
    send_one(from, now_ns());
  }

  void send_one(Connection& from, std::uint64_t started_ns) {
    const auto ref = fleet_.next_ref();
    const auto turn = turn_++ * fleet_.size() + from.index();
    in_flight_.add(ref, from, started_ns);
    command_.clear();
    encode_send(command_, ref, conversations_[turn % conversations_.size()].id,
                words_.text(words_said));
    fleet_.send(from, command_);
  }

  Fleet& fleet_;
  const std::vector<Founded>& conversations_;
  std::uint64_t left_ = 0;
  std::uint64_t turn_ = 0;
  Vocabulary words_{1};
  InFlight in_flight_;
  Latencies acks_;
  std::string command_;
};

/// One searcher's queries of two words each.
Answer ask_for(Target& target, const Account& searcher, std::size_t conversations,
               const Options& options) {
  Vocabulary words{2};
  PageLoad load(target.endpoint(), searcher, 1, options.patience);
  const PageLoad::Encode two_words = [&](std::string& out, std::uint64_t ref) {
    encode_search(out, ref, words.text(2));
  };
  const std::size_t queries = usual_queries / (options.quick ? 5 : 1);
  load.run(two_words, queries / 10, 0);
  load.latencies().clear();
  UsageMeter meter(target);
  load.run(two_words, queries, 0);
  const Usage usage = meter.read();
  return {{{"conversations of the searcher", static_cast<double>(conversations), 0},
           {"queries of two words", static_cast<double>(queries), 0},
           {"p50 ms", load.latencies().percentile_ms(0.5), 2},
           {"p99 ms", load.latencies().percentile_ms(0.99), 2},
           {"server CPU ms/query", usage.server_seconds * 1e3 / static_cast<double>(queries), 2}},
          usage.remark()};
}

/// Each with a writer; the first few with the second searcher, too.
std::vector<Founded> found_rooms(Target& target, std::size_t conversations, double patience) {
  std::vector<Members> groups(conversations);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = {2 + i % writers, 0};
    if (i < conversations_of_few)
      groups[i].push_back(1);
  }
  return found_groups(target.endpoint(), std::span(target.accounts()), groups, patience);
}

/// Acknowledgements of messages that come at a rate which leaves time, with an index or without.
std::vector<Figure> ask_for_acks(Options options, bool indexed) {
  if (options.server.empty())
    return {};
  ::sync(); // what others wrote is not to be waited for
  if (!indexed)
    options.server_args.insert(options.server_args.end(), {"--search", "off"});
  const auto target = Target::prepare(options, 2 + writers);
  const auto made =
      found_rooms(*target, options.conversations_or(usual_conversations), options.patience);
  Fleet fleet(target->endpoint(), std::span(target->accounts()).subspan(2, writers));
  fleet.open(options.patience);
  Writers load(fleet, made);
  const double rate = options.rate > 0 ? options.rate : usual_rate;
  load.run_at(rate, options.warm_up_seconds(), options.patience);
  load.acks().clear();
  load.run_at(rate, options.seconds_or(usual_seconds), options.patience);
  fleet.close();
  target->stop();
  const std::string which = indexed ? " with the index" : " without";
  return {{"ack p50 ms" + which, load.acks().percentile_ms(0.5), 2},
          {"ack p99 ms" + which, load.acks().percentile_ms(0.99), 2}};
}

} // namespace

std::vector<Answer> ask_search(const Options& options) {
  const auto messages = options.stored_or(usual_messages);
  const auto conversations = options.conversations_or(usual_conversations);
  const auto target = Target::prepare(options, 2 + writers);
  const auto accounts = std::span(target->accounts());
  const auto made = found_rooms(*target, conversations, options.patience);

  UsageMeter meter(*target);
  Fleet fleet(target->endpoint(), accounts.subspan(2, writers));
  fleet.open(options.patience);
  Writers{fleet, made}.run(messages, options.patience);
  const Usage stored = meter.read();
  fleet.close();
  PageLoad waiting(target->endpoint(), accounts[1], 1, options.patience);
  waiting.ask_again_when_overloaded();
  waiting.run([](std::string& out, std::uint64_t ref) { encode_search(out, ref, "ao"); }, 1, 0);
  const Usage indexed = meter.read();

  std::vector<Answer> asked;
  for (const std::size_t searcher : {std::size_t{0}, std::size_t{1}})
    asked.push_back(ask_for(*target, accounts[searcher],
                            searcher == 0 ? conversations : conversations_of_few, options));
  const double bytes = target->stored_bytes();
  const double alone = target->reindex();
  target->stop();
  // A client that polls leaves a machine of two cores no rest, and its disk none (README).
  const bool polled = set_polling(false);
  std::vector<Figure> acks;
  for (const bool indexed : {true, false})
    for (auto& each : ask_for_acks(options, indexed))
      acks.push_back(std::move(each));
  set_polling(polled);

  const auto count = static_cast<double>(messages);
  for (auto& row : asked) {
    const std::vector<Figure> whole{
        {"messages M", count, 0},
        {"stored at sends/s", count / stored.seconds, 0},
        {"stored and indexed/s", count / indexed.seconds, 0},
        {"server CPU µs/message", indexed.server_seconds * 1e6 / count, 1},
        {"indexed alone/s", count / alone, 0},
        {"data MiB", bytes / 1048576, 0}};
    row.figures.insert(row.figures.begin(), whole.begin(), whole.end());
    row.figures.insert(row.figures.end(), acks.begin(), acks.end());
  }
  return asked;
}

} // namespace parley::bench
