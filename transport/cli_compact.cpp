// Does it alone in a stopped store; beside a server it copies, and the server does the rest.
#include "transport/cli_compact.hpp"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include "persistence/compact.hpp"
#include "persistence/replay.hpp"
#include "persistence/schema.hpp"
#include "persistence/search/compact_index.hpp"
#include "persistence/webhooks/compact_outbox.hpp"
#include "transport/cli_progress.hpp"
#include "transport/main_control.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

timestamp wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

bool never() { return false; }

result<std::string> compact_alone(const std::shared_ptr<store>& data,
                                  const progress_listener& tell) {
  outcome replayed = success();
  compaction_places places;
  places.model = places.log = [](const auto& job) { return job(); };
  places.hurry = [&](position) { replayed = replay_all(*data->log(), *data->model()); };
  places.is_stopped = [&] { return !replayed.ok(); };
  compaction work{data, places};
  if (auto begun = work.begin(); !begun)
    return replayed ? begun.error() : replayed.error();
  if (auto copied = copy_model_rows(*data->model()->tables(), data->unfinished(), never, tell);
      !copied)
    return copied.error();
  if (auto finished = work.finish(); !finished)
    return finished.error();
  tell({"merging the search index"});
  if (auto searched = compact_index_of(*data); !searched)
    return searched.error();
  if (auto cleared = compact_outbox_of(*data); !cleared)
    return cleared.error();
  if (auto noted = work.note(wall_clock()); !noted)
    return noted.error();
  return work.report();
}

outcome copy_beside(const fs::path& data, const control_line& line, const progress_listener& tell) {
  auto model = environment::open(looking_at(data / "model", model_table_names));
  if (!model)
    return model.error();
  return copy_model_rows(
      **model, data / "new", [&line] { return line.is_over(); }, tell);
}

result<std::string> compact_beside(const fs::path& data, control_line& line,
                                   const progress_listener& tell) {
  const auto gone = [] {
    return failure{error_code::unavailable, "the server has ended the conversation", {}};
  };
  if (!line.write("compact"))
    return gone();
  for (;;) {
    const auto told = line.read();
    if (!told)
      return gone();
    if (told->starts_with("done "))
      return told->substr(5);
    if (told->starts_with("failed "))
      return failure{error_code::internal, told->substr(7), {}};
    if (*told != "copy")
      return failure{error_code::internal, "the server is of another version", {}};
    if (auto copied = copy_beside(data, line, tell); !copied)
      return copied.error();
    tell({"changing over, merging the search index"});
    if (!line.write("copied"))
      return gone();
  }
}

result<std::string> compact(const fs::path& data, const progress_listener& tell) {
  if (!fs::is_directory(data / "model"))
    return failure{error_code::not_found, data.string() + " is no data directory", {}};
  store_options options{.directory = data};
  options.read_age = std::chrono::hours{24 * 365}; // nobody else needs the pages
  auto opened = store::open(options);
  if (opened)
    return compact_alone(*opened, tell);
  auto line = connect_control(data);
  if (!line)
    return opened.error();
  ::setpriority(PRIO_PROCESS, 0, 10);
  return compact_beside(data, **line, tell);
}

} // namespace

int compact_store(const compact_options& what) {
  command_report told{"compact", what.json, std::cout};
  const auto done = compact(what.data, told.listener());
  if (!done)
    return told.fail("not compacted: " + done.error().message);
  return told.succeed("compacted " + what.data + ": " + *done, {{"report", *done}});
}

} // namespace parley
