// The blocks that stand between one user and others.
#pragma once

#include <optional>
#include <vector>

#include "actors/ids.hpp"
#include "persistence/rows.hpp"

namespace parley {

/// Reads them when it is first asked, all at once unless there are very many.
class blocks_around {
public:
  blocks_around(const row_reader& rows, const user_id& user) : rows_(rows), user_(user) {}

  /// Whether one of the two has blocked the other.
  result<bool> stand_before(const user_id& other);

private:
  const row_reader& rows_;
  const user_id& user_;
  bool is_read_ = false;
  std::optional<std::vector<user_id>> all_; ///< Sorted; nothing: too many to keep.
};

} // namespace parley
