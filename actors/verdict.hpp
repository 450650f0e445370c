// What a conversation can decide about a command, and the answers that go with it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "actors/interfaces.hpp"

namespace parley {

/// Tell the asker this; for a `sync` with the numbers it covers.
struct say {
  std::string envelope;
  bool fills_gap = false;
  sequence first = {};
  sequence last = {};
};
/// Decide again once what is under way is on disk or has failed; nothing may pass meanwhile.
struct wait {};
/// Decide again once this key was looked up.
struct look_up {
  idempotency_key key;
};
/// Decide again once the asker's cursors were looked up.
struct look_up_receipt {};
/// Decide again once these messages were looked up.
struct look_up_message {
  messages_question what;
  position at_least;
};
/// Decide again once it was looked up what keeps a user from inviting, or adding, these others.
struct look_up_invited {
  std::vector<user_id> users;
  user_id by;
  bool counts = true; ///< How many invitations they have matters, too.
  friend bool operator==(const look_up_invited&, const look_up_invited&) = default;
};
/// Decide again once these files were looked up, for their sender.
struct look_up_files {
  std::vector<file_id> files;
  user_id by;
  friend bool operator==(const look_up_files&, const look_up_files&) = default;
};
/// Append this; the acknowledgement goes out when it is on disk.
struct propose {
  append_number number;
  record_ptr what;
  std::string ack;
};
/// Append all of these, one behind the other; the acknowledgement is the last one's.
struct propose_all {
  std::vector<propose> all;
};
/// The asker's move was taken, to be written together with others; `ok` goes out when it is on
/// disk.
struct gather {};
/// Have the page read from the model.
struct fetch {
  page_range range;
  sequence head;
  bool fills_gap = false;
  position at_least;
};
/// Have it read what is asked about a message.
struct inquire {
  message_inquiry what;
  position at_least;
};
/// Let the others know that the asker types, or does not.
struct whisper {
  bool active = false;
};
/// Decide again once it was looked up what this user shows of themselves.
struct look_up_profile {
  user_id user;
};
/// Tell the asker who of the members is there.
struct survey {};
using verdict = std::variant<say, wait, look_up, look_up_receipt, look_up_message, look_up_invited,
                             look_up_files, propose, propose_all, gather, fetch, inquire, whisper,
                             look_up_profile, survey>;

/// Answers with an error.
say refuse_with(const asker& who, error_code code, std::string message);
/// Between these and the asker stands a block.
say refuse_blocked(const asker& who, const std::vector<user_id>& blocked);
/// What everyone is told who is no member.
say not_found(const asker& who);
/// An answer that only someone who gave a `ref` waits for.
std::string if_asked(const asker& who, std::string envelope);
say tell_if_asked(const asker& who, std::string envelope);

} // namespace parley
