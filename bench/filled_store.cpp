// Writers over conversations in turn; a list of ids is all that is remembered beside the data.
#include "bench/filled_store.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include "bench/answer.hpp"
#include "bench/commands.hpp"
#include "bench/group_setup.hpp"
#include "bench/group_traffic.hpp"

namespace parley::bench {
namespace {

constexpr std::size_t most_writers = 100;
constexpr std::size_t usual_conversations = 1000;
constexpr std::size_t filling_window = 3200; // over all writers
/// Sends into one conversation before the next has its turn: a server that does the commands of a
/// connection in order waits between those into different conversations.
constexpr std::size_t filling_run = 32;
constexpr std::uint64_t messages_between_words = 500'000; // and between two looks at the counts
constexpr std::uint64_t fewest_in_conversation = 100;     // so that there are pages of fifty
constexpr double slowest_sends_per_second = 100;
constexpr double settle_seconds = 1; // for the read model to have all of it

std::string ids_file_of(const Options& options) {
  return options.store.empty() ? "" : options.store + "/conversations";
}

std::vector<std::string> read_ids(const std::string& path) {
  std::istringstream text(read_file(path));
  return {std::istream_iterator<std::string>(text), {}};
}

} // namespace

FilledStore::FilledStore(const Options& options, std::size_t further_accounts)
    : options_(options), ids_file_(ids_file_of(options)), kept_ids_(read_ids(ids_file_)),
      conversations_(kept_ids_.empty() ? options.conversations_or(usual_conversations)
                                       : kept_ids_.size()),
      writers_(std::min(most_writers, conversations_)),
      target_(Target::prepare(options, 1 + writers_ + further_accounts)) {
  if (kept_ids_.empty())
    found();
  else
    reopen();
}

std::span<const Account> FilledStore::further_accounts() const {
  return std::span(target_->accounts()).subspan(1 + writers_);
}

void FilledStore::add(std::string id, std::uint64_t head) {
  const std::size_t writer = check_.size() % writers_;
  check_.add(std::move(id), head, {&writer, 1});
}

void FilledStore::found() {
  std::vector<Members> groups(conversations_);
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = {1 + i % writers_, 0};
  const auto made =
      found_groups(target_->endpoint(), target_->accounts(), groups, options_.patience);
  for (const auto& each : made)
    add(each.id, each.head);
  if (ids_file_.empty())
    return;
  std::ofstream file(ids_file_);
  for (const auto& each : made)
    file << each.id << '\n';
}

/// Asks for each conversation's head, so that a store whose filling was broken off is as good.
void FilledStore::reopen() {
  Fleet fleet(target_->endpoint(), {&reader(), 1});
  fleet.open(options_.patience);
  std::string command;
  for (auto& id : kept_ids_) {
    const auto ref = fleet.next_ref();
    command.clear();
    encode_get(command, ref, id);
    const auto head = fleet.request(fleet[0], ref, command, options_.patience).seq;
    add(std::move(id), head);
  }
  fleet.close();
}

std::uint64_t FilledStore::messages() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < check_.size(); ++i)
    sum += check_.head_of(i) - 1; // the first number is the members' joining
  return sum;
}

/// A small store has its messages in few conversations, so that each has several pages.
std::size_t FilledStore::in_use() const {
  const auto enough = std::max<std::uint64_t>(wanted_ / fewest_in_conversation, 1);
  return std::min<std::size_t>(check_.size(), enough);
}

Writing FilledStore::fill(std::uint64_t messages) {
  UsageMeter meter(*target_);
  const auto before = this->messages();
  for (auto stored = before; stored < messages; stored = this->messages()) {
    wanted_ = messages;
    write(std::min(messages - stored, messages_between_words), filling_window, false);
    const auto now = static_cast<double>(this->messages());
    std::cerr << "stored " << format_number(now, 0) << " messages, "
              << format_number((now - static_cast<double>(before)) / meter.read().seconds, 0)
              << "/s\n";
  }
  const Usage usage = meter.read();
  target_->settle(); // what it still does for these is not part of what is asked next
  return {this->messages() - before, usage, {}};
}

Writing FilledStore::write(std::uint64_t messages, std::size_t window, bool timed) {
  wanted_ = std::max(wanted_, this->messages());
  Fleet fleet(target_->endpoint(), std::span(target_->accounts()).subspan(1, writers_));
  fleet.start_refs_after(read_clock_ns(CLOCK_REALTIME) / 1000); // above those of earlier runs
  fleet.open(options_.patience);
  GroupTraffic traffic(fleet, check_, options_.body);
  const auto conversations = in_use();
  const std::size_t run = window == filling_window ? filling_run : 1;
  std::uint64_t left = messages;
  const auto send_next = [&] {
    if (left == 0)
      return;
    --left;
    const auto group = turn_++ / run % conversations;
    traffic.send(fleet[check_.follower(group, 0)], group, now_ns());
  };
  traffic.after_ack([&](Connection&, std::size_t) { send_next(); });
  if (timed)
    traffic.start_timing();
  UsageMeter meter(*target_);
  for (std::size_t i = 0; i < window; ++i)
    send_next();
  fleet.run_until(
      [&] { return left == 0; },
      Deadline::in(options_.patience + static_cast<double>(messages) / slowest_sends_per_second),
      [&] { return "the start of " + std::to_string(left) + " sends"; });
  traffic.drain(options_.patience);
  if (timed)
    fleet.run_for(settle_seconds); // what the read model does for them belongs to their price
  const Usage usage = meter.read();
  check_.verify();
  fleet.close();
  return {messages, usage, std::move(traffic.acks())};
}

FilledStore::Place FilledStore::random_place(std::mt19937_64& random) const {
  for (int attempt = 0; attempt < 10'000; ++attempt) {
    const auto group = random() % check_.size();
    if (const auto head = check_.head_of(group); head > page_events)
      return {group, page_events + 1 + random() % (head - page_events + 1)};
  }
  fail("hardly a conversation has ", page_events, " messages: --messages is too low");
}

} // namespace parley::bench
