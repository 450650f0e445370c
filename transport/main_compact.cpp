// Runs each step on the lane of who else writes to that part.
#include "transport/main_compact.hpp"

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "persistence/compact.hpp"
#include "persistence/search/compact_index.hpp"
#include "persistence/search/reindex.hpp"
#include "persistence/search/search_index.hpp"
#include "persistence/webhooks/compact_outbox.hpp"

namespace parley {

namespace {

using namespace std::chrono_literals;

/// How often is looked whether the search index has got there.
constexpr auto index_patience = 50ms;
/// An index that is no further after so long waits for something that may never come.
constexpr auto longest_standstill = 30s;
/// So often somebody else may be at the index when it is to be rewritten.
constexpr int most_failures = 100;

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
  if (!in.lanes->indexer)
    return search_index::remove(directory);
  const std::function<bool()> is_stopped = [&with] { return with.is_over(); };
  outcome last = success();
  index_state before;
  auto moved = std::chrono::steady_clock::now();
  for (int failures = 0; failures < most_failures;) {
    if (is_stopped())
      return failure{error_code::unavailable, "the compaction was given up", {}};
    bool is_done = false;
    last = run_on(*in.lanes->indexer, [&]() -> outcome {
      const auto now = state_of_index(directory);
      if (now && *now != before) {
        before = *now;
        moved = std::chrono::steady_clock::now();
      }
      if (!now || now->at < settled || now->leaving > 0) // one that is made anew comes to it
        return success();
      auto compacted = compact_index(directory, is_stopped);
      is_done = compacted.ok();
      return compacted;
    });
    if (is_done)
      return last;
    failures += last ? 0 : 1;
    if (std::chrono::steady_clock::now() - moved > longest_standstill)
      return failure{error_code::unavailable, "the search index does not get any further", {}};
    std::this_thread::sleep_for(index_patience);
  }
  return last;
}

outcome compact(const compaction_scene& in, control_line& with, std::string& report,
                bool& is_uncertain) {
  compaction work{in.data, places_of(in, with)};
  if (auto begun = work.begin(); !begun)
    return begun;
  if (!with.write("copy") || with.read() != "copied")
    return failure{error_code::unavailable, "who was to copy has gone", {}};
  auto finished = work.finish();
  is_uncertain = work.is_uncertain();
  if (!finished)
    return finished;
  if (auto searched = compact_search(in, work.settled(), with); !searched)
    return searched;
  if (auto cleared = compact_outbox_of(*in.data); !cleared)
    return cleared;
  if (auto noted = work.note(in.context->wall_clock()); !noted)
    return noted;
  report = work.report();
  return success();
}

} // namespace

void serve_compaction(const compaction_scene& in, control_line& with) {
  std::string report;
  bool is_uncertain = false;
  const auto done = compact(in, with, report, is_uncertain);
  if (done)
    in.context->log->info("compacted report={}", in_quotes(report));
  else
    in.context->log->warn("compaction_failed reason={}", in_quotes(done.error().message));
  if (is_uncertain)
    tell_from_outside(in.context->handles->supervisor,
                      fail_stop{"what a compaction did is not certain"});
  with.write(done ? "done " + report : "failed " + done.error().message);
}

} // namespace parley
