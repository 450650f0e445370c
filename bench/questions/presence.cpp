// Question "presence": K users come, change their status and go, each watched by W sessions.
#include <algorithm>

#include "bench/commands.hpp"
#include "bench/conversation_setup.hpp"
#include "bench/fleet.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_users = 10'000;
constexpr std::size_t usual_watchers = 50;
/// Users per watcher in a group, and the group's sessions watch all its users: fewer sockets.
constexpr std::size_t watched_by_each = 2;
constexpr double grace_seconds = 12;   // `offline` comes about ten seconds after the end
constexpr double settle_seconds = 1.5; // for what would come too much

/// Sessions that watch, and how often they were told something.
class Watchers : public EnvelopeSink {
public:
  Watchers(Fleet& fleet, std::size_t told_per_phase) : fleet_(fleet), per_phase_(told_per_phase) {
    fleet.listen(this);
  }

  /// Waits until each has been told of each change, and sees to it that no more comes.
  void await_phase(const char* phase, double patience) {
    wanted_ += per_phase_;
    fleet_.run_until([this] { return told_ >= wanted_; }, Deadline::in(patience),
                     [&] {
                       return std::string(phase) + ": " + std::to_string(wanted_ - told_) +
                              " words to watchers";
                     });
  }
  void expect_silence(const char* phase) {
    fleet_.run_for(settle_seconds);
    if (told_ != wanted_)
      fail(phase, ": watchers were told ", told_ - wanted_, " times too often");
  }

private:
  void on_envelope(Connection&, const Envelope& envelope) override {
    told_ += envelope.type == "presence";
  }

  Fleet& fleet_;
  std::size_t per_phase_;
  std::size_t wanted_ = 0;
  std::size_t told_ = 0;
};

/// Account i of the users is watched by the accounts of the watchers that are in its group.
void watch_all(Fleet& watchers, std::span<const Account> users, std::size_t groups) {
  std::string command;
  for (std::size_t i = 0; i < watchers.size(); ++i) {
    std::vector<std::string> watched;
    for (std::size_t user = i % groups; user < users.size(); user += groups)
      watched.push_back(users[user].user);
    command.clear();
    encode_watch(command, watchers.next_ref(), watched);
    watchers.send(watchers[i], command);
  }
}

void say_all(Fleet& users, std::string_view status) {
  std::string command;
  encode_presence(command, status);
  for (std::size_t i = 0; i < users.size(); ++i)
    users.send(users[i], command);
}

struct Costs {
  double come_and_go = 0; // seconds of server CPU, with nobody watching
  double online = 0;
  double status = 0;
  double offline = 0;
};

class Round {
public:
  Round(const Options& options, const Target& target, std::span<const Account> users,
        Watchers& watchers)
      : target_(target), users_(users), watchers_(watchers),
        patience_(options.patience + static_cast<double>(users.size()) / 200) {}

  double come_and_go_unwatched(Fleet& idle) {
    UsageMeter meter(target_);
    Fleet users(target_.endpoint(), users_);
    users.open(patience_);
    users.close();
    idle.run_for(grace_seconds);
    return meter.read().server_seconds;
  }
  double come(Fleet& users) {
    UsageMeter meter(target_);
    users.open(patience_);
    return settled("online", meter);
  }
  double change(Fleet& users) {
    UsageMeter meter(target_);
    say_all(users, "away");
    return settled("status", meter);
  }
  double go(Fleet& users) {
    UsageMeter meter(target_);
    users.close();
    return settled("offline", meter);
  }

private:
  double settled(const char* phase, const UsageMeter& meter) {
    watchers_.await_phase(phase, patience_);
    watchers_.expect_silence(phase);
    return meter.read().server_seconds;
  }

  const Target& target_;
  std::span<const Account> users_;
  Watchers& watchers_;
  double patience_;
};

Answer describe(double users, double watchers, const Costs& costs, double kib) {
  const double told = users * watchers;
  return {{{"users K", users, 0},
           {"watchers W of each", watchers, 0},
           {"come and go, unwatched: µs/user", costs.come_and_go * 1e6 / users, 1},
           {"online: µs/change", costs.online * 1e6 / users, 1},
           {"µs/told", costs.online * 1e6 / told, 2},
           {"status: µs/change", costs.status * 1e6 / users, 1},
           {"µs/told ", costs.status * 1e6 / told, 2},
           {"offline: µs/change", costs.offline * 1e6 / users, 1},
           {"µs/told  ", costs.offline * 1e6 / told, 2},
           {"KiB/watch", kib / told, 3}},
          ""};
}

} // namespace

Answer ask_presence(const Options& options) {
  const std::size_t count = options.connections > 0 ? options.connections : usual_users;
  const std::size_t each =
      std::min(options.watchers > 0 ? options.watchers : usual_watchers, count);
  const std::size_t groups = std::max<std::size_t>(count / (watched_by_each * each), 1);
  const std::size_t watched = groups * watched_by_each * each;
  const auto target = Target::prepare(options, watched + groups * each);
  const std::span<const Account> all{target->accounts()};
  const auto users = all.first(watched);
  const auto watching = all.subspan(watched);
  DeliveryCheck check(all.size());
  create_conversations(target->endpoint(), all, groups, check, options.patience);

  Fleet fleet(target->endpoint(), watching);
  fleet.open(options.patience + static_cast<double>(watching.size()) / 200);
  Watchers watchers(fleet, users.size() * each);
  Round round(options, *target, users, watchers);
  Costs costs;
  costs.come_and_go = round.come_and_go_unwatched(fleet);
  const double before_kib = target->resident_kib();
  watch_all(fleet, users, groups);
  watchers.await_phase("watch", options.patience + static_cast<double>(users.size()) / 200);
  watchers.expect_silence("watch");
  const double after_kib = target->resident_kib();
  {
    Fleet online(target->endpoint(), users);
    costs.online = round.come(online);
    costs.status = round.change(online);
    costs.offline = round.go(online);
  }
  fleet.close();
  target->stop();
  return describe(static_cast<double>(users.size()), static_cast<double>(each), costs,
                  after_kib - before_kib);
}

} // namespace parley::bench
