// parley_floor: a bare epoll broadcaster that speaks enough of our protocol to be measured by
// parley_load as parleyd is; no actors, no store, nothing durable.
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>

#include "bench/failure.hpp"
#include "bench/floor/loop.hpp"

namespace parley::bench {
namespace {

struct Settings {
  std::string listen = "127.0.0.1:0";
  std::string users_file;
  std::string unused;
};

/// The token of a user is the user's name.
void print_tokens(const Settings& settings) {
  std::ifstream users(settings.users_file);
  for (std::string user; std::getline(users, user);)
    std::cout << user << '\n';
}

void serve(const Settings& settings) {
  Loop loop(settings.listen);
  std::cout << "ready on http://" << loop.address() << std::endl;
  loop.run();
}

int run(int argc, char** argv) {
  Settings settings;
  CLI::App app{"The floor under Parley's figures: a bare broadcaster", "parley_floor"};
  app.add_option("--listen", settings.listen, "HOST:PORT")->capture_default_str();
  app.add_option("--data", settings.unused, "taken as parleyd takes it; nothing is stored");
  app.add_option("--rate-limit", settings.unused, "likewise; there are no limits");
  auto* token = app.add_subcommand("token", "print a token for each user");
  token->add_option("--users", settings.users_file, "ids, one a line")
      ->required()
      ->check(CLI::ExistingFile);
  token->add_option("--data", settings.unused, "taken as parleyd takes it");
  CLI11_PARSE(app, argc, argv);
  *token ? print_tokens(settings) : serve(settings);
  return 0;
}

} // namespace
} // namespace parley::bench

int main(int argc, char** argv) {
  try {
    return parley::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "parley_floor: " << error.what() << '\n';
    return 1;
  }
}
