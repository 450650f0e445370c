// Latest wins, but for what is under way already.
#include "actors/receipt_book.hpp"

#include <algorithm>

#include "actors/limits.hpp"

namespace parley {

const device_receipt* member_cursors::of(const device_id& device) const {
  const auto found = std::find_if(devices.begin(), devices.end(),
                                  [&](const auto& each) { return each.device == device; });
  return found == devices.end() ? nullptr : &*found;
}

void take_in(std::vector<device_receipt>& devices, device_receipt moved) {
  std::erase_if(devices, [&](const auto& each) { return each.device == moved.device; });
  if (devices.size() >= limits::devices_per_receipt)
    devices.pop_back();
  devices.insert(devices.begin(), std::move(moved));
}

namespace {

receipt_audience audience_of(const receipt& before, const receipt& after) {
  if (before == after)
    return receipt_audience::nobody;
  return before.delivered == after.delivered && before.shown == after.shown
             ? receipt_audience::own_devices
             : receipt_audience::everyone;
}

} // namespace

const member_cursors* receipt_book::of(const user_id& user) const {
  const auto found = known_.find(user);
  return found == known_.end() || found->second.is_doubtful ? nullptr : &found->second.now;
}

receipt_manner receipt_book::manner_of(const user_id& user) const {
  const auto found = known_.find(user);
  return found == known_.end() ? receipt_manner{} : found->second.manner;
}

bool receipt_book::is_settled(const user_id& user) const {
  const auto found = known_.find(user);
  return found != known_.end() && !found->second.gathered && found->second.moved.empty() &&
         found->second.under_way == append_number{};
}

// Cursors that are known are newer than what was found.
void receipt_book::learn(const user_id& user, member_cursors now, receipt_manner manner) {
  const auto [mine, is_new] = known_.try_emplace(user);
  if (is_new)
    mine->second.now = std::move(now);
  mine->second.manner = std::move(manner);
  mine->second.is_doubtful = false;
}

void receipt_book::doubt(const user_id& user, position changed) {
  if (const auto mine = known_.find(user); mine != known_.end())
    mine->second.is_doubtful = mine->second.is_doubtful || mine->second.manner.as_of < changed;
}

void receipt_book::doubt_all() {
  for (auto& [user, mine] : known_)
    mine.is_doubtful = true;
}

void receipt_book::gather(const user_id& user, moved_cursors now) {
  entry& mine = known_[user];
  const receipt before = std::exchange(mine.now.now, now.now);
  mine.told = std::max(mine.told, audience_of(before, now.now));
  if (now.device) {
    std::erase_if(mine.moved, [&](const auto& each) { return each.device == now.device->device; });
    mine.moved.push_back(*now.device);
    take_in(mine.now.devices, std::move(*now.device));
  }
  if (!std::exchange(mine.gathered, true))
    gathered_.push_back(user);
}

// Nobody has seen yet what is under way, and it may fail: what comes behind it tells those, too.
std::vector<member_receipt> receipt_book::take(append_number number) {
  std::vector<member_receipt> moves;
  moves.reserve(gathered_.size());
  for (const auto& user : gathered_) {
    entry& mine = known_[user];
    mine.gathered = false;
    auto told = std::exchange(mine.told, receipt_audience::nobody);
    if (mine.under_way != append_number{})
      told = std::max(told, mine.told_under_way);
    mine.told_under_way = told;
    mine.under_way = number;
    if (!mine.manner.is_shown)
      told = std::min(told, receipt_audience::own_devices);
    moves.push_back({user, mine.now.now, std::exchange(mine.moved, {}), told, mine.manner.apart});
  }
  gathered_.clear();
  under_way_.emplace_back(number, moves);
  return moves;
}

void receipt_book::committed(append_number last) {
  for (; !under_way_.empty() && under_way_.front().first <= last; under_way_.pop_front())
    for (const auto& each : under_way_.front().second)
      if (const auto mine = known_.find(each.user); mine != known_.end())
        if (mine->second.under_way == under_way_.front().first)
          mine->second.under_way = {};
}

// What is written next says what was lost, too; devices that moved again have said so, or stand
// further by what is under way.
void receipt_book::put_back(const member_receipt& lost, entry& into) {
  into.told = std::max(into.told, lost.told);
  std::vector<device_receipt> moved;
  for (const auto& each : lost.devices)
    if (std::none_of(into.moved.begin(), into.moved.end(),
                     [&](const auto& later) { return later.device == each.device; }))
      if (const device_receipt* stands = into.now.of(each.device))
        moved.push_back(*stands);
  into.moved.insert(into.moved.begin(), moved.begin(), moved.end());
}

void receipt_book::failed(append_number number) {
  const auto lost = std::find_if(under_way_.begin(), under_way_.end(),
                                 [&](const flight& each) { return each.first == number; });
  if (lost == under_way_.end())
    return;
  for (const auto& each : lost->second) {
    const auto mine = known_.find(each.user);
    if (mine == known_.end())
      continue;
    const bool is_newest = mine->second.under_way == number;
    if (is_newest)
      mine->second.under_way = {};
    if (is_newest && !mine->second.gathered)
      known_.erase(mine);
    else
      put_back(each, mine->second);
  }
  under_way_.erase(lost);
}

void receipt_book::trim() {
  if (known_.size() > limits::receipts_in_memory && gathered_.empty() && under_way_.empty())
    known_.clear();
}

} // namespace parley
