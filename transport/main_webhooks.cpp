// Who sends is made before the courier, and tells it through a place that is filled in then.
#include "transport/main_webhooks.hpp"

#include <array>
#include <cstdlib>
#include <random>
#include <utility>

#include "actors/limits.hpp"
#include "persistence/store_actors.hpp"
#include "persistence/webhooks/dispatcher.hpp"
#include "transport/main_version.hpp"
#include "transport/webhook_config.hpp"

namespace parley {

namespace {

timestamp webhook_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace

result<std::unique_ptr<running_webhooks>> running_webhooks::open(const serve_options& options) {
  if (options.webhooks.empty())
    return std::unique_ptr<running_webhooks>{};
  auto endpoints = read_webhooks(options.webhooks);
  if (!endpoints)
    return endpoints.error();
  std::unique_ptr<running_webhooks> made{new running_webhooks};
  made->file_ = options.webhooks;
  made->first_ = std::move(*endpoints);
  webhook_manners manners;
  manners.may_be_private = options.webhooks_private;
  manners.agent = "Parley/" + std::string{version};
  manners.wall_clock = &webhook_clock;
  auto client =
      webhook_client::make(std::move(manners), [courier = made->courier_](webhook_answer how) {
        tell_from_outside(*courier, webhook_answered{std::move(how)});
      });
  if (!client)
    return client.error();
  made->client_ = std::move(*client);
  return made;
}

void running_webhooks::start(caf::actor_system& actors,
                             const std::shared_ptr<engine_context>& context, store& data,
                             lane_ptr own) {
  dispatcher_place place;
  place.data = data.directory();
  place.epoch = data.epoch();
  place.newest = context->marks->committed();
  place.wall_clock = &webhook_clock;
  place.chance = [engine = std::mt19937_64{std::random_device{}()}]() mutable { return engine(); };
  *courier_ =
      spawn_courier(actors, {context->handles, context->marks, context->metrics, context->log},
                    std::move(place), data.model(), client_, std::move(own));
  context->handles->courier = *courier_;
  tell_from_outside(*courier_, webhooks_configured{std::exchange(first_, {})});
}

outcome running_webhooks::reload() {
  auto endpoints = read_webhooks(file_);
  if (!endpoints)
    return endpoints.error();
  tell_from_outside(*courier_, webhooks_configured{std::move(*endpoints)});
  return success();
}

void running_webhooks::look() { tell_from_outside(*courier_, outbox_changed{}); }

void running_webhooks::drain() { tell_from_outside(*courier_, parley::drain{}); }

void running_webhooks::stop() {
  client_->stop(limits::webhook_farewell);
  *courier_ = courier_actor{};
}

} // namespace parley
