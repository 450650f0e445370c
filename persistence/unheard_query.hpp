// What is left out of notifications: messages of people whom one has blocked.
#pragma once

#include <vector>

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

/// Whom a user has blocked: at most limits::dealings of them, by name.
result<std::vector<user_id>> read_whom_blocked(const row_reader& rows, const user_id& user);

/// How many of the messages that are unread these users wrote, and how many of those mention the
/// reader. Of one who wrote more than limits::unheard_messages the newer ones are counted without
/// a look at whether the reader has hidden them, and their mentions are not counted.
result<others_correction> count_unheard(const row_reader& rows, const unheard_question& asked,
                                        const std::vector<user_id>& blocked);

} // namespace parley
