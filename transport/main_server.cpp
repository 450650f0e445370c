// Who is given to whom; the only place that knows all three layers.
#include "transport/main_server.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <openssl/rand.h>
#include <spdlog/spdlog.h>

#include "actors/limits.hpp"
#include "actors/log_line.hpp"
#include "persistence/blob_store.hpp"
#include "persistence/exports/store_exports.hpp"
#include "persistence/search/reindex.hpp"
#include "persistence/store_actors.hpp"
#include "transport/codec.hpp"
#include "transport/main_compact.hpp"
#include "transport/main_erasures.hpp"
#include "transport/main_exports.hpp"
#include "transport/main_tokens.hpp"
#include "transport/main_version.hpp"
#include "transport/metrics_text.hpp"
#include "transport/statistics.hpp"

namespace parley {

namespace {

/// Threads that read the store: reads are short, and each has a transaction of its own.
constexpr std::size_t reader_lanes = 2;
/// Threads that write and read files: one may be syncing a large one.
constexpr std::size_t file_lanes = 2;
/// The exit status of a process that may not acknowledge anything any more.
constexpr int failed_status = 2;

timestamp wall_clock() {
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

/// A seed that nobody can foresee.
std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1)
    std::abort();
  return number;
}

std::uint64_t length_of(const std::filesystem::path& file) {
  std::error_code code;
  const auto bytes = std::filesystem::file_size(file, code);
  return code ? 0 : bytes;
}

/// Nothing is cleaned up: what is durable is on disk, and nothing else may be promised.
void stop_process(const std::string& why) {
  spdlog::critical("process_failed reason={}", in_quotes(why));
  spdlog::default_logger()->flush();
  std::_Exit(failed_status);
}

std::shared_ptr<engine_context> make_context(const store& data, authenticator authenticate,
                                             const serve_options& options) {
  auto context = std::make_shared<engine_context>();
  context->marks = data.make_watermarks();
  context->wall_clock = &wall_clock;
  context->random_id = &random_id;
  context->authenticate = std::move(authenticate);
  context->stop_process = &stop_process;
  context->notify_after = options.notify_after;
  context->retention = {options.retain_days, options.retain_messages};
  context->windows = options.windows;
  if (options.rate_limit)
    context->rates = std::make_shared<user_rates>(
        rate{limits::user_commands_per_second, limits::user_commands_burst});
  return context;
}

edge_ptr make_edge(const serve_options& options, caf::actor_system& actors,
                   const std::shared_ptr<engine_context>& context) {
  auto shared = std::make_shared<edge>();
  shared->config.origins = options.origins;
  shared->config.dev = options.dev;
  shared->config.most_sessions = options.most_sessions;
  shared->config.version = version;
  shared->metrics = context->metrics;
  shared->authenticate = [context](std::string_view token) {
    return context->authenticate(token, wall_clock());
  };
  const auto moment = [context, data = std::filesystem::path{options.data}] {
    const watermarks& marks = *context->marks;
    return metrics_moment{marks.committed(),
                          marks.applied(),
                          length_of(data / "model/data.mdb"),
                          length_of(data / "log/data.mdb"),
                          std::chrono::steady_clock::now(),
                          version};
  };
  shared->print_metrics = [context, moment] { return print_metrics(*context->metrics, moment()); };
  shared->print_statistics = [context, moment, durability = shared->config.durability,
                              started = std::chrono::steady_clock::now()] {
    return print_statistics(*context->metrics, moment(), durability, started);
  };
  shared->config.file_bytes = options.file_bytes;
  shared->config.windows = options.windows;
  shared->config.file_types = options.file_types;
  shared->files =
      std::make_shared<file_desk>(context, file_policy{options.file_bytes, options.file_types});
  shared->is_good_address = [context](const file_download& asked) {
    return context->addresses->is_good(asked.file, asked.user, asked.until, asked.signature,
                                       wall_clock());
  };
  if (options.address_limit)
    shared->addresses = std::make_shared<address_rates>(
        rate{limits::address_connections_per_second, limits::address_connections_burst},
        random_number(), limits::address_cells);
  shared->spawn_connection = [&actors, context](session_address to,
                                                std::optional<std::string> bearer) {
    return spawn_connection(actors, context, to, std::move(bearer));
  };
  shared->spawn_visitor = [&actors, context](session_address to, identity who) {
    return spawn_visitor(actors, context, to, std::move(who));
  };
  shared->read = [context](read_catch_up query) {
    tell_from_outside(context->handles->reader, std::move(query));
  };
  shared->report = [context](sessions_reported what) {
    tell_from_outside(context->handles->presences, std::move(what));
  };
  return shared;
}

/// Archives of what is in the store now.
std::shared_ptr<export_desk> make_export_desk(const std::shared_ptr<engine_context>& context,
                                              store& data, lane_ptr own) {
  export_sources sources;
  sources.tables = [model = data.model()] {
    return result<std::shared_ptr<const environment>>{model->tables()};
  };
  sources.files = data.directory() / "files";
  sources.to_json = &to_json;
  return std::make_shared<export_desk>(
      context, std::make_shared<store_exports>(std::move(sources), std::move(own), &wall_clock));
}

/// Null when the server is to speak plain HTTP.
result<tls_ptr> read_tls(const tls_options& files) {
  if (files.cert.empty())
    return tls_ptr{};
  return tls_context::read(files.cert, files.key);
}

/// The key of the cursors, and the name of this life of the store that they are bound to.
cursor_sealer make_sealer(const store& data) { return {data.secret(), data.epoch()}; }

void spawn_store(caf::actor_system& actors, const std::shared_ptr<engine_context>& context,
                 store& data, const store_lanes& lanes, const search_place& search,
                 std::chrono::seconds cold_after) {
  const store_surroundings around{context->handles, context->marks, context->metrics};
  engine_handles& all = *context->handles;
  all.log_writer = spawn_log_writer(actors, around, data.log(), data.model(), lanes.log);
  all.reader =
      spawn_reader(actors, around, data.model(), {lanes.readers.begin(), lanes.readers.end()});
  if (lanes.indexer)
    all.indexer =
        spawn_indexer(actors, around, search, data.model(), lanes.indexer, lanes.searcher);
  all.applier = spawn_applier(actors, around, data.log(), data.model(), lanes.applier,
                              {cold_after, &wall_clock}); // starts at once
}

} // namespace

result<std::unique_ptr<running_server>> running_server::start(const serve_options& options) {
  const auto at = parse_endpoint(options.listen);
  auto tls = read_tls(options.tls);
  if (!tls)
    return tls.error();
  auto webhooks = running_webhooks::open(options);
  if (!webhooks)
    return webhooks.error();
  auto screening = screening_place_of(options);
  if (!screening)
    return screening.error();
  auto data = store::open({.directory = options.data});
  if (!data)
    return data.error();
  if (auto prepared = blob_store::prepare((*data)->directory() / "files"); !prepared)
    return prepared.error();
  auto authenticate = open_authenticator(options);
  if (!authenticate)
    return authenticate.error();
  auto page = open_page(options);
  if (!page)
    return page.error();
  std::unique_ptr<running_server> made{new running_server(options, std::move(*data),
                                                          std::move(*authenticate), *tls,
                                                          std::move(*webhooks), std::move(*page))};
  if (*screening) {
    auto client = start_screening(made->actors_, **screening, options, *made->context_);
    if (!client)
      return client.error();
    made->screening_ = std::move(*client);
  }
  if (auto bound = made->edge_->listen(*at); !bound)
    return bound.error();
  made->edge_->start();
  made->open_door();
  return made;
}

running_server::running_server(const serve_options& options, std::shared_ptr<store> data,
                               authenticator authenticate, const tls_ptr& tls,
                               std::unique_ptr<running_webhooks> webhooks,
                               std::shared_ptr<const built_page> page)
    : tls_files_(options.tls), data_(std::move(data)), config_(options.workers), actors_(config_),
      context_(make_context(*data_, std::move(authenticate), options)),
      webhooks_(std::move(webhooks)) {
  lanes_.log = std::make_shared<thread_lane>("parley.log");
  lanes_.applier = std::make_shared<thread_lane>("parley.applier", urgency::behind);
  for (std::size_t i = 0; i < reader_lanes; ++i)
    lanes_.readers.push_back(std::make_shared<thread_lane>("parley.reader"));
  if (options.search) {
    lanes_.indexer = std::make_shared<thread_lane>("parley.indexer", urgency::background);
    lanes_.searcher = std::make_shared<thread_lane>("parley.search");
  }
  for (std::size_t i = 0; i < file_lanes; ++i)
    lanes_.files.push_back(std::make_shared<thread_lane>("parley.files"));
  context_->files =
      std::make_shared<blob_store>(data_->directory() / "files",
                                   std::vector<lane_ptr>{lanes_.files.begin(), lanes_.files.end()});
  context_->addresses = std::make_shared<file_addresses>(data_->secret(), data_->epoch());
  lanes_.exports = std::make_shared<thread_lane>("parley.exports", urgency::behind);
  auto shared = make_edge(options, actors_, context_);
  shared->config.page = std::move(page);
  shared->erasures = std::make_shared<erasure_desk>(context_);
  shared->exports = make_export_desk(context_, *data_, lanes_.exports);
  edge_ = std::make_unique<server>(actors_, shared, make_sealer(*data_),
                                   context_->marks->committed(), options.io_threads, tls);
  context_->handles->shards = edge_->handles();
  const auto decided = data_->model()->decided();
  spawn_engine(actors_, context_, decided ? *decided : data_->model()->applied());
  if (webhooks_) {
    lanes_.outbox = std::make_shared<thread_lane>("parley.outbox", urgency::behind);
    webhooks_->start(actors_, context_, *data_, lanes_.outbox);
  }
  spawn_store(actors_, context_, *data_, lanes_, search_place_of(*data_, options.data),
              options.cold_after);
  watch_engine(context_);
  shared->ready = true;
}

// Without it everything works that clients see.
void running_server::open_door() {
  auto opened = control_door::open(
      data_->directory(), [this](const std::string& command, control_line& with) {
        if (command == "compact")
          serve_compaction({data_, context_, &lanes_}, with);
        else if (command.starts_with("erase ") || command.starts_with("erasure "))
          serve_erasure(context_, command, with);
        else if (command.starts_with(exported_command))
          keep_export(context_, command.substr(exported_command.size()), with);
        else if (command == "webhooks" && webhooks_)
          webhooks_->look();
        else
          with.write("failed there is no such command");
      });
  if (opened)
    door_ = std::move(*opened);
  else
    spdlog::warn("control_closed reason={}", in_quotes(opened.error().message));
}

outcome running_server::reload_tls() {
  auto fresh = read_tls(tls_files_);
  if (!fresh)
    return fresh.error();
  edge_->renew_tls(*fresh);
  return success();
}

bool running_server::drain() {
  tell_from_outside(context_->handles->presences, parley::drain{});
  if (webhooks_)
    webhooks_->drain();
  return edge_->drain();
}

/// Operators first; then webhooks, for which nobody waits; then sockets, since they feed
/// everything; then whoever decides; then whoever writes.
running_server::~running_server() {
  door_.reset();
  if (webhooks_)
    webhooks_->stop();
  edge_->stop();
  edge_.reset();
  stop_engine(context_);
  if (screening_)
    screening_->stop();
  actors_.await_all_actors_done();
  for (const auto& each : lanes_.all()) // what they do last may still speak of actors
    each->close();
  forget_engine(context_);
}

} // namespace parley
