// A user's sessions and statuses, and what others see of them: decides, time is an argument.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/commands.hpp"
#include "actors/errors.hpp"
#include "actors/outbox.hpp"
#include "actors/presence_view.hpp"

namespace parley {

/// The same moment on the engine's clock, which decides, and on the wall's, which is shown.
struct moment {
  instant steady{};
  timestamp wall{};
};

/// Plain object, one per user in use. A session that is not renewed ends by itself; a session that
/// nobody has said anything of is `online`; `invisible` anywhere hides all, then `busy` wins over
/// `online` over `away`. After the last session ended the user is shown as before for a while.
class presence_state {
public:
  // --- Sessions ---
  /// Takes a session in: `forbidden` when the user has too many devices or sessions.
  outcome arrive(const session_address& session, const device_id& device, const moment& now);
  /// The session is there; one that was not known is taken in, whatever the bounds.
  void renew(const session_address& session, const device_id& device, const moment& now);
  /// The session is gone; false when it was not known.
  bool leave(const session_address& session, const moment& now);
  /// Sets the status of one session.
  void set(const session_address& session, const set_presence& what, const moment& now);
  /// Ends what is over: sessions without renewals, the time of grace.
  void pass(const moment& now);
  /// When `pass` will have something to do, unless something happens before.
  std::optional<instant> next_due() const;

  std::vector<session_facts> sessions() const;
  /// Whether some device is not away, whatever is shown of it.
  bool is_at_hand() const noexcept;
  /// Whether there is nothing that somebody could ask for later.
  bool is_quiet() const noexcept { return sessions_.empty() && !grace_; }

  // --- What others see ---
  /// As it is now, for those who share a conversation with the user.
  presence_view view(instant now) const;
  /// Whether it is known when the user was seen last, or that they never were, and whether others
  /// are told.
  bool knows_last_seen() const noexcept { return knows_last_seen_ && shows_last_seen_; }
  /// From the store; what happened meanwhile is newer.
  void learn_last_seen(std::optional<timestamp> at, bool is_shown = true);
  /// The user settles whether others are told.
  void show_last_seen(bool is_shown) { shows_last_seen_ = is_shown; }
  /// The store does not know it any more, nor what the user had settled.
  void forget_last_seen();
  /// That the user is there, if they are shown to be, is to be written down now.
  void note_seen(const moment& now);
  /// A time at which the user was seen that is to be written down; told once.
  std::optional<timestamp> take_seen();

private:
  struct status {
    presence_status value = presence_status::online;
    std::string text;
    std::uint64_t order = 0; ///< The latest has the highest; 0: nobody has said anything.
  };
  struct live_session {
    session_facts facts;
    instant renewed_at{};
    status said;
  };
  /// What was said of a device that may come back.
  struct parked {
    device_id device;
    status said;
    instant until{};
  };
  /// The user is shown as before, for a while.
  struct grace {
    instant until{};
    std::optional<presence_view> shown;
  };

  void take_in(const session_address& session, const device_id& device, const moment& now);
  std::size_t devices_beside(const device_id& device) const;
  status status_for(const device_id& device) const;
  live_session* find(const session_address& session);
  void park(const live_session& gone, instant now);
  /// What is shown while there are sessions; nothing when there are none or one hides them.
  std::optional<presence_view> merged() const;
  /// Draws the consequences of a change: `before` is what `merged` gave, `last` when the user was
  /// there for certain.
  void settle(std::optional<presence_view> before, timestamp last, instant now);
  void write_down(timestamp at);

  std::vector<live_session> sessions_;
  std::vector<parked> parked_;
  std::uint64_t orders_ = 0;
  std::unique_ptr<const grace> grace_; ///< After the last session ended.
  std::optional<timestamp> last_seen_; ///< When the user was visible last.
  bool knows_last_seen_ = false;
  std::optional<bool> shows_last_seen_; ///< Nothing before it is known.
  std::optional<timestamp> written_;    ///< The latest time that was to be written down.
  bool is_unwritten_ = false;           ///< It has not been taken yet.
};

} // namespace parley
