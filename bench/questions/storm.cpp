// Question "storm": K users who all connect at once: anew, and then, after having been away, from
// where they were.
#include <algorithm>
#include <cmath>

#include "bench/fleet.hpp"
#include "bench/group_setup.hpp"
#include "bench/latencies.hpp"
#include "bench/questions/questions.hpp"
#include "bench/usage.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t usual_connections = 10'000;
constexpr std::size_t usual_conversations = 20; // of each user
constexpr std::size_t usual_members = 10;       // of each conversation
constexpr std::size_t changed_one_in = 10;      // conversations, while all are away
constexpr double slowest_connects_per_second = 200;
constexpr double away_seconds = 12;  // `offline` comes ten seconds after the end, and costs, too
constexpr double settle_seconds = 1; // for what would come too much

/// Conversations such that each user is in `layers` of them, with different people in each. The
/// users are the accounts 1 …, and there are `members` times `groups_of_layer` of them; account 0
/// makes those that will change, and is a member more.
std::vector<Members> spread(std::size_t layers, std::size_t groups_of_layer, std::size_t members) {
  std::vector<Members> groups;
  for (std::size_t layer = 0; layer < layers; ++layer)
    for (std::size_t number = 0; number < groups_of_layer; ++number) {
      Members group;
      if (groups.size() % changed_one_in == 0)
        group.push_back(0);
      for (std::size_t i = 0; i < members; ++i)
        group.push_back(1 + i * groups_of_layer + (number + i * layer) % groups_of_layer);
      groups.push_back(std::move(group));
    }
  return groups;
}

/// All users, where each of them has got to, and what they are told.
class Storm : public EnvelopeSink {
public:
  Storm(const Options& options, const Target& target, std::span<const Account> users)
      : options_(options), target_(target), users_(users.begin(), users.end()),
        missed_(users.size()), told_(users.size()) {
    for (auto& user : users_)
      user.device = "device";
  }

  /// While nobody was there, this user was sent a message.
  void missed(std::size_t user) { ++missed_[user]; }
  /// Connects all, sees to it that each is told what was missed, and closes.
  Answer blow(std::size_t conversations);

private:
  void on_envelope(Connection& connection, const Envelope& envelope) override {
    if (envelope.type == "message")
      ++told_[connection.index()];
    else if (envelope.type == (resumes_ ? "synced" : "welcome"))
      arrived(connection, envelope);
    if (envelope.type == "welcome")
      welcomes_.add(now_ns() - connection.connect_ns());
  }
  void arrived(Connection& connection, const Envelope& envelope) {
    ++arrived_;
    whole_.add(now_ns() - connection.connect_ns());
    cursors_[connection.index()] = envelope.cursor;
  }
  void verify() const {
    for (std::size_t i = 0; i < users_.size(); ++i)
      if (told_[i] != missed_[i])
        fail("user ", users_[i].user, " was told ", told_[i], " messages, not ", missed_[i]);
  }
  Answer describe(std::size_t conversations, std::size_t at_once, const Usage& usage,
                  double server_seconds);

  const Options& options_;
  const Target& target_;
  std::vector<Account> users_;
  std::vector<std::size_t> missed_;
  std::vector<std::size_t> told_;
  std::vector<std::string> cursors_;
  Latencies welcomes_;
  Latencies whole_;
  std::size_t arrived_ = 0;
  bool resumes_ = false;
};

Answer Storm::blow(std::size_t conversations) {
  const auto count = users_.size();
  const auto at_once = options_.window > 1 ? options_.window : count;
  const double patience =
      options_.patience + static_cast<double>(count) / slowest_connects_per_second;
  cursors_.assign(count, {});
  told_.assign(count, 0);
  welcomes_.clear();
  whole_.clear();
  arrived_ = 0;
  Fleet fleet(target_.endpoint(), users_);
  fleet.listen(this);
  UsageMeter meter(target_);
  fleet.open(patience, at_once);
  fleet.run_until([&] { return arrived_ == count; }, Deadline::in(patience),
                  [&] { return "`synced` on " + std::to_string(count - arrived_); });
  const Usage usage = meter.read();
  fleet.run_for(settle_seconds);
  const double server_seconds = meter.read().server_seconds;
  verify();
  fleet.close();
  const auto answer = describe(conversations, at_once, usage, server_seconds);
  for (std::size_t i = 0; i < count; ++i)
    users_[i].since = std::move(cursors_[i]);
  std::fill(missed_.begin(), missed_.end(), 0);
  resumes_ = true;
  return answer;
}

Answer Storm::describe(std::size_t conversations, std::size_t at_once, const Usage& usage,
                       double server_seconds) {
  double missed = 0;
  for (const auto each : missed_)
    missed += static_cast<double>(each);
  const auto count = static_cast<double>(users_.size());
  return {
      {{"connections K", count, 0},
       {"conversations of each", static_cast<double>(conversations), 0},
       {"at once", static_cast<double>(at_once), 0},
       {"missed messages of each (– without `since`)", resumes_ ? missed / count : std::nan(""), 1},
       {"connects/s", count / usage.seconds, 0},
       {"until `welcome` p50 ms", welcomes_.percentile_ms(0.5), 1},
       {"until `welcome` p99 ms", welcomes_.percentile_ms(0.99), 1},
       {"until `synced` p50 ms", resumes_ ? whole_.percentile_ms(0.5) : std::nan(""), 1},
       {"until `synced` p99 ms", resumes_ ? whole_.percentile_ms(0.99) : std::nan(""), 1},
       {"server CPU µs/connect", server_seconds * 1e6 / count, 1},
       {"client CPU %", usage.client_share * 100, 0}},
      usage.remark()};
}

/// Account 0 writes one message into each conversation that it is in.
void change_some(const Target& target, std::span<const Members> groups, std::vector<Founded>& made,
                 Storm& storm, const Options& options) {
  std::vector<Founded> changing;
  for (std::size_t i = 0; i < groups.size(); i += changed_one_in) {
    changing.push_back(made[i]);
    for (const auto member : std::span(groups[i]).subspan(1))
      storm.missed(member - 1);
  }
  write_into_each(target.endpoint(), target.accounts()[0], changing, 1, options.body,
                  options.patience);
}

} // namespace

std::vector<Answer> ask_storm(const Options& options) {
  const auto members = options.members_or(usual_members);
  const auto conversations = options.conversations_or(usual_conversations);
  const auto groups_of_layer =
      std::max<std::size_t>(options.connections_or(usual_connections) / members, 1);
  const auto target = Target::prepare(options, 1 + groups_of_layer * members);
  const auto groups = spread(conversations, groups_of_layer, members);
  auto made = found_groups(target->endpoint(), target->accounts(), groups, options.patience);

  Storm storm(options, *target, std::span(target->accounts()).subspan(1));
  Fleet nobody(target->endpoint(), {});
  const auto rest = [&] { nobody.run_for(away_seconds); };
  std::vector<Answer> rows;
  rest();
  rows.push_back(storm.blow(conversations));
  rest();
  rows.push_back(storm.blow(conversations));
  rest();
  change_some(*target, groups, made, storm, options);
  rows.push_back(storm.blow(conversations));
  target->stop();
  return rows;
}

} // namespace parley::bench
