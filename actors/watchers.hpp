// Who watches a user, whether they share a conversation with them, and what they were told last.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "actors/ids.hpp"
#include "actors/queries.hpp"
#include "actors/watermarks.hpp"

namespace parley {

/// Plain object. Whether two users share a conversation is believed as long as neither's
/// memberships have changed since it was read; until it is read anew, that watcher is told nothing.
class watchers {
public:
  explicit watchers(user_id watched) : watched_(std::move(watched)) {}

  enum class whom : std::uint8_t {
    pending, ///< Those who began to watch or of whom something was learnt: does not look at others.
    all,
  };

  /// The session wants to be told, now and from now on.
  void add(const user_id& by, const session_address& session);
  void remove(const user_id& by, const session_address& session);
  bool empty() const noexcept { return by_user_.empty(); }

  /// A question that has to be asked of the read model before these can be told.
  struct question {
    std::vector<user_id> others; ///< At most limits::shared_per_query.
    position at_least;
  };
  /// Nothing to ask when `others` is empty.
  question to_ask(whom which, const membership_marks& marks) const;
  void learn(const question& asked, const shared_users& found);

  /// Digests of what is to be told; 0: not known yet.
  struct news {
    std::uint64_t to_friends = 0;
    std::uint64_t to_strangers = 0;
  };
  struct recipients {
    std::vector<session_address> friends;
    std::vector<session_address> strangers;
    bool some_unknown = false; ///< There are users of whom it has to be asked first.
  };
  /// Who was told something else, or nothing yet; counts as told.
  recipients take(const news& what, whom which, const membership_marks& marks);

  /// The user shows something else of themselves.
  void profile_changed() noexcept { ++profile_; }
  /// Friends who began to watch before that and were not told of it; counts as told.
  recipients take_profile(const membership_marks& marks);

private:
  struct session {
    session_address address;
    std::uint64_t told = 0;
    std::uint64_t profile = 0; ///< As it was when the session was told, or began to watch.
  };
  struct watcher {
    std::vector<session> sessions;
    position as_of;
    std::uint32_t group = 0;
    bool known = false;
    bool shares = false;
  };

  /// False when this has to wait until more is known.
  bool take_from(const user_id& user, watcher& who, const news& what, recipients& to,
                 const membership_marks& marks) const;
  bool is_known(const user_id& user, const watcher& which, const membership_marks& marks) const;

  user_id watched_;
  std::size_t group_ = membership_marks::group_of(watched_);
  std::uint64_t profile_ = 0; ///< How often it has changed.
  std::unordered_map<user_id, watcher> by_user_;
  std::vector<user_id> pending_; ///< May name some twice, and some who watch no more.
};

} // namespace parley
