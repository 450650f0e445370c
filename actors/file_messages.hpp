// Messages about files: what is asked of the reader, and what the sweeper is told.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "actors/caf.hpp"
#include "actors/errors.hpp"
#include "actors/files.hpp"

namespace parley {

/// Hears once how something ended, on whatever thread knows first; it does not wait for anything.
template <class Value>
using told = std::function<void(result<Value>)>;
/// The same of what has no value.
using told_outcome = std::function<void(outcome)>;

// --- Messages to the reader ----------------------------------------------------------------------

/// What these files are, in their order and without those that are not there.
struct find_files {
  std::vector<file_id> files;
  told<std::vector<stored_file>> to;
};
/// What a file is, for someone who may read it at this moment; else `not_found`.
struct find_readable {
  file_id file;
  user_id reader;
  timestamp now{};
  told<file_facts> to;
};
/// How much a user has uploaded and not sent yet.
struct find_unsent {
  user_id user;
  told<unsent_files> to;
};
/// Which files are in no message and are to go by this moment.
struct find_unused {
  timestamp until{};
  told<unused_files> to;
};
/// What can be asked about files.
using file_question = std::variant<find_files, find_readable, find_unsent, find_unused>;
/// Answer a question about files.
struct read_files {
  file_question what;
  position at_least;
};

// --- Messages to a conversation ------------------------------------------------------------------

/// What a message's files are has been read.
struct files_found {
  std::vector<file_id> files;
  user_id by;
  result<std::vector<stored_file>> found;
};

// --- Messages to the sweeper of files ------------------------------------------------------------

/// Time to look for files that are to go (the sweeper to itself).
struct file_sweep_due {};
/// Which are to go has been read.
struct unused_found {
  result<unused_files> found;
};
/// The log has, or has not, that these files go.
struct drop_settled {
  std::vector<file_id> files;
  outcome how;
};
/// Which of the files that were to go, or whose bytes are there, are still files.
struct kept_found {
  std::vector<file_id> asked;
  result<std::vector<stored_file>> found;
  bool ends_sweep = false; ///< Else it is about one of the places where bytes are.
};
/// What bytes there are in one of the places has been listed.
struct blobs_listed {
  unsigned place = 0;
  std::vector<file_id> files;
};

using file_sweeper_actor =
    takes<file_sweep_due, unused_found, drop_settled, kept_found, blobs_listed>;

} // namespace parley

PARLEY_MESSAGE(parley::read_files)
PARLEY_MESSAGE(parley::files_found)
PARLEY_MESSAGE(parley::file_sweep_due)
PARLEY_MESSAGE(parley::unused_found)
PARLEY_MESSAGE(parley::drop_settled)
PARLEY_MESSAGE(parley::kept_found)
PARLEY_MESSAGE(parley::blobs_listed)
