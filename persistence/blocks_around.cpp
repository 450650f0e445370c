// Few users have any; whoever has too many is looked up pair by pair.
#include "persistence/blocks_around.hpp"

#include <algorithm>
#include <utility>

#include "actors/rules.hpp"
#include "persistence/queries.hpp"

namespace parley {

result<bool> blocks_around::stand_before(const user_id& other) {
  if (other == user_)
    return false;
  if (!std::exchange(is_read_, true)) {
    auto found = read_dealings_of(rows_, user_);
    if (!found)
      return found.error();
    if (found->is_complete) {
      all_ = std::move(found->blocked);
      all_->insert(all_->end(), found->blockers.begin(), found->blockers.end());
      std::sort(all_->begin(), all_->end());
    }
  }
  if (all_)
    return std::binary_search(all_->begin(), all_->end(), other);
  auto blockers = read_blockers(rows_, rules::id_of_pair(user_, other));
  if (!blockers)
    return blockers.error();
  return !blockers->empty();
}

} // namespace parley
