// What a record says once the store has forgotten the name of somebody whom it names.
#pragma once

#include <optional>
#include <string>

#include "actors/record.hpp"
#include "persistence/erasures/new_names.hpp"

namespace parley {

/// The record under new names; nothing when it names none of these users. Nobody joins, leaves, is
/// offered anything or kept out of anything under a new name: that is left out. What the record
/// says of files and notifications stays.
std::optional<record> renamed(const record& what, const new_names& names);

/// The record, but nobody of these joins with it; nothing when nobody does anyway.
std::optional<record> without_joining(const record& what, const new_names& names);

/// Whether a record says something for or of such a user alone, of which nothing is kept.
bool is_of_nobody(const record& what, const new_names& names);

} // namespace parley
