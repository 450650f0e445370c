// Messages about the erasing of users: what is asked of the reader, and what the eraser is told.
#pragma once

#include <variant>
#include <vector>

#include "actors/caf.hpp"
#include "actors/erasures.hpp"
#include "actors/file_messages.hpp"

namespace parley {

// --- Messages to the reader ----------------------------------------------------------------------

/// All that were begun, or the one with this id.
struct find_erasures {
  std::optional<std::string> id;
  told<std::vector<user_erasure>> to;
};
/// What is still to be done before the store may forget a user.
struct find_erasure_work {
  erasure_work_question what;
  told<erasure_work> to;
};
/// In how many conversations that are held the user has messages.
struct find_held_messages {
  user_id user;
  told<std::uint64_t> to;
};
/// Receipts of exports, as they are encoded: the one with this id, or the newest before one.
struct find_exports {
  std::optional<std::string> id;
  std::optional<std::string> before;
  told<std::vector<std::string>> to;
};
/// What can be asked about erasures, and about exports, of which receipts are kept likewise.
using erasure_question =
    std::variant<find_erasures, find_erasure_work, find_held_messages, find_exports>;
/// Answer a question about erasures.
struct read_erasures {
  erasure_question what;
  position at_least;
};

// --- Messages to a shard, to the directory and to the presences ----------------------------------

/// A user is being erased: their sessions end.
struct user_ended {
  user_id user;
};
/// The store names a user no more: what is in memory is read anew.
struct user_forgotten {
  user_id user; ///< Who it was, if that is known.
};

// --- Messages to the eraser ----------------------------------------------------------------------

/// Time to look what is to be done (the eraser to itself, and whoever has begun an erasure).
struct erasure_due {
  std::uint64_t look = 0; ///< Which of those that the eraser awaits; 0: somebody else says so.
};
/// Which erasures are not done has been read.
struct erasures_found {
  result<std::vector<user_erasure>> found;
};
/// What is still to be done for the user at hand has been read.
struct erasure_work_found {
  result<erasure_work> found;
};
/// The log has, or has not, the next step.
struct erasure_settled {
  outcome how;
};
/// Somebody may speak again under the name of a user who was erased.
struct name_is_free {
  user_id user;
};

using eraser_actor =
    takes<erasure_due, erasures_found, erasure_work_found, erasure_settled, name_is_free>;

} // namespace parley

PARLEY_MESSAGE(parley::read_erasures)
PARLEY_MESSAGE(parley::user_ended)
PARLEY_MESSAGE(parley::user_forgotten)
PARLEY_MESSAGE(parley::erasure_due)
PARLEY_MESSAGE(parley::erasures_found)
PARLEY_MESSAGE(parley::erasure_work_found)
PARLEY_MESSAGE(parley::erasure_settled)
PARLEY_MESSAGE(parley::name_is_free)
