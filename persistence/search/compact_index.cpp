// A merge of all words leaves those behind that nothing has any more; VACUUM does the same for
// pages.
#include "persistence/search/compact_index.hpp"

#include "persistence/search/index_feed.hpp"
#include "persistence/search/index_file.hpp"
#include "persistence/search/reindex.hpp"

namespace parley {

namespace {

constexpr const char* rewrite = R"sql(
PRAGMA secure_delete=ON;
PRAGMA temp_store=FILE;
INSERT INTO words(words) VALUES('optimize');
VACUUM;
)sql";
/// Waiting for a lock keeps whoever has it from letting go, if that is the index's own writer.
constexpr std::chrono::milliseconds lock_patience{200};

result<std::int64_t> number_of(const sqlite_connection& file, const char* sql) {
  auto question = file.prepare(sql);
  return question ? question->number() : question.error();
}

} // namespace

result<index_state> state_of_index(const std::filesystem::path& directory) {
  auto file = sqlite_connection::open(index_file(directory), sqlite_connection::mode::read);
  if (!file)
    return file.error();
  auto reached = number_of(*file, "SELECT value FROM meta WHERE name = 'position'");
  if (!reached)
    return reached.error();
  auto leaving = number_of(*file, "SELECT count(*) FROM conversations WHERE gone");
  if (!leaving)
    return leaving.error();
  return index_state{position{static_cast<std::uint64_t>(*reached)}, *leaving};
}

outcome compact_index(const std::filesystem::path& directory,
                      const std::function<bool()>& is_stopped) {
  auto file = sqlite_connection::open(index_file(directory), sqlite_connection::mode::write);
  if (!file)
    return file.error();
  file->wait_for_locks(lock_patience);
  file->give_up_when(is_stopped);
  if (auto rewritten = file->run(rewrite); !rewritten)
    return rewritten;
  // With somebody reading, the old pages stay where they are, and it says so in a row.
  auto is_busy = number_of(*file, "PRAGMA wal_checkpoint(TRUNCATE)");
  if (!is_busy)
    return is_busy.error();
  if (*is_busy != 0)
    return failure{error_code::unavailable, "the search index is being read", {}};
  return success();
}

outcome compact_index_of(store& data) {
  const auto directory = search_directory(data.directory());
  std::error_code code;
  if (!std::filesystem::exists(index_file(directory), code))
    return success();
  {
    auto index = search_index::open(directory, data.epoch(), data.log()->head());
    if (!index)
      return index.error();
    index_catch_up work{**index, *data.model()};
    for (bool done = false; !done;) {
      auto step = work.step();
      if (!step)
        return step.error();
      done = *step;
    }
    for (bool more = true; more;) {
      auto purged = (*index)->purge_some();
      if (!purged)
        return purged.error();
      more = *purged;
    }
  }
  return compact_index(directory, [] { return false; });
}

} // namespace parley
