// Field by field, as the rows of a name are renamed.
#include "persistence/erasures/renamed_record.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace parley {

namespace {

bool leave_out(std::vector<membership>& users, const new_names& names) {
  return std::erase_if(users, [&](const auto& each) { return names(each.user.str()); }) > 0;
}

std::shared_ptr<const message_change> renamed_change(const message_change& what,
                                                     const new_names& names) {
  message_change now = what;
  bool is_changed = rename_in(now.author, names);
  is_changed = rename_in(now.before.users, names) || is_changed;
  for (auto& each : now.tombstones)
    if (auto event = renamed_event(each.event, names)) {
      each.event = std::move(*event);
      is_changed = true;
    }
  return is_changed ? std::make_shared<const message_change>(std::move(now)) : nullptr;
}

} // namespace

std::optional<record> renamed(const record& what, const new_names& names) {
  record now = what;
  bool is_changed = rename_in(now.actor, names);
  if (now.key && now.kind == record_kind::message)
    is_changed = rename_in(now.key->sender, names) || is_changed;
  is_changed = rename_in(now.mentions.users, names) || is_changed;
  is_changed = leave_out(now.joined, names) || is_changed;
  is_changed = leave_out(now.roles, names) || is_changed;
  if (now.left && names(now.left->str())) {
    now.left.reset();
    is_changed = true;
  }
  if (now.restricted && names(now.restricted->user.str())) {
    now.restricted.reset();
    is_changed = true;
  }
  if (auto event = renamed_event(now.event, names)) {
    now.event = std::move(*event);
    is_changed = true;
  }
  if (auto answer = renamed_answer(now.answer, names)) {
    now.answer = std::move(*answer);
    is_changed = true;
  }
  if (auto change = now.change ? renamed_change(*now.change, names) : nullptr) {
    now.change = std::move(change);
    is_changed = true;
  }
  return is_changed ? std::optional{std::move(now)} : std::nullopt;
}

std::optional<record> without_joining(const record& what, const new_names& names) {
  record now = what;
  return leave_out(now.joined, names) ? std::optional{std::move(now)} : std::nullopt;
}

bool is_of_nobody(const record& what, const new_names& names) {
  if (is_about_files(what.kind))
    return false; // others may have the file
  if (is_of_conversation(what.kind) && !is_private(what.kind))
    return false;
  return names(what.actor.str()) || (is_about_users(what.kind) && names(what.left->str()));
}

} // namespace parley
