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
PRAGMA wal_checkpoint(TRUNCATE);
)sql";

result<std::int64_t> number_of(const sqlite_connection& file, const char* sql) {
  auto question = file.prepare(sql);
  return question ? question->number() : question.error();
}

} // namespace

result<bool> index_is_settled(const std::filesystem::path& directory, position at) {
  auto file = sqlite_connection::open(index_file(directory), sqlite_connection::mode::read);
  if (!file)
    return file.error();
  auto reached = number_of(*file, "SELECT value FROM meta WHERE name = 'position'");
  if (!reached)
    return reached.error();
  auto leaving = number_of(*file, "SELECT count(*) FROM conversations WHERE gone");
  if (!leaving)
    return leaving.error();
  return static_cast<std::uint64_t>(*reached) >= at.value() && *leaving == 0;
}

outcome compact_index(const std::filesystem::path& directory) {
  auto file = sqlite_connection::open(index_file(directory), sqlite_connection::mode::write);
  return file ? file->run(rewrite) : outcome{file.error()};
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
  return compact_index(directory);
}

} // namespace parley
