// What a stored event says of itself, and what history says of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/record.hpp"
#include "persistence/schema.hpp"

namespace parley {

/// Texts point into the event.
struct event_facts {
  std::string_view conversation;
  std::uint64_t seq = 0;
  timestamp at{};
  std::string_view from;
  std::string_view client; ///< Empty in what stays of an erased message.
  std::optional<std::vector<user_id>> mentions;
  std::optional<std::string_view> body;
  std::uint64_t message = 0;    ///< Which one it is about; 0 when it is about none.
  std::uint64_t reply_to = 0;   ///< Which one it answers; 0 when it answers none.
  std::uint64_t thread = 0;     ///< Which one's thread it is in; 0 when it is in none.
  std::uint64_t expires_at = 0; ///< When it goes, in milliseconds since the Unix epoch; 0: never.
  std::string_view by;
  std::vector<file_id> files = {};
  bool expired = false; ///< Of a deletion: because its time was over.
};

/// Nothing when it is no map that can be read.
std::optional<event_facts> facts_of(std::string_view event);

/// What is shown of an edit instead of it, when its message is before `seen_from`: it fell out, or
/// is not for the reader. Nothing: all of it.
std::optional<std::string> left_of_edit(const event_row& row, sequence seen_from);

/// What stays of a `reaction` event once its message is gone: who reacted and when, `deleted`, and
/// not how. Nothing when that is all it says, or it cannot be read.
std::optional<std::string> left_of_reaction(std::string_view event);

/// One kind of reaction as a reader sees it.
struct shown_reaction {
  std::string_view emoji;
  std::uint64_t count = 0;
  bool mine = false;
};

/// The event of a message as it is now: the newest body and mentions, `edited_at` and `edits`,
/// `reactions` {emoji: {count, mine}}, `replies` {count, last, participants, read?}, and as `reply`
/// the map of what it answers, unless that is empty. Nothing when the event cannot be read.
std::optional<std::string> restated(std::string_view event, const message_row& now,
                                    const std::vector<shown_reaction>& reactions,
                                    std::string_view preview = {}, sequence thread_read = {});

/// `reply` of a message: {message, from, body}; of a body only the first
/// limits::preview_characters, with an ellipsis.
std::string encode_preview(sequence message, const user_id& from, std::string_view body);
/// The same of one that was deleted: {message, from, deleted}.
std::string encode_deleted_preview(sequence message, const user_id& from);

} // namespace parley
