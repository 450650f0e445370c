// One of two processes: an engine with a gateway, which other CAF nodes reach by the middleman.
#include <iostream>
#include <string>

#include <caf/io/middleman.hpp>
#include <parley/engine.hpp>
#include <parley/gateway.hpp>

namespace {

/// Whose token it is. A real program looks at a signature; this one shares a word with its friends,
/// `WORD/USER`.
parley::result<parley::identity> authenticate(std::string_view token, parley::timestamp) {
  constexpr std::string_view word = "swordfish/";
  if (!token.starts_with(word) || token.size() == word.size())
    return parley::failure{parley::error_code::unauthenticated, "that is nobody's token", {}};
  parley::identity who;
  who.user = parley::user_id{std::string{token.substr(word.size())}};
  return who;
}

} // namespace

int main(int argc, char** argv) {
  caf::actor_system_config config;
  config.load<caf::io::middleman>();
  // A node that has gone silent is noticed: each says every second that it is there.
  config.set("middleman.heartbeat-interval", caf::timespan{std::chrono::seconds{1}});
  config.set("middleman.connection-timeout", caf::timespan{std::chrono::seconds{5}});
  parley::add_gateway_messages(config);
  caf::actor_system system{config};

  parley::engine_options options;
  options.data = argc > 1 ? argv[1] : "gateway-data";
  options.authenticate = &authenticate;
  auto engine = parley::engine::start(system, std::move(options));
  if (!engine) {
    std::cerr << "no engine: " << engine.error().message << std::endl;
    return 1;
  }
  const auto gateway = parley::spawn_gateway(**engine);
  const auto port = system.middleman().publish(gateway, 0, "127.0.0.1");
  if (!port) {
    std::cerr << "cannot publish: " << system.render(port.error()) << std::endl;
    return 1;
  }
  std::cout << "port " << *port << std::endl;
  std::string line;
  std::getline(std::cin, line); // serves until somebody presses Enter
  system.middleman().unpublish(gateway);
}
