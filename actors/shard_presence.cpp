// A shard's part in presence: what watchers are told, and which sessions are still there.
#include "actors/limits.hpp"
#include "actors/shard_state.hpp"

namespace parley {

void shard_state::presence_told(const struct presence_told& message, instant now) {
  const auto what = std::make_shared<const chunk>(message.envelope);
  for (std::uint64_t number : *message.sessions)
    if (session* to = find(number)) {
      to->push_soft((message.is_profile ? "profile " : "presence ") + message.user.str(), what,
                    now);
      port_.wake(*to);
    }
}

void shard_state::session_ended(const struct session_ended& message, instant now) {
  if (session* who = find(message.session))
    dismiss(*who, "ended", close_code::unauthenticated, now);
}

void shard_state::user_ended(const struct user_ended& message, instant now) {
  const auto found = by_user_.find(message.user);
  if (found == by_user_.end())
    return;
  for (session* each : session_list{found->second})
    dismiss(*each, "erased", close_code::forbidden, now);
}

// A portion of them each time, all of them after session_renewal.
void shard_state::renew_sessions(instant now) {
  const auto due = static_cast<std::uint64_t>((now - renewed_at_) / limits::renewal_slice);
  if (due == 0)
    return;
  renewed_at_ = now;
  sessions_reported report{index_, {}, {}};
  for (const auto& [number, each] : sessions_) {
    const std::uint64_t ahead =
        (number % limits::renewal_slices + limits::renewal_slices - next_slice_) %
        limits::renewal_slices;
    const bool there =
        !each->who().user.empty() && // who only asks is not there
        (each->phase() == session_phase::admitted || each->phase() == session_phase::live);
    if (ahead < due && there)
      report.here.push_back({each->who().user, each->who().device, number});
  }
  next_slice_ = (next_slice_ + due) % limits::renewal_slices;
  if (!report.here.empty())
    port_.report(std::move(report));
}

} // namespace parley
