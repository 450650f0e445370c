// How the store forgets the name of a user: row by row, everything of one conversation at once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "persistence/erasures/row_change.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// What is to be written together: then the store is as whole as before.
struct forgetting_portion {
  std::vector<row_change> changes;
  std::string receipt;
  erasure_row after; ///< How far it has got then.
};

/// The next portion for the first user whose name is to be forgotten; nothing when there is none.
/// It has whole conversations, at least one, and looks at limits::erasure_rows rows beyond that at
/// most.
result<std::optional<forgetting_portion>> plan_forgetting(const row_reader& rows);
/// Whether there is such a user.
result<bool> is_anybody_to_be_forgotten(const row_reader& rows);

/// Everything that names the user in one conversation (conversation_forgetting.cpp). Counts what it
/// finds in `of`.
outcome plan_conversation(const row_reader& rows, const conversation_id& conversation,
                          erasure_row& of, std::vector<row_change>& changes,
                          std::size_t& looked_at);

/// Who is called by the pseudonym from now on.
class one_new_name {
public:
  explicit one_new_name(const user_erasure& of) : from_(of.user.str()), to_(of.pseudonym.str()) {}
  const std::string* operator()(std::string_view user) const {
    return user == from_ ? &to_ : nullptr;
  }

private:
  std::string from_;
  std::string to_;
};

} // namespace parley
