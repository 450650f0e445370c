// Runs each step on the lane of who else writes to that part.
#include "transport/main_compact.hpp"

#include <chrono>
#include <future>
#include <string>
#include <system_error>
#include <thread>

#include <spdlog/spdlog.h>

#include "actors/log_line.hpp"
#include "persistence/compact.hpp"
#include "persistence/search/compact_index.hpp"
#include "persistence/search/reindex.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

/// How often is looked whether the search index has got there.
constexpr auto index_patience = 50ms;

outcome run_on(thread_lane& where, const std::function<outcome()>& job) {
  std::promise<outcome> done;
  auto ended = done.get_future();
  where.run([&] { done.set_value(job()); });
  return ended.get();
}

compaction_places places_of(const compaction_scene& in, const control_line& with) {
  compaction_places places;
  places.model = [&in](const auto& job) { return run_on(*in.lanes->applier, job); };
  places.log = [&in](const auto& job) { return run_on(*in.lanes->log, job); };
  places.hurry = [&in](position wanted) {
    tell_from_outside(in.context->handles->applier, hurry{wanted});
  };
  places.is_stopped = [&with] { return with.is_over(); };
  return places;
}

/// One that this server does not keep up to date is of no use to anybody.
outcome compact_search(const compaction_scene& in, position settled, const control_line& with) {
  const auto directory = search_directory(in.data->directory());
  std::error_code code;
  if (!in.lanes->indexer) {
    std::filesystem::remove_all(directory, code);
    return success();
  }
  for (bool is_settled = false; !is_settled;) {
    if (with.is_over())
      return failure{error_code::unavailable, "the compaction was given up", {}};
    auto looked = run_on(*in.lanes->indexer, [&]() -> outcome {
      auto found = index_is_settled(directory, settled);
      is_settled = found && *found;
      return is_settled ? compact_index(directory) : success(); // one that is made anew comes to it
    });
    if (!looked)
      return looked;
    if (!is_settled)
      std::this_thread::sleep_for(index_patience);
  }
  return success();
}

outcome compact(const compaction_scene& in, control_line& with, std::string& report) {
  compaction work{in.data, places_of(in, with)};
  if (auto begun = work.begin(); !begun)
    return begun;
  if (!with.write("copy") || with.read() != "copied")
    return failure{error_code::unavailable, "who was to copy has gone", {}};
  if (auto finished = work.finish(in.context->wall_clock()); !finished)
    return finished;
  if (auto searched = compact_search(in, work.settled(), with); !searched)
    return searched;
  report = work.report();
  return success();
}

} // namespace

void serve_compaction(const compaction_scene& in, control_line& with) {
  std::string report;
  const auto done = compact(in, with, report);
  if (done)
    spdlog::info("compacted report={}", in_quotes(report));
  else
    spdlog::warn("compaction_failed reason={}", in_quotes(done.error().message));
  with.write(done ? "done " + report : "failed " + done.error().message);
}

} // namespace parley
