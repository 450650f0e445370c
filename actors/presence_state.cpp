// Merges sessions into one view, and lets what is not renewed end.
#include "actors/presence_state.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "actors/limits.hpp"

namespace parley {

namespace {

shown_status shown(presence_status value) noexcept {
  switch (value) {
  case presence_status::online:
    return shown_status::online;
  case presence_status::away:
    return shown_status::away;
  case presence_status::busy:
    return shown_status::busy;
  case presence_status::invisible:
    break;
  }
  return shown_status::offline;
}

/// The higher one is shown.
int rank(presence_status value) noexcept {
  switch (value) {
  case presence_status::away:
    return 0;
  case presence_status::online:
    return 1;
  case presence_status::busy:
    return 2;
  case presence_status::invisible:
    break;
  }
  return 3;
}

failure too_many(const char* what) { return {error_code::forbidden, what, {}}; }

} // namespace

std::uint64_t digest_of(const presence_view& view) noexcept {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;
  std::uint64_t sum = static_cast<std::uint64_t>(view.status) + 1;
  sum = sum * spread + std::hash<std::string>{}(view.text);
  sum = sum * spread + (view.last_seen ? static_cast<std::uint64_t>(to_wire(*view.last_seen)) : 1);
  return (sum ^ (sum >> 32)) | 1;
}

// --- Sessions ------------------------------------------------------------------------------------

outcome presence_state::arrive(const session_address& session, const device_id& device,
                               const moment& now) {
  pass(now);
  if (sessions_.size() >= limits::sessions_per_user)
    return too_many("this user has too many sessions; end one");
  if (devices_beside(device) >= limits::devices_per_user)
    return too_many("this user has too many devices connected; end a session of one");
  take_in(session, device, now);
  return success();
}

void presence_state::renew(const session_address& session, const device_id& device,
                           const moment& now) {
  if (live_session* known = find(session))
    known->renewed_at = now.steady;
  else
    take_in(session, device, now);
  if (merged() && (!written_ || now.wall < *written_ ||
                   now.wall - *written_ >= std::chrono::milliseconds{limits::seen_interval}))
    write_down(now.wall);
}

bool presence_state::leave(const session_address& session, const moment& now) {
  const live_session* gone = find(session);
  if (gone == nullptr)
    return false;
  auto before = merged();
  park(*gone, now.steady);
  std::erase_if(sessions_, [&](const auto& each) { return each.facts.session == session; });
  settle(std::move(before), now.wall, now.steady);
  return true;
}

void presence_state::set(const session_address& session, const set_presence& what,
                         const moment& now) {
  live_session* of = find(session);
  if (of == nullptr)
    return;
  auto before = merged();
  of->said = {what.status, what.text.value_or(""), ++orders_};
  settle(std::move(before), now.wall, now.steady);
}

void presence_state::pass(const moment& now) {
  if (grace_ && now.steady >= grace_->until)
    grace_.reset();
  std::erase_if(parked_, [&](const parked& each) { return now.steady >= each.until; });
  auto before = merged();
  instant newest{};
  const auto is_over = [&](const live_session& each) {
    const bool over = now.steady - each.renewed_at >= limits::session_lease;
    if (over) {
      newest = std::max(newest, each.renewed_at);
      park(each, now.steady);
    }
    return over;
  };
  if (std::erase_if(sessions_, is_over) == 0)
    return;
  const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(now.steady - newest);
  settle(std::move(before), now.wall - ago, now.steady);
}

bool presence_state::is_at_hand() const noexcept {
  return std::any_of(sessions_.begin(), sessions_.end(), [](const live_session& each) {
    return each.said.value != presence_status::away;
  });
}

std::optional<instant> presence_state::next_due() const {
  std::optional<instant> due;
  const auto consider = [&](instant when) { due = due ? std::min(*due, when) : when; };
  if (grace_)
    consider(grace_->until);
  for (const auto& each : sessions_)
    consider(each.renewed_at + limits::session_lease);
  for (const auto& each : parked_)
    consider(each.until);
  return due;
}

std::vector<session_facts> presence_state::sessions() const {
  std::vector<session_facts> all;
  for (const auto& each : sessions_)
    all.push_back(each.facts);
  return all;
}

void presence_state::take_in(const session_address& session, const device_id& device,
                             const moment& now) {
  auto before = merged();
  sessions_.push_back({{session, device, now.wall}, now.steady, status_for(device)});
  settle(std::move(before), now.wall, now.steady);
}

std::size_t presence_state::devices_beside(const device_id& device) const {
  std::set<device_id> others;
  for (const auto& each : sessions_)
    if (each.facts.device != device)
      others.insert(each.facts.device);
  return others.size();
}

/// What was said last of a device that is here or was a moment ago.
presence_state::status presence_state::status_for(const device_id& device) const {
  status found;
  for (const auto& each : sessions_)
    if (each.facts.device == device && each.said.order > found.order)
      found = each.said;
  for (const auto& each : parked_)
    if (each.device == device && each.said.order > found.order)
      found = each.said;
  return found;
}

presence_state::live_session* presence_state::find(const session_address& session) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const auto& each) { return each.facts.session == session; });
  return found == sessions_.end() ? nullptr : &*found;
}

void presence_state::park(const live_session& gone, instant now) {
  if (gone.said.order == 0)
    return;
  std::erase_if(parked_, [&](const parked& each) { return each.device == gone.facts.device; });
  if (parked_.size() == limits::devices_per_user)
    parked_.erase(parked_.begin());
  parked_.push_back({gone.facts.device, gone.said, now + limits::presence_grace});
}

// --- What others see -----------------------------------------------------------------------------

std::optional<presence_view> presence_state::merged() const {
  const status* best = nullptr;
  for (const auto& each : sessions_) {
    const int above = best ? rank(each.said.value) - rank(best->value) : 1;
    if (above > 0 || (above == 0 && each.said.order > best->order))
      best = &each.said;
  }
  if (best == nullptr || best->value == presence_status::invisible)
    return {};
  return presence_view{shown(best->value), best->text, {}};
}

// Who hides is gone at once, and whoever comes back is not held any more.
void presence_state::settle(std::optional<presence_view> before, timestamp last, instant now) {
  const bool visible = merged().has_value();
  if (before && !visible) {
    last_seen_ = last;
    knows_last_seen_ = true;
    write_down(last);
  }
  if (!sessions_.empty())
    grace_.reset();
  else if (!grace_)
    grace_ = std::make_unique<const grace>(grace{now + limits::presence_grace, std::move(before)});
}

presence_view presence_state::view(instant now) const {
  if (auto here = merged())
    return *here;
  if (grace_ && grace_->shown && now < grace_->until)
    return *grace_->shown;
  return {shown_status::offline, {}, shows_last_seen_.value_or(true) ? last_seen_ : std::nullopt};
}

void presence_state::learn_last_seen(std::optional<timestamp> at, bool is_shown) {
  if (!shows_last_seen_)
    shows_last_seen_ = is_shown;
  if (std::exchange(knows_last_seen_, true))
    return;
  last_seen_ = at;
}

void presence_state::forget_last_seen() {
  last_seen_.reset();
  shows_last_seen_.reset();
  knows_last_seen_ = false;
}

void presence_state::note_seen(const moment& now) {
  if (merged())
    write_down(now.wall);
}

void presence_state::write_down(timestamp at) {
  written_ = at;
  is_unwritten_ = true;
}

std::optional<timestamp> presence_state::take_seen() {
  return std::exchange(is_unwritten_, false) ? written_ : std::nullopt;
}

} // namespace parley
