// Question "beside": what quiet conversations notice of one that is written to without a pause.
#include <algorithm>
#include <cmath>

#include "bench/group_setup.hpp"
#include "bench/group_traffic.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_quiet = 1000;
constexpr std::size_t usual_hot_members = 100;
constexpr std::size_t usual_window = 32;
constexpr double usual_quiet_rate = 500; // sends per second over all quiet ones
constexpr double slowest_connects_per_second = 200;

/// Quiet conversation i is between accounts 2i and 2i + 1; the hot one is that of the rest, and the
/// last of all.
std::vector<Members> members_of_all(std::size_t quiet, std::size_t hot_members) {
  std::vector<Members> groups;
  for (std::size_t i = 0; i < quiet; ++i)
    groups.push_back({2 * i, 2 * i + 1});
  Members hot;
  for (std::size_t i = 0; i < hot_members; ++i)
    hot.push_back(2 * quiet + i);
  groups.push_back(std::move(hot));
  return groups;
}

class Neighbours {
public:
  Neighbours(const Options& options, const Target& target, Fleet& fleet, GroupCheck& check)
      : options_(options), target_(target), fleet_(fleet), check_(check),
        traffic_(fleet, check, options.body),
        rate_(options.rate > 0 ? options.rate : usual_quiet_rate) {
    traffic_.after_ack([this](Connection& connection, std::size_t group) {
      if (group == hot() && going_on_)
        traffic_.send(connection, group, now_ns());
    });
  }

  /// With so many sends in flight in the hot conversation, 0 for none.
  Answer measure(std::size_t window) {
    going_on_ = true;
    for (std::size_t i = 0; i < window; ++i)
      traffic_.send(fleet_[check_.follower(hot(), 0)], hot(), now_ns());
    Arrivals arrivals(rate_, options_.arrivals == "poisson");
    arrivals.start(now_ns());
    run(arrivals, options_.warm_up_seconds());
    const auto hot_before = check_.head_of(hot());
    UsageMeter meter(target_);
    traffic_.start_timing(hot());
    run(arrivals, options_.seconds_or(6));
    traffic_.stop_timing();
    const Usage usage = meter.read();
    const auto hot_sends = static_cast<double>(check_.head_of(hot()) - hot_before);
    going_on_ = false;
    traffic_.drain(options_.patience);
    check_.verify();
    return describe(window, hot_sends / usage.seconds, usage);
  }

private:
  std::size_t hot() const { return check_.size() - 1; }
  void run(Arrivals& arrivals, double seconds) {
    run_open_loop(fleet_, arrivals, seconds, [this](std::uint64_t due_ns) {
      turn_of_ = (turn_of_ + 1) % hot();
      traffic_.send(fleet_[check_.follower(turn_of_, 0)], turn_of_, due_ns);
    });
  }
  Answer describe(std::size_t window, double hot_rate, const Usage& usage) {
    return {{{"quiet conversations", static_cast<double>(hot()), 0},
             {"quiet sends offered/s", rate_, 0},
             {"hot: members", static_cast<double>(check_.followers_of(hot())), 0},
             {"hot: in flight W (0: nobody writes)", static_cast<double>(window), 0},
             {"hot: sends/s", hot_rate, 0},
             {"quiet ack p50 ms", traffic_.acks().percentile_ms(0.5), 2},
             {"quiet ack p99 ms", traffic_.acks().percentile_ms(0.99), 2},
             {"quiet shown p50 ms", traffic_.shown().percentile_ms(0.5), 2},
             {"quiet shown p99 ms", traffic_.shown().percentile_ms(0.99), 2},
             {"server CPU %", usage.server_seconds * 100 / usage.seconds, 0},
             {"client CPU %", usage.client_share * 100, 0}},
            usage.remark()};
  }

  const Options& options_;
  const Target& target_;
  Fleet& fleet_;
  GroupCheck& check_;
  GroupTraffic traffic_;
  double rate_;
  std::size_t turn_of_ = 0; // the quiet conversation that was written to last
  bool going_on_ = false;
};

} // namespace

std::vector<Answer> ask_beside(const Options& options) {
  const auto groups =
      members_of_all(options.conversations_or(usual_quiet),
                     std::max<std::size_t>(options.members_or(usual_hot_members), 2));
  const auto users = groups.back().back() + 1;
  const auto target = Target::prepare(options, users);
  const auto made = found_groups(target->endpoint(), target->accounts(), groups, options.patience);
  GroupCheck check;
  for (std::size_t i = 0; i < made.size(); ++i)
    check.add(made[i].id, made[i].head, groups[i]);
  Fleet fleet(target->endpoint(), target->accounts());
  fleet.open(options.patience + static_cast<double>(users) / slowest_connects_per_second);

  Neighbours neighbours(options, *target, fleet, check);
  std::vector<Answer> rows;
  rows.push_back(neighbours.measure(0));
  rows.push_back(neighbours.measure(options.window > 1 ? options.window : usual_window));
  fleet.close();
  target->stop();
  return rows;
}

} // namespace parley::bench
