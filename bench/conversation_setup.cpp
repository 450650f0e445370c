// One `create` per group, then `add` for members beyond what one frame holds.
#include "bench/conversation_setup.hpp"

#include "bench/commands.hpp"

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

void name_rooms(std::size_t accounts, std::size_t rooms, DeliveryCheck& check) {
  check.count_by_ref();
  for (std::size_t room = 0; room < rooms; ++room)
    check.add_conversation("room" + std::to_string(room), 0);
  for (std::size_t i = 0; i < accounts; ++i)
    check.follow(i, i % rooms);
}

/// Makes the store ready, over a connection of its own.
void prepare_store(const Target& target, double patience) {
  Fleet keeper(target.endpoint(), std::span(target.accounts()).first(1), target.dialect());
  keeper.open(patience);
  keeper.prepare_store(patience);
  keeper.close();
}

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

void create_conversations(const Target& target, std::size_t conversations, DeliveryCheck& check,
                          double patience_seconds) {
  if (target.dialect().keeps_members())
    return create_conversations(target.endpoint(), target.accounts(), conversations, check,
                                patience_seconds);
  if (target.dialect().needs_preparing())
    prepare_store(target, patience_seconds);
  name_rooms(target.accounts().size(), conversations, check);
}

void enter_conversations(Fleet& fleet, const DeliveryCheck& check, double patience_seconds) {
  if (fleet.dialect().keeps_members())
    return;
  for (std::size_t i = 0; i < fleet.size(); ++i)
    fleet.enter(fleet[i], check.conversation_of(fleet[i]), patience_seconds);
}

} // namespace parley::bench
