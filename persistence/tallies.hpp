// Counts of messages up to a number, by two reads however many there are: what unread is made of.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "persistence/rows.hpp"

namespace parley {

/// What a batch adds to the lists of message numbers.
class tally_changes {
public:
  explicit tally_changes(const row_reader& base) : base_(base) {}

  /// Adds a number above all that the list has.
  outcome add(const std::string& prefix, sequence seq);
  /// How many of the list there are up to and with `seq`.
  result<std::uint64_t> up_to(const std::string& prefix, sequence seq) const;

  /// Keys and values of what was added.
  std::vector<std::pair<std::string, std::string>> encoded() const;

private:
  struct growth {
    std::uint64_t before = 0; ///< How many there were.
    std::vector<sequence> added;
  };
  const row_reader& base_;
  std::unordered_map<std::string, growth> lists_;
};

/// Counts up to and with a number: messages of others, and those of them that mention the user.
struct others_count {
  std::uint64_t messages = 0;
  std::uint64_t mentions = 0;
};

/// What others wrote up to `seq`, which is the number of message `ordinal` or of an event behind
/// it. `Tallies` counts: a row_reader or tally_changes. Without mentions in the conversation none
/// are looked for.
template <class Tallies>
result<others_count> count_others(const Tallies& tallies, const conversation_id& conversation,
                                  const user_id& user, sequence seq, message_ordinal ordinal,
                                  bool has_mentions);

/// How many messages there are up to and with `seq`, by the lists of their authors: as the event
/// there would say if it could be read.
result<message_ordinal> count_messages(const row_reader& rows, const conversation_id& conversation,
                                       sequence seq);

} // namespace parley
