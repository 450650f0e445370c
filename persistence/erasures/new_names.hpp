// Users under other names, wherever what is stored names them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/record.hpp"

namespace parley {

/// What a user is called from now on; null for whoever keeps their name.
using new_names = std::function<const std::string*(std::string_view user)>;

/// The event with the new names where it names users: `from`, `by`, `user`, `owner`, `users` and
/// `mentions`. Nothing when it names none of these users, or cannot be read. What texts say stays.
std::optional<std::string> renamed_event(std::string_view event, const new_names& names);
/// The same for what the answer to a creation says.
std::optional<raw_fields> renamed_answer(const raw_fields& answer, const new_names& names);
/// Replaces users in place; whether there were any.
bool rename_in(std::vector<user_id>& users, const new_names& names);
bool rename_in(user_id& user, const new_names& names);

} // namespace parley
