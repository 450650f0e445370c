// The form that every command has before an actor sees it, whoever made it.
#pragma once

#include <cstddef>
#include <string_view>

#include "actors/commands.hpp"
#include "actors/errors.hpp"
#include "actors/limits_people.hpp"

namespace parley {

/// The most bytes that a text of this name may have.
inline std::size_t text_limit(std::string_view name) {
  if (name == "body")
    return limits::body_bytes;
  if (name == "title")
    return limits::title_bytes;
  if (name == "text")
    return limits::status_text_bytes;
  if (name == "emoji")
    return limits::emoji_bytes;
  if (name == "query")
    return limits::query_bytes;
  if (name == "quiet" || name == "zone")
    return limits::id_bytes;
  return limits::frame_bytes;
}

/// Likewise of a text in a profile.
inline std::size_t profile_limit(std::string_view name) {
  if (name == "name")
    return limits::profile_name_bytes;
  return name == "avatar" ? limits::profile_avatar_bytes : limits::profile_text_bytes;
}

/// Whether such a text is kept in normalisation form C.
inline bool is_written_by_people(std::string_view name) {
  return name == "body" || name == "title" || name == "text" || name == "emoji";
}

/// Whether this may be an id: 1 to limits::id_bytes bytes of UTF-8.
bool is_id(std::string_view text) noexcept;

/// Puts a command that was made in this process into that form, as the edge does with those that it
/// decodes: texts in normalisation form C, `meta` in its shortest form, everything in bounds. What
/// is not for those who ask to say is taken out. A failure says which field is wrong; then the
/// command is of no use any more.
outcome take_form(command& what);

/// Whether an answer may carry it.
bool is_reference(const reference& ref) noexcept;

} // namespace parley
