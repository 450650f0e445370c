// What the log still says of users who were erased, compared with what the model says by now.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/erasures/new_names.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// Knows users by their hashes: nobody's name is left but in the log.
class erased_names {
public:
  /// Of all users whose names are to be forgotten, or were; damaged rows are none.
  explicit erased_names(const row_reader& rows);

  /// Every pseudonym that the user may have by now.
  const std::vector<user_id>& pseudonyms_of(const user_id& user) const;
  /// Whether two events, or answers, differ in these names alone, if at all.
  bool are_same(std::string_view one, std::string_view other) const;
  bool are_same(const raw_fields& one, const raw_fields& other) const;

private:
  const std::string* person_of(std::string_view user) const;

  std::map<digest, std::vector<user_id>> pseudonyms_;
  std::map<std::string, std::string, std::less<>> persons_; ///< Of pseudonyms: hashes as texts.
};

} // namespace parley
