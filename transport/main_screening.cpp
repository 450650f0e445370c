// Sidecars are what screens most often, so any address may be asked.
#include "transport/main_screening.hpp"

#include <sstream>
#include <utility>

#include "actors/limits.hpp"
#include "transport/main_version.hpp"
#include "transport/short_file.hpp"
#include "transport/webhook_message.hpp"
#include "transport/webhook_url.hpp"

namespace parley {

namespace {

/// One secret a line; a new one may stand beside an old one.
result<std::vector<std::string>> read_screening_secrets(const std::string& file) {
  const auto text = read_short_file(file, limits::webhook_file_bytes);
  if (!text)
    return text.error();
  std::istringstream in{*text};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      lines.push_back(line);
  auto secrets = webhook_secrets_of(lines);
  if (!secrets)
    return failure{error_code::bad_request, file + ": " + secrets.error().message, {}};
  return secrets;
}

} // namespace

result<std::optional<screening_place>> screening_place_of(const serve_options& options) {
  if (options.screen.empty())
    return std::optional<screening_place>{};
  auto target = parse_webhook_url(options.screen);
  if (!target)
    return failure{error_code::bad_request, "--screen: " + target.error().message, {}};
  screening_place place;
  place.target = std::move(*target);
  place.agent = "Parley/" + std::string{version};
  place.patience = options.screen_patience;
  if (!options.screen_secret_file.empty()) {
    auto secrets = read_screening_secrets(options.screen_secret_file);
    if (!secrets)
      return secrets.error();
    place.secrets = std::move(*secrets);
  }
  return std::optional{std::move(place)};
}

result<std::unique_ptr<screening_client>> start_screening(caf::actor_system& actors,
                                                          const screening_place& place,
                                                          const serve_options& options,
                                                          engine_context& context) {
  screening_place whole = place;
  whole.wall_clock = context.wall_clock;
  whole.random_id = context.random_id;
  auto client = screening_client::make(actors, std::move(whole));
  if (!client)
    return client.error();
  context.handles->screening = {options.screen_patience, options.screen_fails_open};
  context.handles->screener = (*client)->handle();
  return client;
}

} // namespace parley
