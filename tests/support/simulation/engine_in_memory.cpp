// Builds, steps and tears down a simulated engine.
#include "tests/support/simulation/engine_in_memory.hpp"

#include <stdexcept>

#include <caf/scheduler/test_coordinator.hpp>

#include "actors/limits_of_notices.hpp"
#include "persistence/blob_store.hpp"
#include "persistence/record_codec.hpp"

namespace parley::test {

namespace {

using coordinator = caf::scheduler::test_coordinator;

coordinator& scheduler_of(caf::actor_system& system) {
  return static_cast<coordinator&>(system.scheduler());
}

const timestamp simulated_epoch{std::chrono::hours{24 * 365 * 50}};

} // namespace

void stepped_lane::step() {
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  job();
}

result<position> watched_log::append(std::string_view batch) {
  if (failing)
    return failure{error_code::unavailable, "simulated: no space", {}};
  auto written = inner_->append(batch);
  if (!written)
    return written;
  truth_.happened(batch);
  auto records = decode_batch(batch);
  if (!records)
    faults.push_back("a batch cannot be decoded: " + records.error().message);
  else if (auto wrong = truth_.commit({*written, *records, {}}))
    faults.push_back(*wrong);
  return written;
}

engine_in_memory::engine_in_memory(const std::filesystem::path& data, truth& all,
                                   random_source& random, std::size_t shards, bool limited,
                                   retention_bounds retention, message_windows windows)
    : random_(random) {
  config_.set("scheduler.policy", caf::atom("testing"));
  config_.set("logger.verbosity", caf::atom("quiet"));
  system_ = std::make_unique<caf::actor_system>(config_);
  store_options options;
  options.directory = data;
  options.log_bytes = std::size_t{64} << 20;
  options.model_bytes = std::size_t{256} << 20;
  auto opened = store::open(options);
  if (!opened)
    throw std::runtime_error("store: " + opened.error().message);
  store_ = *opened;
  log_ = std::make_shared<watched_log>(store_->log(), all);
  cursors_ = std::make_unique<cursor_sealer>(store_->secret(), store_->epoch());
  for (int i = 0; i < 4; ++i)
    lanes_.push_back(std::make_shared<stepped_lane>());

  auto context = std::make_shared<engine_context>();
  context->marks = store_->make_watermarks();
  context->wall_clock = [this] {
    return simulated_epoch +
           std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch());
  };
  context->steady_clock = [this] { return now_; };
  if (limited)
    context->rates = std::make_shared<user_rates>(rate{10, 20});
  context->random_id = [this] { return std::to_string(random_()) + "-" + std::to_string(++ids_); };
  context->authenticate = [](std::string_view token, timestamp) -> result<identity> {
    const bool admin = token.starts_with("admin ");
    token.remove_prefix(admin ? 6 : 0);
    const auto end = token.find('\n'); // behind it, what the token calls its user
    identity who{user_id{std::string{token.substr(0, end)}}, {}, timestamp::max(), admin};
    if (end != std::string_view::npos)
      who.name = std::make_shared<const std::string>(token.substr(end + 1));
    return who;
  };
  context->notify_after = limits::notify_after;
  context->retention = retention;
  context->windows = windows;
  context->stop_process = [this](const std::string& why) { failures_.push_back(why); };
  context->addresses = std::make_shared<file_addresses>(store_->secret(), store_->epoch());
  if (std::filesystem::exists(data / "files")) {
    lanes_.push_back(std::make_shared<stepped_lane>());
    if (auto ready = blob_store::prepare(data / "files"); !ready)
      throw std::runtime_error("files: " + ready.error().message);
    context->files =
        std::make_shared<blob_store>(data / "files", std::vector<lane_ptr>{lanes_.back()});
  }
  context_ = context;

  const store_surroundings around{context->handles, context->marks, context->metrics};
  context->handles->log_writer =
      spawn_log_writer(*system_, around, log_, store_->model(), lanes_[0]);
  context->handles->applier = spawn_applier(*system_, around, log_, store_->model(), lanes_[1]);
  context->handles->reader =
      spawn_reader(*system_, around, store_->model(), {lanes_[2], lanes_[3]});
  const auto decided = store_->model()->decided();
  spawn_engine(*system_, context_, decided ? *decided : store_->model()->applied());
  for (std::uint32_t i = 0; i < shards; ++i) {
    auto connect = [this](session_address session) {
      connections_.push_back(spawn_connection(*system_, context_, session, {}));
      return connections_.back();
    };
    auto made = spawn_actor<memory_shard, shard_actor>(
        *system_, context_, i, *cursors_, [this] { return now_; }, connect);
    shards_.push_back(caf::actor_cast<memory_shard*>(made));
    context->handles->shards.push_back(made);
  }
  watch_engine(context_);
}

engine_in_memory::~engine_in_memory() {
  for (const auto& each : connections_)
    end_actor(each);
  connections_.clear();
  stop_engine(context_);
  while (step_actor()) {
  }
  forget_engine(context_);
  for (const auto& each : lanes_)
    each->drop_jobs();
  lanes_.clear();
  context_.reset();
}

bool engine_in_memory::step_actor() {
  auto& jobs = scheduler_of(*system_).jobs;
  if (jobs.empty())
    return false;
  std::swap(jobs.front(), jobs[random_() % jobs.size()]);
  scheduler_of(*system_).run_once();
  return true;
}

bool engine_in_memory::step_lane() {
  std::vector<stepped_lane*> ready;
  for (const auto& each : lanes_)
    if (each->has_job())
      ready.push_back(each.get());
  if (ready.empty())
    return false;
  ready[random_() % ready.size()]->step();
  return true;
}

bool engine_in_memory::step() {
  return random_() % 4 == 0 ? step_lane() || step_actor() : step_actor() || step_lane();
}

void engine_in_memory::advance(std::chrono::milliseconds by) {
  now_ += by;
  scheduler_of(*system_).advance_time(by);
  for (auto* each : shards_)
    each->tick();
}

std::size_t engine_in_memory::cool(std::chrono::milliseconds older) {
  const timestamp before = wall_clock() - older;
  for (bool more = true; more;) {
    const auto cooled = store_->model()->cool_some({before, before});
    if (!cooled)
      failures_.push_back("cooling: " + cooled.error().message);
    more = cooled && *cooled;
  }
  return store_->model()->cold().segments;
}

void engine_in_memory::settle() {
  for (int quiet = 0; quiet < 5; ++quiet) {
    while (step()) {
    }
    advance(std::chrono::milliseconds{50});
  }
}

} // namespace parley::test
