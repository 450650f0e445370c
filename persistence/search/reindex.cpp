// Opens the store as a server would, and catches up at once.
#include "persistence/search/reindex.hpp"

#include "persistence/checksum.hpp"
#include "persistence/replay.hpp"
#include "persistence/search/index_feed.hpp"

namespace parley {

std::filesystem::path search_directory(const std::filesystem::path& data) {
  return data / "search";
}

search_place search_place_of(const store& data, const std::filesystem::path& directory) {
  constexpr std::uint64_t purpose =
      0x736561726368; // so that no other use of the secret has this key
  return {search_directory(directory), data.epoch(), checksum_of(data.secret(), purpose)};
}

result<position> reindex(const std::filesystem::path& data, const progress_listener& tell) {
  if (!std::filesystem::is_directory(data / "model"))
    return failure{error_code::not_found, data.string() + " is no data directory", {}};
  auto opened = store::open({.directory = data});
  if (!opened)
    return opened.error();
  const auto log = (*opened)->log();
  const auto model = (*opened)->model();
  if (auto replayed = replay_all(*log, *model); !replayed)
    return replayed.error();
  if (auto removed = search_index::remove(search_directory(data)); !removed)
    return removed.error();
  auto index = search_index::open(search_directory(data), (*opened)->epoch(), log->head());
  if (!index)
    return index.error();
  index_catch_up work{**index, *model};
  for (;;) {
    auto done = work.step();
    if (!done)
      return done.error();
    if (tell)
      tell(work.progress());
    if (*done)
      return (*index)->at();
  }
}

} // namespace parley
