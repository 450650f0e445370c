// Who is given to whom; the only place that knows the engine and its edge.
#include "transport/main_server.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "actors/engine.hpp"
#include "actors/limits.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "engine/engine_parts.hpp"
#include "persistence/exports/store_exports.hpp"
#include "transport/codec.hpp"
#include "transport/main_admin.hpp"
#include "transport/main_compact.hpp"
#include "transport/main_control.hpp"
#include "transport/main_disk.hpp"
#include "transport/main_erasures.hpp"
#include "transport/main_exports.hpp"
#include "transport/main_page.hpp"
#include "transport/main_screening.hpp"
#include "transport/main_tokens.hpp"
#include "transport/main_version.hpp"
#include "transport/main_webhooks.hpp"
#include "transport/metrics_text.hpp"
#include "transport/server.hpp"
#include "transport/statistics.hpp"

namespace parley {

namespace {

/// A seed that nobody can foresee.
std::uint64_t random_number() {
  std::uint64_t number = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) != 1)
    std::abort();
  return number;
}

/// One that nobody can guess: 256 bits.
std::string random_token() {
  std::array<unsigned char, 32> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    std::abort();
  return base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

engine_options engine_options_of(const serve_options& options, const server_surroundings& around) {
  engine_options what;
  what.data = options.data;
  what.log = around.log;
  what.on_failure = around.on_failure;
  what.rate_limit = options.rate_limit;
  what.search = options.search;
  what.notify_after = options.notify_after;
  what.cold_after = options.cold_after;
  what.retention = {options.retain_days, options.retain_messages};
  what.windows = options.windows;
  return what;
}

/// What the metrics and the statistics are told beside what was counted.
std::function<metrics_moment()> moments_of(const std::shared_ptr<engine_context>& context,
                                           const std::filesystem::path& data,
                                           const std::shared_ptr<disk_watch>& disk) {
  return [context, data, disk] {
    const watermarks& marks = *context->marks;
    return metrics_moment{marks.committed(),
                          marks.applied(),
                          length_of(data / "model/data.mdb"),
                          length_of(data / "log/data.mdb"),
                          disk ? disk->look() : disk_use{},
                          context->alive->alive(),
                          std::chrono::steady_clock::now(),
                          version,
                          resident_bytes(),
                          cpu_time()};
  };
}

edge_ptr make_edge(const serve_options& options, caf::actor_system& actors,
                   const std::shared_ptr<engine_context>& context, const lane_ptr& counting) {
  auto shared = std::make_shared<edge>();
  shared->config.origins = options.origins;
  shared->config.dev = options.dev;
  shared->config.most_sessions = options.most_sessions;
  shared->config.version = version;
  shared->metrics = context->metrics;
  const std::string operators_token = random_token(); // never leaves the process
  shared->operators_bearer = "Bearer " + operators_token;
  shared->authenticate = [context, operators_token](std::string_view token) {
    const bool is_operators =
        token.size() == operators_token.size() &&
        CRYPTO_memcmp(token.data(), operators_token.data(), token.size()) == 0;
    return is_operators ? operator_identity(context->wall_clock())
                        : context->authenticate(token, context->wall_clock());
  };
  auto disk = std::make_shared<disk_watch>(options.data, counting);
  shared->print_metrics = [context, moment = moments_of(context, options.data, disk)] {
    return print_metrics(*context->metrics, moment());
  };
  shared->config.file_bytes = options.file_bytes;
  shared->config.windows = options.windows;
  shared->config.file_types = options.file_types;
  shared->files =
      std::make_shared<file_desk>(context, file_policy{options.file_bytes, options.file_types});
  shared->is_good_address = [context](const file_download& asked) {
    return context->addresses->is_good(asked.file, asked.user, asked.until, asked.signature,
                                       context->wall_clock());
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
      context,
      std::make_shared<store_exports>(std::move(sources), std::move(own), context->wall_clock));
}

/// Null when the server is to speak plain HTTP.
result<tls_ptr> read_tls(const tls_options& files) {
  if (files.cert.empty())
    return tls_ptr{};
  return tls_context::read(files.cert, files.key);
}

} // namespace

struct running_server::own_system {
  explicit own_system(std::size_t workers) : config(workers), actors(config) {}

  engine_config config;
  caf::actor_system actors;
};

/// What can fail was made before the server itself.
struct running_server::ingredients {
  std::unique_ptr<own_system> system;
  std::unique_ptr<engine> inside;
  std::unique_ptr<running_webhooks> webhooks;
  tls_ptr tls;
  std::shared_ptr<const built_page> page;
};

result<std::unique_ptr<running_server>> running_server::start(const serve_options& options,
                                                              const server_surroundings& around) {
  const auto at = parse_endpoint(options.listen);
  if (!at)
    return failure{error_code::bad_request, options.listen + " is no address and port", {}};
  auto tls = read_tls(options.tls);
  if (!tls)
    return tls.error();
  auto webhooks = running_webhooks::open(options);
  if (!webhooks)
    return webhooks.error();
  auto screening = screening_place_of(options);
  if (!screening)
    return screening.error();
  ingredients with;
  if (around.actors == nullptr)
    with.system = std::make_unique<own_system>(options.workers);
  auto parts = engine_parts::open(around.actors ? *around.actors : with.system->actors,
                                  engine_options_of(options, around));
  if (!parts)
    return parts.error();
  auto authenticate = open_authenticator(options);
  if (!authenticate)
    return authenticate.error();
  auto page = open_page(options);
  if (!page)
    return page.error();
  const auto context = (*parts)->context;
  context->authenticate = std::move(*authenticate);
  with.inside = std::make_unique<engine>(std::move(*parts));
  with.webhooks = std::move(*webhooks);
  with.tls = *tls;
  with.page = std::move(*page);
  std::unique_ptr<running_server> made{new running_server(options, std::move(with))};
  if (*screening) {
    auto client = start_screening(made->engine_->parts().actors, **screening, options, *context);
    if (!client)
      return client.error();
    made->screening_ = std::move(*client);
  }
  auto& edge = *made->edge_;
  if (auto bound = around.listening ? edge.adopt(*around.listening) : edge.listen(*at); !bound)
    return bound.error();
  made->open_door();
  edge.start();
  return made;
}

running_server::running_server(const serve_options& options, ingredients with)
    : tls_files_(options.tls), system_(std::move(with.system)), engine_(std::move(with.inside)),
      webhooks_(std::move(with.webhooks)) {
  engine_parts& parts = engine_->parts();
  auto shared = make_edge(options, parts.actors, parts.context, parts.lanes.exports);
  shared->config.page = std::move(with.page);
  shared->erasures = std::make_shared<erasure_desk>(parts.context);
  shared->exports = make_export_desk(parts.context, *parts.data, parts.lanes.exports);
  edge_ = std::make_unique<server>(parts.actors, shared, cursors_of(*parts.data),
                                   parts.context->marks->committed(), options.io_threads, with.tls);
  shared->ask_server = open_desk(options, *shared);
  parts.start(edge_->handles(), system_ ? participation::none : participation::local, [&] {
    if (!webhooks_)
      return;
    parts.lanes.outbox = std::make_shared<thread_lane>("parley.outbox", urgency::behind, parts.log);
    webhooks_->start(parts.actors, parts.context, *parts.data, parts.lanes.outbox);
  });
  shared->ready = true;
}

running_server::admin_answers running_server::open_desk(const serve_options& options,
                                                        const edge& shared) {
  const engine_parts& parts = engine_->parts();
  admin_scene scene;
  scene.context = parts.context;
  scene.data = parts.data;
  scene.lane = parts.lanes.exports;
  scene.options = options;
  scene.statistics = [context = parts.context, moment = moments_of(parts.context, options.data, {}),
                      durability = shared.config.durability,
                      started = std::chrono::steady_clock::now()] {
    return print_statistics(*context->metrics, moment(), durability, started);
  };
  scene.connected = [edge = edge_.get()](connected_question asked, told<connected_list> to) {
    edge->list_connected(std::move(asked), std::move(to));
  };
  return [desk = std::make_shared<admin_desk>(std::move(scene))](
             const admin_question& asked, const told<std::string>& to) { desk->answer(asked, to); };
}

// Without them everything works that clients see.
void running_server::open_door() {
  engine_parts& parts = engine_->parts();
  if (auto listening = edge_->listen_for_operators(parts.data->directory()); !listening)
    parts.log->warn("operators_closed reason={}", in_quotes(listening.error().message));
  auto opened = control_door::open(
      parts.data->directory(), [this, &parts](const std::string& command, control_line& with) {
        const log_scope to_log{parts.log};
        if (command == "compact")
          serve_compaction({parts.data, parts.context, &parts.lanes}, with);
        else if (command.starts_with("erase ") || command.starts_with("erasure "))
          serve_erasure(parts.context, command, with);
        else if (command.starts_with(exported_command))
          keep_export(parts.context, command.substr(exported_command.size()), with);
        else if (command == "webhooks" && webhooks_)
          webhooks_->look();
        else
          with.write("failed there is no such command");
      });
  if (opened)
    door_ = std::move(*opened);
  else
    parts.log->warn("control_closed reason={}", in_quotes(opened.error().message));
}

std::string running_server::where() const { return edge_->where(); }

bool running_server::is_alive_since(instant when) const { return edge_->is_alive_since(when); }

outcome running_server::reload_webhooks() { return webhooks_->reload(); }

outcome running_server::reload_tls() {
  auto fresh = read_tls(tls_files_);
  if (!fresh)
    return fresh.error();
  edge_->renew_tls(*fresh);
  return success();
}

bool running_server::drain() {
  tell_from_outside(engine_->parts().context->handles->presences, parley::drain{});
  if (webhooks_)
    webhooks_->drain();
  return edge_->drain();
}

/// Operators first; then webhooks, for which nobody waits; then sockets, since they feed
/// everything; then the engine.
running_server::~running_server() {
  door_.reset();
  if (webhooks_)
    webhooks_->stop();
  edge_->stop();
  edge_.reset();
  engine_->parts().stop();
  if (screening_)
    screening_->stop();
}

} // namespace parley
