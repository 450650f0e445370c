// What is left out of notifications: messages of people whom one has blocked.
#pragma once

#include <vector>

#include "actors/limits_people.hpp"
#include "persistence/corrections.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// Which messages are asked about: those behind one number, up to another.
struct unheard_question {
  conversation_id conversation;
  user_id user;
  sequence behind = {};
  sequence last = {};
};

/// Whom a user has blocked, and what may still be looked at of what these wrote: for all that is
/// asked about in one go.
struct unheard_authors {
  std::vector<user_id> users = {}; ///< At most limits::dealings, by name.
  std::size_t lists_left = limits::unheard_lists;
  std::size_t messages_left = limits::unheard_looks;
};
result<unheard_authors> read_whom_blocked(const row_reader& rows, const user_id& user);

/// How many of the messages that are unread these users wrote, and how many of those mention the
/// reader. Of one who wrote more than limits::unheard_messages, and of all once no more messages
/// may be looked at, the newer ones are counted without a look at whether the reader has hidden
/// them, and their mentions are not counted. Once no more lists may be, nothing is.
result<others_correction> count_unheard(const row_reader& rows, const unheard_question& asked,
                                        unheard_authors& blocked);

/// What is unread as it is now, and by people who are not blocked.
result<others_correction> count_heard(const row_reader& rows, const conversation_row& in,
                                      unheard_question asked, unheard_authors& blocked);

} // namespace parley
