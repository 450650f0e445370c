// Counts anew what everyone has not read, message by message, and compares: P7's audit.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/check_tables.hpp"

namespace parley {

/// What a message says of who wrote it and whom it mentions.
struct message_facts {
  user_id from;
  std::vector<user_id> mentions;
};

/// Goes through one conversation after another, each from its first event to its last.
class unread_check {
public:
  unread_check(const row_reader& rows, check_report& report) : rows_(rows), report_(report) {}

  /// Events before `kept_from` are gone, and so many messages with them: of those the lists tell.
  void begin(const conversation_id& conversation, sequence kept_from, message_ordinal gone);
  void see(sequence seq, const message_facts& message);
  /// The conversation has no more events: compares every member's counts, and every list's length.
  void finish();
  /// Messages of this conversation that mention anyone but their author.
  std::uint64_t mentioning() const noexcept { return mentioning_; }
  /// Rows that all lists of all conversations so far must have.
  std::uint64_t listed() const noexcept { return listed_; }

private:
  struct counts {
    std::uint64_t own = 0;
    std::uint64_t named = 0;
    std::uint64_t everyone_by = 0;
  };
  struct member {
    user_id user;
    receipt_row row;
  };
  struct others {
    std::uint64_t messages = 0;
    std::uint64_t mentions = 0;
  };

  others others_of(const user_id& user);
  /// What was seen of a user, on top of what the lists say of what is gone.
  counts& counts_of(const user_id& user);
  std::uint64_t counted_before(tally what, const user_id& user);
  /// Compares the counts of those whose cursor stands before `seq`.
  void compare_up_to(sequence seq);
  void compare_lists();
  void compare_list(tally what, const user_id& user, std::uint64_t expected);

  const row_reader& rows_;
  check_report& report_;
  conversation_id conversation_;
  sequence kept_from_;
  std::vector<member> members_; ///< By `read`.
  std::size_t compared_ = 0;
  std::map<user_id, counts> counts_;
  std::uint64_t messages_ = 0;
  std::uint64_t everyone_ = 0;
  std::uint64_t mentioning_ = 0;
  std::uint64_t listed_ = 0; ///< Over all conversations.
};

} // namespace parley
