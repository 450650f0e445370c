// The erasing of a user: what is asked, how far it has got, and what is left as a receipt.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "actors/digest.hpp"
#include "actors/ids.hpp"
#include "actors/time.hpp"

namespace parley {

/// What becomes of a user's messages.
enum class erasure_policy : std::uint8_t {
  anonymise, ///< They stay, under a pseudonym.
  remove,    ///< They are deleted for everyone; what stays has the pseudonym.
};
std::string_view to_string(erasure_policy policy) noexcept;
/// `anonymise` or `delete`.
std::optional<erasure_policy> policy_of(std::string_view name) noexcept;

/// How far it has got.
enum class erasure_phase : std::uint8_t {
  begun,      ///< The user is taken out of conversations, and messages are deleted.
  forgetting, ///< The store puts the pseudonym where the user was named.
  done,
};

/// A user who is being erased, or was.
struct user_erasure {
  std::string id; ///< Names the receipt.
  user_id user;
  user_id pseudonym;
  digest user_hash{}; ///< SHA-256 of the user's id.
  erasure_policy policy = erasure_policy::anonymise;
  erasure_phase phase = erasure_phase::begun;
  timestamp begun_at{};
  timestamp done_at{};             ///< Meaningful once it is done, as are these:
  std::uint64_t conversations = 0; ///< That the user was ever in.
  std::uint64_t messages = 0;      ///< Of the user: renamed or deleted.
  std::uint64_t files = 0;         ///< Likewise.
  std::uint64_t damaged = 0;       ///< Messages that cannot be read: they stay as they are.
  std::uint64_t passed_over = 0;   ///< Conversations of which that is true of more than messages.
  bool forgotten = false;          ///< The store names the user nowhere else any more.
  std::uint64_t held = 0;          ///< Conversations whose holds it waits for; not kept.
  position settled;                ///< The batch with its last step.
  friend bool operator==(const user_erasure&, const user_erasure&) = default;
};

/// Whether names are still being replaced: the erasure of somebody whose name the store knows.
inline bool is_being_forgotten(const user_erasure& what) {
  return what.phase != erasure_phase::begun && !what.user.empty();
}

/// SHA-256 of a user's id, which tells that a user is meant without naming them.
digest hash_of(const user_id& user);
/// `erasure` {erasure, pseudonym, user_sha256, policy, status, begun_at, done_at?, held?,
/// conversations, messages, files, damaged_messages?, damaged_conversations?}.
std::string encode_user_erasure(const user_erasure& what);
/// What a record of the log says of it: read by the store.
std::string encode_erasure_step(const user_erasure& what);

/// Where a walk through a user's messages goes on: behind this one, or at the first.
struct erasure_place {
  conversation_id conversation;
  sequence behind;
  friend bool operator==(const erasure_place&, const erasure_place&) = default;
};
/// Who is to be erased, and how.
struct erasure_work_question {
  user_id user;
  erasure_policy policy = erasure_policy::anonymise;
  erasure_place from = {};
};
/// What is still to be done for the user in one conversation.
struct erasure_work {
  conversation_id conversation;        ///< Empty when there is nothing behind the place.
  std::vector<sequence> messages = {}; ///< Some of theirs that are to be deleted.
  erasure_place next = {};
  std::uint64_t held = 0; ///< Conversations on the way there, or to the end, in which there are
                          ///< messages that are held.
};

/// Users who are being erased: nobody may speak as them or bring them in. Safe from any thread.
class erasing_users {
public:
  /// False when they are already.
  bool begin(const user_id& user) {
    const std::lock_guard hold{mutex_};
    const bool is_new = users_.insert(user).second;
    count_ = users_.size();
    return is_new;
  }
  void end(const user_id& user) {
    const std::lock_guard hold{mutex_};
    users_.erase(user);
    count_ = users_.size();
  }
  bool contains(const user_id& user) const {
    if (count_.load(std::memory_order_relaxed) == 0)
      return false; // nearly always
    const std::lock_guard hold{mutex_};
    return users_.contains(user);
  }
  bool contains_any(const std::vector<user_id>& users) const {
    for (const auto& each : users)
      if (contains(each))
        return true;
    return false;
  }

private:
  mutable std::mutex mutex_;
  std::unordered_set<user_id> users_;
  std::atomic<std::size_t> count_{0};
};

} // namespace parley
