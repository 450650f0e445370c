// One `create` per group, then `add` for members beyond what one frame holds.
#include "bench/conversation_setup.hpp"

#include "bench/commands.hpp"
#include "bench/fleet.hpp"

namespace parley::bench {
namespace {

/// For the read model to have all of it: whoever connects before is told of the members one batch
/// after another, which for a large conversation is more than an outbox takes.
constexpr double applied_seconds = 0.5;
constexpr std::size_t users_per_command = 500; // frames are limited, by default to 64 KiB

class Founder {
public:
  Founder(Fleet& fleet, Connection& owner, double patience)
      : fleet_(fleet), owner_(owner), patience_(patience) {}

  Reply found(std::span<const std::string> others) {
    const auto first = others.first(std::min(others.size(), users_per_command));
    Reply group = ask([&](std::string& out, auto ref) { encode_create_group(out, ref, first); });
    if (group.conversation.empty() || group.seq == 0)
      owner_.fail_here("`create` was answered without a conversation and its seq");
    for (std::size_t at = first.size(); at < others.size(); at += users_per_command)
      group.seq = add(group, others.subspan(at, std::min(others.size() - at, users_per_command)));
    return group;
  }

private:
  std::uint64_t add(const Reply& group, std::span<const std::string> users) {
    const auto reply =
        ask([&](std::string& out, auto ref) { encode_add(out, ref, group.conversation, users); });
    if (reply.seq <= group.seq)
      owner_.fail_here("`add` was answered with seq ", reply.seq, " after ", group.seq);
    return reply.seq;
  }

  template <class Encode>
  Reply ask(Encode encode) {
    std::string command;
    const auto ref = fleet_.next_ref();
    encode(command, ref);
    return fleet_.request(owner_, ref, command, patience_);
  }

  Fleet& fleet_;
  Connection& owner_;
  double patience_;
};

} // namespace

void create_conversations(const Endpoint& endpoint, std::span<const Account> accounts,
                          std::size_t conversations, DeliveryCheck& check,
                          double patience_seconds) {
  Fleet owners(endpoint, accounts.first(conversations));
  owners.open(patience_seconds);
  for (std::size_t group = 0; group < conversations; ++group) {
    std::vector<std::string> others;
    for (std::size_t i = group + conversations; i < accounts.size(); i += conversations)
      others.push_back(accounts[i].user);
    auto made = Founder(owners, owners[group], patience_seconds).found(others);
    const auto number = check.add_conversation(std::move(made.conversation), made.seq);
    for (std::size_t i = group; i < accounts.size(); i += conversations)
      check.follow(i, number);
  }
  owners.run_for(applied_seconds);
  owners.close();
}

} // namespace parley::bench
