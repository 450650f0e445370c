// Who is given to whom, without an edge.
#include "engine/engine_parts.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>

#include <openssl/rand.h>

#include "actors/engine.hpp"
#include "actors/limits_of_participants.hpp"
#include "actors/log.hpp"
#include "engine/local_shard.hpp"
#include "persistence/blob_store.hpp"
#include "persistence/search/reindex.hpp"
#include "persistence/store_actors.hpp"

namespace parley {

namespace {

/// Threads that read the store: reads are short, and each has a transaction of its own.
constexpr std::size_t reader_lanes = 2;
/// Threads that write and read files: one may be syncing a large one.
constexpr std::size_t file_lanes = 2;
/// The exit status of a process that may not acknowledge anything any more.
constexpr int failed_status = 2;

timestamp system_time() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string random_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, 16> bits{};
  if (RAND_bytes(bits.data(), bits.size()) != 1)
    std::abort(); // ids must not be guessed, ever
  std::string text;
  for (const unsigned char each : bits) {
    text += digits[each >> 4];
    text += digits[each & 0x0f];
  }
  return text;
}

/// Nothing is cleaned up: what is durable is on disk, and nothing else may be promised.
void end_process(const std::string&) { std::_Exit(failed_status); }

result<identity> believe_nobody(std::string_view, timestamp) {
  return failure{error_code::unauthenticated, "no tokens are taken here", {}};
}

std::shared_ptr<engine_context> make_context(const store& data, const engine_options& options,
                                             log_ptr log) {
  auto context = std::make_shared<engine_context>();
  context->marks = data.make_watermarks();
  context->log = std::move(log);
  context->wall_clock = options.wall_clock ? options.wall_clock : &system_time;
  if (options.steady_clock)
    context->steady_clock = options.steady_clock;
  context->random_id = &random_id;
  context->authenticate = options.authenticate ? options.authenticate : &believe_nobody;
  context->stop_process = options.on_failure ? options.on_failure : &end_process;
  context->notify_after = options.notify_after;
  context->retention = options.retention;
  context->windows = options.windows;
  if (options.rate_limit)
    context->rates = std::make_shared<user_rates>(
        rate{limits::user_commands_per_second, limits::user_commands_burst});
  context->handles->screener = options.screener;
  context->handles->screening = options.screening;
  return context;
}

} // namespace

cursor_sealer cursors_of(const store& data) { return {data.secret(), data.epoch()}; }

result<std::unique_ptr<engine_parts>> engine_parts::open(caf::actor_system& actors,
                                                         engine_options options) {
  const log_ptr log = make_log(options.log);
  const log_scope to_log{log};
  auto opened = store::open({.directory = options.data});
  if (!opened)
    return opened.error();
  if (auto prepared = blob_store::prepare((*opened)->directory() / "files"); !prepared)
    return prepared.error();
  std::unique_ptr<engine_parts> made{
      new engine_parts(actors, std::move(options), std::move(*opened))};
  made->make_lanes();
  return made;
}

engine_parts::engine_parts(caf::actor_system& system, engine_options given,
                           std::shared_ptr<store> opened)
    : actors(system), options(std::move(given)), log(make_log(options.log)),
      data(std::move(opened)), context(make_context(*data, options, log)) {}

void engine_parts::make_lanes() {
  const auto lane = [this](const char* name, urgency how = urgency::waited_for) {
    return std::make_shared<thread_lane>(name, how, log);
  };
  lanes.log = lane("parley.log");
  lanes.applier = lane("parley.applier", urgency::behind);
  for (std::size_t i = 0; i < reader_lanes; ++i)
    lanes.readers.push_back(lane("parley.reader"));
  if (options.search) {
    lanes.indexer = lane("parley.indexer", urgency::background);
    lanes.searcher = lane("parley.search");
  }
  for (std::size_t i = 0; i < file_lanes; ++i)
    lanes.files.push_back(lane("parley.files"));
  lanes.exports = lane("parley.exports", urgency::behind);
  context->files = std::make_shared<blob_store>(
      data->directory() / "files", std::vector<lane_ptr>{lanes.files.begin(), lanes.files.end()});
  context->addresses = std::make_shared<file_addresses>(data->secret(), data->epoch());
}

void engine_parts::start(std::vector<shard_actor> sockets, participation who,
                         const std::function<void()>& before_store) {
  is_running_ = true;
  const auto index = static_cast<std::uint32_t>(sockets.size());
  context->handles->shards = std::move(sockets);
  if (who == participation::local)
    spawn_participants(index);
  const auto decided = data->model()->decided();
  spawn_engine(actors, context, decided ? *decided : data->model()->applied());
  if (before_store)
    before_store();
  spawn_store();
  watch_engine(context);
}

void engine_parts::spawn_participants(std::uint32_t index) {
  server_facts facts;
  facts.windows = options.windows;
  participants = spawn_actor<local_shard, participants_actor>(
      actors, context, index, std::move(facts), cursors_of(*data), seats);
  stop_with(participants, "local_shard", context);
  context->handles->shards.emplace_back(participants);
}

void engine_parts::spawn_store() {
  const store_surroundings around{context->handles, context->marks, context->metrics, context->log};
  engine_handles& all = *context->handles;
  all.log_writer = spawn_log_writer(actors, around, data->log(), data->model(), lanes.log);
  all.reader =
      spawn_reader(actors, around, data->model(), {lanes.readers.begin(), lanes.readers.end()});
  if (lanes.indexer)
    all.indexer = spawn_indexer(actors, around, search_place_of(*data, options.data), data->model(),
                                lanes.indexer, lanes.searcher);
  all.applier = spawn_applier(actors, around, data->log(), data->model(), lanes.applier,
                              {options.cold_after, context->wall_clock}); // starts at once
}

// An actor that has ended is taken apart a moment later, by the thread on which it ended, and what
// it has of the store keeps the directory locked.
engine_parts::~engine_parts() {
  stop();
  const auto end = std::chrono::steady_clock::now() + limits::release_deadline;
  while (data.use_count() > 1 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
}

// Participants first, who are owed answers; then whoever decides; then whoever writes.
void engine_parts::stop() {
  const log_scope to_log{log}; // for what is let go of here
  if (std::exchange(is_running_, false)) {
    for (const auto& ends : company)
      ends();
    company.clear();
    if (participants) {
      tell_from_outside(context->handles->presences, drain{}); // notes who was there
      tell_from_outside(participants, drain{});
      seats->await_all_ended_for(limits::parting_deadline);
    }
    stop_engine(context);
    context->alive->await_all_ended();
  }
  for (const auto& each : lanes.all()) // what they do last may still speak of actors
    each->close();
  lanes = {};
  forget_engine(context);
  participants = nullptr;
}

} // namespace parley
