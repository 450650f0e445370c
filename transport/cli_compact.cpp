// Does it alone in a stopped store; beside a server it copies, and the server does the rest.
#include "transport/cli_compact.hpp"

#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>

#include <sys/resource.h>

#include "persistence/compact.hpp"
#include "persistence/replay.hpp"
#include "persistence/schema.hpp"
#include "persistence/search/compact_index.hpp"
#include "persistence/webhooks/compact_outbox.hpp"
#include "transport/main_control.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

timestamp wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

bool never() { return false; }

result<std::string> compact_alone(const std::shared_ptr<store>& data) {
  outcome replayed = success();
  compaction_places places;
  places.model = places.log = [](const auto& job) { return job(); };
  places.hurry = [&](position) { replayed = replay_all(*data->log(), *data->model()); };
  places.is_stopped = [&] { return !replayed.ok(); };
  compaction work{data, places};
  if (auto begun = work.begin(); !begun)
    return replayed ? begun.error() : replayed.error();
  if (auto copied = copy_model_rows(*data->model()->tables(), data->unfinished(), never); !copied)
    return copied.error();
  if (auto finished = work.finish(); !finished)
    return finished.error();
  if (auto searched = compact_index_of(*data); !searched)
    return searched.error();
  if (auto cleared = compact_outbox_of(*data); !cleared)
    return cleared.error();
  if (auto noted = work.note(wall_clock()); !noted)
    return noted.error();
  return work.report();
}

outcome copy_beside(const fs::path& data, const control_line& line) {
  auto model = environment::open(looking_at(data / "model", model_table_names));
  if (!model)
    return model.error();
  return copy_model_rows(**model, data / "new", [&line] { return line.is_over(); });
}

result<std::string> compact_beside(const fs::path& data, control_line& line) {
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
    if (auto copied = copy_beside(data, line); !copied)
      return copied.error();
    if (!line.write("copied"))
      return gone();
  }
}

result<std::string> compact(const fs::path& data) {
  if (!fs::is_directory(data / "model"))
    return failure{error_code::not_found, data.string() + " is no data directory", {}};
  store_options options{.directory = data};
  options.read_age = std::chrono::hours{24 * 365}; // nobody else needs the pages
  auto opened = store::open(options);
  if (opened)
    return compact_alone(*opened);
  auto line = connect_control(data);
  if (!line)
    return opened.error();
  ::setpriority(PRIO_PROCESS, 0, 10);
  return compact_beside(data, **line);
}

} // namespace

int compact_store(const compact_options& what) {
  const auto done = compact(what.data);
  if (!done) {
    std::cerr << "parleyd: not compacted: " << done.error().message << '\n';
    return 1;
  }
  std::cout << "compacted " << what.data << ": " << *done << '\n';
  return std::cout.flush() ? 0 : 1;
}

} // namespace parley
