// Question "mixed": many small conversations, some of them much livelier than others; sends,
// receipts and typing.
#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "bench/commands.hpp"
#include "bench/group_setup.hpp"
#include "bench/group_traffic.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_users = 10'000;
constexpr std::size_t usual_conversations = 2000;
constexpr std::size_t usual_window = 256; // sends in flight of the closed loop
constexpr std::size_t fewest_members = 2;
constexpr std::size_t most_members = 20;
constexpr double zipf_exponent = 1.0; // conversation k is chosen 1/k as often as the first
constexpr double half_load = 0.5;     // of what the closed loop reached
constexpr double slowest_connects_per_second = 200;

enum class Operation { send, delivered, read, typing };
/// Of a hundred operations.
constexpr std::array<double, 4> shares = {70, 10, 10, 10};

std::vector<Members> draw_members(std::size_t users, std::size_t conversations,
                                  std::mt19937_64& random) {
  std::vector<Members> groups(conversations);
  for (auto& members : groups) {
    const auto size = fewest_members + random() % (most_members - fewest_members + 1);
    while (members.size() < std::min(size, users)) {
      const std::size_t user = random() % users;
      if (std::find(members.begin(), members.end(), user) == members.end())
        members.push_back(user);
    }
  }
  return groups;
}

std::discrete_distribution<std::size_t> zipf(std::size_t choices) {
  std::vector<double> weights(choices);
  for (std::size_t i = 0; i < choices; ++i)
    weights[i] = 1 / std::pow(static_cast<double>(i + 1), zipf_exponent);
  return {weights.begin(), weights.end()};
}

/// Chooses who does what where, and does it.
class Mixture {
public:
  Mixture(Fleet& fleet, GroupCheck& check, GroupTraffic& traffic)
      : fleet_(fleet), check_(check), traffic_(traffic), where_(zipf(check.size())) {}

  /// One operation, and true if it was a send.
  bool next(std::uint64_t due_ns) {
    ++operations_;
    const auto group = where_(random_);
    const auto nth = random_() % check_.followers_of(group);
    Connection& who = fleet_[check_.follower(group, nth)];
    const auto what = static_cast<Operation>(what_(random_));
    if (what == Operation::send) {
      traffic_.send(who, group, due_ns);
      return true;
    }
    command_.clear();
    if (what == Operation::typing)
      encode_typing(command_, check_.id_of(group));
    else
      encode_receipt(command_, what == Operation::read ? "read" : "delivered", check_.id_of(group),
                     check_.seen_by(group, nth));
    fleet_.send(who, command_);
    return false;
  }
  /// As many operations as it takes to one more send.
  void until_send() {
    while (!next(now_ns())) {
    }
  }
  std::uint64_t operations() const { return operations_; }

private:
  Fleet& fleet_;
  GroupCheck& check_;
  GroupTraffic& traffic_;
  std::mt19937_64 random_{42}; // the same choices in every run
  std::discrete_distribution<std::size_t> where_;
  std::discrete_distribution<int> what_{shares.begin(), shares.end()};
  std::uint64_t operations_ = 0;
  std::string command_;
};

/// The counters at one moment.
struct Counts {
  std::uint64_t operations;
  std::uint64_t sends;
  std::uint64_t deliveries;
};

class Conversing {
public:
  Conversing(const Options& options, const Target& target, Fleet& fleet, GroupCheck& check)
      : options_(options), target_(target), fleet_(fleet), check_(check),
        traffic_(fleet, check, options.body), mixture_(fleet, check, traffic_) {}

  /// So many sends in flight at any time; `reached` is set to the operations per second.
  Answer closed(std::size_t window, double& reached) {
    going_on_ = true;
    traffic_.after_ack([this](Connection&, std::size_t) {
      if (going_on_)
        mixture_.until_send();
    });
    for (std::size_t i = 0; i < window; ++i)
      mixture_.until_send();
    return measure(
        std::nan(""), window, [this](double seconds) { fleet_.run_for(seconds); }, reached);
  }
  Answer open(double rate) {
    traffic_.after_ack({});
    Arrivals arrivals(rate, options_.arrivals == "poisson");
    arrivals.start(now_ns());
    double reached = 0;
    return measure(
        rate, 0,
        [&](double seconds) {
          run_open_loop(fleet_, arrivals, seconds,
                        [this](std::uint64_t due_ns) { mixture_.next(due_ns); });
        },
        reached);
  }

private:
  template <class Run>
  Answer measure(double offered, std::size_t window, Run run, double& reached);
  Counts counts() const {
    return {mixture_.operations(), traffic_.acknowledged(), check_.deliveries()};
  }

  const Options& options_;
  const Target& target_;
  Fleet& fleet_;
  GroupCheck& check_;
  GroupTraffic traffic_;
  Mixture mixture_;
  bool going_on_ = false; // a closed loop answers each acknowledgement with the next operation
};

template <class Run>
Answer Conversing::measure(double offered, std::size_t window, Run run, double& reached) {
  run(options_.warm_up_seconds());
  const Counts before = counts();
  UsageMeter meter(target_);
  traffic_.start_timing();
  run(options_.seconds_or(6));
  traffic_.stop_timing();
  const Usage usage = meter.read();
  const Counts after = counts();
  going_on_ = false;
  traffic_.drain(options_.patience); // so that the slowest are timed, too
  check_.verify();
  const auto operations = static_cast<double>(after.operations - before.operations);
  const auto deliveries = static_cast<double>(after.deliveries - before.deliveries);
  reached = operations / usage.seconds;
  return {{{"connections", static_cast<double>(fleet_.size()), 0},
           {"conversations", static_cast<double>(check_.size()), 0},
           {"offered/s (– closed loop)", offered, 0},
           {"sends in flight W", window > 0 ? static_cast<double>(window) : std::nan(""), 0},
           {"operations/s", reached, 0},
           {"acknowledged/s", static_cast<double>(after.sends - before.sends) / usage.seconds, 0},
           {"deliveries/s", deliveries / usage.seconds, 0},
           {"ack p50 ms", traffic_.acks().percentile_ms(0.5), 2},
           {"ack p99 ms", traffic_.acks().percentile_ms(0.99), 2},
           {"shown to another p50 ms", traffic_.shown().percentile_ms(0.5), 2},
           {"shown to another p99 ms", traffic_.shown().percentile_ms(0.99), 2},
           {"server CPU µs/operation", usage.server_seconds * 1e6 / operations, 1},
           {"client CPU %", usage.client_share * 100, 0}},
          usage.remark()};
}

} // namespace

std::vector<Answer> ask_mixed(const Options& options) {
  const auto users = options.connections_or(usual_users);
  const auto conversations = options.conversations_or(usual_conversations);
  const auto window = options.window > 1 ? options.window : usual_window;
  const auto target = Target::prepare(options, users);
  std::mt19937_64 random{7};
  const auto groups = draw_members(users, conversations, random);
  const auto made = found_groups(target->endpoint(), target->accounts(), groups, options.patience);
  GroupCheck check;
  for (std::size_t i = 0; i < made.size(); ++i)
    check.add(made[i].id, made[i].head, groups[i]);
  Fleet fleet(target->endpoint(), target->accounts());
  fleet.open(options.patience + static_cast<double>(users) / slowest_connects_per_second);

  Conversing conversing(options, *target, fleet, check);
  double reached = 0;
  std::vector<Answer> rows;
  rows.push_back(conversing.closed(window, reached));
  rows.push_back(conversing.open(options.rate > 0 ? options.rate : reached * half_load));
  fleet.close();
  target->stop();
  return rows;
}

} // namespace parley::bench
