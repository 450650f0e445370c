// A server whose store holds many messages: filled through the protocol, kept if --store says so.
#pragma once

#include <memory>
#include <random>

#include "bench/group_check.hpp"
#include "bench/latencies.hpp"
#include "bench/options.hpp"
#include "bench/target.hpp"
#include "bench/usage.hpp"

namespace parley::bench {

/// What a number of sends took.
struct Writing {
  std::uint64_t messages;
  Usage usage;
  Latencies acks; // empty unless they were to be timed
};

/// One user, the reader, is a member of every conversation; each of the others, the writers, has
/// his share of them. A directory given by --store holds the server's data and, beside it, a file
/// with the conversations' ids; what is there is used again.
class FilledStore {
public:
  /// Starts the server; makes the conversations or asks how far they are. Accounts beyond the
  /// store's own are for the question.
  FilledStore(const Options& options, std::size_t further_accounts);

  Target& target() { return *target_; }
  const Account& reader() const { return target_->accounts().front(); }
  std::span<const Account> further_accounts() const;
  const GroupCheck& conversations() const { return check_; }
  /// Messages that are stored.
  std::uint64_t messages() const;

  /// Fills it until it has so many, several thousand sends in flight, and says how far it is.
  Writing fill(std::uint64_t messages);
  /// Sends so many, `window` in flight, one conversation after another.
  Writing write(std::uint64_t messages, std::size_t window, bool timed);

  /// A page of fifty that is certainly full: somewhere in one of the conversations.
  struct Place {
    std::size_t conversation;
    std::uint64_t before;
  };
  static constexpr std::uint64_t page_events = 50;
  Place random_place(std::mt19937_64& random) const;

private:
  void found();
  void reopen();
  void add(std::string id, std::uint64_t head);
  std::size_t in_use() const;

  const Options& options_;
  std::string ids_file_; // empty: not kept
  std::vector<std::string> kept_ids_;
  std::size_t conversations_;
  std::size_t writers_;
  std::unique_ptr<Target> target_;
  GroupCheck check_;
  std::uint64_t turn_ = 0; // sends so far, each conversation in its turn
  std::uint64_t wanted_ = 0;
};

} // namespace parley::bench
