// Slow readers are what operators look for.
#include "transport/connected.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace parley {

void add_connected(connected_list& into, connected_list&& more, std::size_t most) {
  into.sessions += more.sessions;
  into.items.insert(into.items.end(), std::make_move_iterator(more.items.begin()),
                    std::make_move_iterator(more.items.end()));
  const auto comes_first = [](const connected_session& a, const connected_session& b) {
    if (a.queued_bytes != b.queued_bytes)
      return a.queued_bytes > b.queued_bytes;
    return a.user != b.user ? a.user < b.user : a.session < b.session;
  };
  const std::size_t kept = std::min(into.items.size(), most);
  std::partial_sort(into.items.begin(), into.items.begin() + static_cast<std::ptrdiff_t>(kept),
                    into.items.end(), comes_first);
  into.items.resize(kept);
}

} // namespace parley
