// Makes the search index of a store that nobody serves.
#include "transport/cli_reindex.hpp"

#include <iostream>

#include "persistence/search/reindex.hpp"

namespace parley {

int reindex_store(const reindex_options& what) {
  const auto made = reindex(what.data);
  if (!made) {
    std::cerr << "parleyd: no search index was made: " << made.error().message << '\n';
    return 1;
  }
  std::cout << "indexed " << what.data << ": position " << made->value() << '\n';
  return std::cout.flush() ? 0 : 1;
}

} // namespace parley
