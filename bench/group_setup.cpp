// One `create` per group, some hundred of them under way at a time.
#include "bench/group_setup.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "bench/commands.hpp"
#include "bench/group_traffic.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t under_way = 256;
constexpr std::size_t connection_limit = 32; // below what a server takes from one connection
constexpr double slowest_creates_per_second = 300;
constexpr double slowest_sends_per_second = 500;
constexpr double slowest_connects_per_second = 200;
constexpr double applied_seconds = 0.5; // for the read model to have all of it

class GroupFounder : public EnvelopeSink {
public:
  GroupFounder(Fleet& fleet, std::span<const Account> accounts, std::span<const Members> groups,
               std::span<const std::size_t> makers)
      : fleet_(fleet), accounts_(accounts), groups_(groups), makers_(makers), open_(fleet.size()),
        made_(groups.size()) {
    fleet.listen(this);
  }

  std::vector<Founded> found(double patience) {
    go_on();
    fleet_.run_until([this] { return answered_ == groups_.size(); }, Deadline::in(patience),
                     [this] { return std::to_string(groups_.size() - answered_) + " groups"; });
    return std::move(made_);
  }

private:
  /// Starts with the next groups as long as their makers' connections may take them.
  void go_on() {
    while (next_ < groups_.size() && refs_.size() < under_way &&
           open_[makers_[next_]] < connection_limit) {
      const Members& members = groups_[next_];
      std::vector<std::string> others;
      for (const auto member : std::span(members).subspan(1))
        others.push_back(accounts_[member].user);
      const auto ref = fleet_.next_ref();
      command_.clear();
      encode_create_group(command_, ref, others);
      ++open_[makers_[next_]];
      refs_.emplace(ref, next_);
      fleet_.send(fleet_[makers_[next_++]], command_);
    }
  }
  void on_envelope(Connection& connection, const Envelope& envelope) override {
    if (envelope.type != "conversation" || envelope.ref == 0)
      return; // other members are told, too
    const auto at = refs_.find(envelope.ref);
    if (at == refs_.end() || envelope.conversation.empty() || envelope.seq == 0)
      connection.fail_here("`create` was answered without a conversation and its seq");
    made_[at->second] = {std::string(envelope.conversation), envelope.seq};
    refs_.erase(at);
    --open_[connection.index()];
    ++answered_;
    go_on();
  }

  Fleet& fleet_;
  std::span<const Account> accounts_;
  std::span<const Members> groups_;
  std::span<const std::size_t> makers_; // of each group, the fleet's connection
  std::vector<std::size_t> open_;
  std::vector<Founded> made_;
  std::unordered_map<std::uint64_t, std::size_t> refs_;
  std::size_t next_ = 0;
  std::size_t answered_ = 0;
  std::string command_;
};

} // namespace

std::vector<Founded> found_groups(const Endpoint& endpoint, std::span<const Account> accounts,
                                  std::span<const Members> groups, double patience_seconds) {
  std::vector<Account> owners;
  std::map<std::size_t, std::size_t> connection_of;
  std::vector<std::size_t> makers;
  for (const auto& members : groups) {
    const auto [at, added] = connection_of.emplace(members.front(), owners.size());
    if (added)
      owners.push_back(accounts[members.front()]);
    makers.push_back(at->second);
  }
  Fleet fleet(endpoint, owners);
  fleet.open(patience_seconds + static_cast<double>(owners.size()) / slowest_connects_per_second);
  auto made = GroupFounder(fleet, accounts, groups, makers)
                  .found(patience_seconds +
                         static_cast<double>(groups.size()) / slowest_creates_per_second);
  fleet.run_for(applied_seconds);
  fleet.close();
  return made;
}

void write_into_each(const Endpoint& endpoint, const Account& writer, std::span<Founded> groups,
                     std::size_t messages, std::size_t body_bytes, double patience_seconds) {
  Fleet fleet(endpoint, {&writer, 1});
  fleet.open(patience_seconds);
  GroupCheck check;
  const std::size_t self = 0;
  for (const auto& each : groups)
    check.add(each.id, each.head, {&self, 1});
  GroupTraffic traffic(fleet, check, body_bytes);
  for (std::size_t i = 0; i < messages * groups.size(); ++i)
    traffic.send(fleet[0], i % groups.size(), now_ns());
  traffic.drain(patience_seconds +
                static_cast<double>(messages * groups.size()) / slowest_sends_per_second);
  fleet.run_for(applied_seconds);
  check.verify();
  fleet.close();
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i].head = check.head_of(i);
}

} // namespace parley::bench
