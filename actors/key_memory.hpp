// The idempotency keys a conversation has at hand, and whether those are all it ever had.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "actors/fifo.hpp"
#include "actors/key_filter.hpp"
#include "actors/limits.hpp"
#include "actors/record.hpp"

namespace parley {

/// Without the scope: of a sender's keys with one client_id there are at most two in a
/// conversation, a creation's and another command's. Not noexcept, for the reason that ids.hpp
/// gives.
struct idempotency_key_hash {
  std::size_t operator()(const idempotency_key& key) const {
    return std::hash<client_id>{}(key.client) ^
           (std::hash<user_id>{}(key.sender) * 0x9e3779b97f4a7c15ULL);
  }
};

/// Answers "was this command accepted before?" with yes, no, or "look it up". Forgets the oldest
/// keys that the read model has, never one that only memory has; for long it still tells those that
/// it forgot from new ones, so that new ones need no look-up.
class key_memory {
public:
  enum class answer : std::uint8_t { known, unknown, look_up };

  explicit key_memory(conversation_id own) : own_(std::move(own)) {}
  ~key_memory() = default;
  key_memory(key_memory&&) = default;
  key_memory& operator=(key_memory&&) = default;
  key_memory(const key_memory&) = delete; // entries are pointed at
  key_memory& operator=(const key_memory&) = delete;

  /// No key of the conversation's own scope exists beyond those that are known here.
  void set_complete() noexcept { complete_ = true; }

  answer ask(const idempotency_key& key) const;
  /// What a known key led to.
  const known_command& at(const idempotency_key& key) const { return known_.at(key); }

  /// A command with this key was given a number.
  void add(const idempotency_key& key, known_command what);
  /// The command did not reach the log.
  void remove(const idempotency_key& key) { known_.erase(key); }
  /// The command is in the log at this position.
  void committed(const idempotency_key& key, position at);
  /// A new look-up begins: what the last one did not find was used, or is looked up again.
  void forget_absent() { absent_.clear(); }
  /// What a look-up found.
  void learn(const idempotency_key& key, const std::optional<known_command>& found);
  /// Forgets what is applied and beyond `most` keys.
  void trim(position applied, std::size_t most = limits::keys_in_memory);

private:
  using table = std::unordered_map<idempotency_key, known_command, idempotency_key_hash>;
  struct remembered {
    table::const_pointer what; ///< Stays where it is while others come and go.
    position at;
  };
  bool is_new(const idempotency_key& key) const;
  void forget_oldest();

  conversation_id own_;
  bool complete_ = false; ///< What is neither known nor forgotten is new.
  table known_;
  key_filter forgotten_;                                             ///< While complete.
  std::unordered_set<idempotency_key, idempotency_key_hash> absent_; ///< Looked up.
  fifo<remembered> order_; ///< Committed keys, oldest first.
};

} // namespace parley
