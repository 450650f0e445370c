// The command line, with CLI11.
#include "bench/options.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "bench/commands.hpp"

namespace parley::bench {
namespace {

void add_target_options(CLI::App& app, Options& options) {
  auto* server = app.add_option("--server", options.server, "start this parleyd for every run")
                     ->check(CLI::ExistingFile);
  app.add_option("--server-arg", options.server_args, "one more argument for it (repeatable)")
      ->needs(server)
      ->allow_extra_args(false);
  app.add_option("--store", options.store,
                 "fill, growth, history, start: keep the filled store in this directory, or use it")
      ->needs(server);
  auto* url = app.add_option("--url", options.url, "measure a running server, ws://HOST:PORT");
  auto* tokens = app.add_option("--tokens", options.tokens_file, "its tokens, one a line");
  auto* users = app.add_option("--users", options.users_file, "the ids they are for, one a line");
  app.add_option("--server-pid", options.server_pid, "its process, for CPU and memory")->needs(url);
  url->excludes(server)->needs(tokens)->needs(users);
  auto* peer = app.add_option("--peer", options.peer, "start this server of another make instead")
                   ->check(CLI::IsMember({"flask", "socketio", "ejabberd", "nats"}))
                   ->excludes(server)
                   ->excludes(url);
  app.add_option("--peers", options.peers, "where the peers' folders are")->capture_default_str();
  app.add_flag("--not-durable", options.not_durable, "it need not sync each message")->needs(peer);
  app.add_option("--dir", options.directory, "where data goes; decides which disk is measured")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  app.add_option("--server-core", options.server_core, "-1: not pinned")->capture_default_str();
  app.add_option("--client-core", options.client_core, "-1: not pinned")->capture_default_str();
  app.add_flag("--poll", options.poll,
               "keep the client's core awake, so that the server's does not pay for waking it");
}

void add_run_options(CLI::App& app, Options& options, const std::vector<std::string>& questions) {
  auto* question = app.add_option("question", options.question, "what to measure")
                       ->check(CLI::IsMember(questions));
  app.add_flag("--all", options.all, "the standard set")->excludes(question);
  app.add_flag("--quick", options.quick, "one short run of each");
  app.add_flag("--json", options.json, "print a JSON object a line, not tables");
  app.add_option("--runs", options.runs, "the median of so many runs (3; quick 1)")
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", options.seconds,
                 "measuring window (fanout 3, sends 5, idle 35, mixed and beside 6, log 2)")
      ->check(CLI::PositiveNumber);
  app.add_option("--patience", options.patience, "seconds to wait beyond the expected")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
}

void add_load_options(CLI::App& app, Options& options) {
  app.add_option(
         "--members", options.members,
         "fanout (100), reads (10000): member connections, connect (2), storm (10): of each "
         "conversation, beside: of the hot one (100), growth: of the largest (10000)")
      ->check(CLI::PositiveNumber);
  app.add_option(
         "--window", options.window,
         "fanout: sends in flight; mixed (256) and beside (32) likewise, storm: connecting at "
         "once (all)")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--body", options.body, "bytes of a message body")
      ->check(CLI::Range(stamp_bytes, std::size_t{1} << 24))
      ->capture_default_str();
  app.add_option("--messages", options.messages,
                 "fanout: instead of a duration, fill, growth, history, start: stored (10000000, "
                 "quick 100000)");
  app.add_option("--connections", options.connections,
                 "sends (1000), idle (10000), storm (10000), mixed and presence: users (10000), "
                 "connect: so often (50), many: users of those in use (300)");
  app.add_option("--watchers", options.watchers, "presence: of each user (50)");
  app.add_option("--conversations", options.conversations,
                 "sends: groups they are spread over (half as many), mixed (2000), beside: quiet "
                 "ones (1000), "
                 "connect and list: of the user (2000), storm: of each user (20), fill, growth, "
                 "history and start: of the store (1000), many: on disk (1000000)")
      ->check(CLI::PositiveNumber);
  app.add_option("--rate", options.rate,
                 "sends, mixed, beside (500): open loop, so many per second over all")
      ->check(CLI::PositiveNumber);
  app.add_option("--arrivals", options.arrivals, "how an open loop's sends are spaced")
      ->check(CLI::IsMember({"poisson", "uniform"}))
      ->capture_default_str();
}

} // namespace

Options read_options(int argc, char** argv, const std::vector<std::string>& questions) {
  Options options;
  CLI::App app{"Load client of the Parley server", "parley_load"};
  add_run_options(app, options, questions);
  add_target_options(app, options);
  add_load_options(app, options);
  try {
    app.parse(argc, argv);
    if (options.question.empty() && !options.all)
      throw CLI::RequiredError("a question or --all");
    if (options.server.empty() && options.url.empty() && options.peer.empty() &&
        options.needs_server())
      throw CLI::RequiredError("--server, --url or --peer");
    constexpr std::array<std::string_view, 4> of_peers = {"", "fanout", "sends", "idle"};
    if (!options.peer.empty() &&
        std::find(of_peers.begin(), of_peers.end(), options.question) == of_peers.end())
      throw CLI::ValidationError("--peer", "peers are asked fanout, sends and idle only");
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

} // namespace parley::bench
