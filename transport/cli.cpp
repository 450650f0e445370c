// CLI11 reads flags and a file of the same names; what fits together is checked here.
#include "transport/cli.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include <CLI/CLI.hpp>

#include "transport/listener.hpp"

namespace parley {

namespace {

struct everything {
  serve_options serve;
  token_options token;
  backup_options backup;
  std::string ttl = "24h";
  std::string rate_limit = "on";
};

/// On a small machine a second thread mostly wakes and waits: messages go from actor to actor.
std::size_t default_workers() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 2);
}

std::size_t default_io_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 8);
}

/// A variable that a script left unset must not lift a check.
CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& to,
                      const std::string& help) {
  return app.add_option(name, to, help)->check([](const std::string& text) {
    return text.empty() ? "must not be empty" : std::string{};
  });
}

void add_jwt_options(CLI::App& app, everything& all) {
  jwt_options& to = all.serve.jwt;
  auto* secret = app.add_option(
      "--jwt-secret-file", all.serve.secret_file,
      "The key of the tokens (HS256, at least 32 bytes); else one in the data directory");
  auto* key = app.add_option("--jwt-key", to.key_files,
                             "A public key (PEM; RSA for RS256, P-256 for ES256) of those who make "
                             "tokens, instead of a key of the server's; repeatable");
  key->excludes(secret);
  add_text(app, "--jwt-issuer", to.issuer, "What tokens must have as iss")->needs(key);
  add_text(app, "--jwt-audience", to.audience, "What tokens must have as aud, or in it")
      ->needs(key);
  add_text(app, "--jwt-admin-claim", to.admin_claim,
           "The claim that makes an administrator when it is true; without it nobody is one")
      ->needs(key);
}

void add_tls_options(CLI::App& app, tls_options& to) {
  auto* cert = add_text(app, "--tls-cert", to.cert,
                        "Speak TLS: a chain of certificates (PEM), read again on SIGHUP");
  auto* key = add_text(app, "--tls-key", to.key, "The certificate's key (PEM, no password)");
  cert->needs(key);
  key->needs(cert);
}

void add_serve_options(CLI::App& app, everything& all) {
  serve_options& to = all.serve;
  app.add_option("--listen", to.listen, "Numeric address and port; port 0 picks one")
      ->capture_default_str();
  app.add_option("--data", to.data, "The data directory; made when it is not there");
  app.add_flag("--dev", to.dev, "Loopback origins and host names only; for developers");
  app.add_option("--origin", to.origins, "A web origin that may connect; repeatable");
  app.add_option("--io-threads", to.io_threads, "Threads for sockets")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--workers", to.workers, "Threads for actors")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--max-sessions", to.most_sessions, "WebSocket sessions at once")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  add_jwt_options(app, all);
  add_tls_options(app, to.tls);
  app.add_option("--rate-limit", all.rate_limit, "Limits per user and conversation")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  app.add_option("--log-level", to.log_level, "What is logged to standard error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str();
  app.set_config("--config", "", "A file with the same options, without dashes (TOML)");
}

CLI::App* add_token_options(CLI::App& app, everything& all) {
  token_options& to = all.token;
  CLI::App* token = app.add_subcommand("token", "Print a token, or one for each user of a file");
  token->add_option("--data", all.serve.data, "The data directory; made when it is not there");
  token->add_option("--jwt-secret-file", all.serve.secret_file, "The key, as the server has it");
  token->add_option("--jwt-key", all.serve.jwt.key_files,
                    "As the server has it: then there is no key here to make tokens with");
  auto* user = token->add_option("--user", to.user, "The user's id");
  auto* users = token->add_option("--users", to.users_file, "A file with one user's id a line");
  user->excludes(users);
  users->excludes(user);
  token->add_option("--name", to.name, "A name to show");
  token->add_option("--ttl", all.ttl, "How long it is good: 90s, 15m, 24h, 7d")
      ->capture_default_str();
  token->add_flag("--admin", to.admin, "May use the admin interface");
  return token;
}

end_options wrong(const CLI::App& app, const std::string& why) {
  return {app.exit(CLI::ValidationError{why})};
}

options make_token_options(const CLI::App& app, everything& all) {
  all.token.data = all.serve.data;
  all.token.secret_file = all.serve.secret_file;
  all.token.external_keys = !all.serve.jwt.key_files.empty();
  const auto lifetime = parse_duration(all.ttl);
  if (!lifetime)
    return wrong(app, "--ttl must be a number with s, m, h or d");
  all.token.lifetime = *lifetime;
  if (all.token.user.empty() && all.token.users_file.empty())
    return wrong(app, "token needs --user or --users");
  return std::move(all.token);
}

options make_backup_options(const CLI::App& app, everything& all) {
  all.backup.data = all.serve.data;
  if (all.backup.to.empty())
    return wrong(app, "backup needs --to");
  return std::move(all.backup);
}

options make_serve_options(const CLI::App& app, everything& all) {
  all.serve.rate_limit = all.rate_limit == "on";
  const auto at = parse_endpoint(all.serve.listen);
  if (!at)
    return wrong(app, "--listen must be a numeric address and a port");
  if (all.serve.dev && !at->address().is_loopback())
    return wrong(app, "--dev is refused on an address that others can reach");
  return std::move(all.serve);
}

} // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || number > 1'000'000'000)
    return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (unit.empty() || unit == "s")
    return std::chrono::seconds{number};
  if (unit == "m")
    return std::chrono::minutes{number};
  if (unit == "h")
    return std::chrono::hours{number};
  if (unit == "d")
    return std::chrono::hours{24 * number};
  return std::nullopt;
}

options parse_command_line(int argc, char** argv, std::string_view version) {
  everything all;
  all.serve.io_threads = default_io_threads();
  all.serve.workers = default_workers();
  CLI::App app{"Parley: a messaging server. Without a subcommand it serves WebSocket and HTTP.",
               "parleyd"};
  app.set_version_flag("--version", "parleyd " + std::string{version});
  app.require_subcommand(0, 1);
  add_serve_options(app, all);
  const CLI::App* token = add_token_options(app, all);
  CLI::App* check = app.add_subcommand("check", "Say whether a store is whole, in use or not");
  check->add_option("--data", all.serve.data, "The data directory");
  CLI::App* backup = app.add_subcommand("backup", "Copy a store, in use or not");
  backup->add_option("--data", all.serve.data, "The data directory");
  backup->add_option("--to", all.backup.to, "Where the copy goes; must not exist");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& outcome) {
    return end_options{app.exit(outcome)};
  }
  if (all.serve.data.empty())
    return wrong(app, "--data is required");
  if (token->parsed())
    return make_token_options(app, all);
  if (check->parsed())
    return check_options{all.serve.data};
  if (backup->parsed())
    return make_backup_options(app, all);
  return make_serve_options(app, all);
}

} // namespace parley
