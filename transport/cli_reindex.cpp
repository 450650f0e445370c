// Makes the search index of a store that nobody serves.
#include "transport/cli_reindex.hpp"

#include <iostream>

#include <nlohmann/json.hpp>

#include "persistence/search/reindex.hpp"
#include "transport/cli_progress.hpp"

namespace parley {

int reindex_store(const reindex_options& what) {
  command_report told{"reindex", what.json, std::cout};
  const auto made = reindex(what.data, told.listener());
  if (!made)
    return told.fail("no search index was made: " + made.error().message);
  return told.succeed("indexed " + what.data + ": position " + std::to_string(made->value()),
                      {{"position", made->value()}});
}

} // namespace parley
