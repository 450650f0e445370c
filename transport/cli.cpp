// CLI11 reads flags and a file of the same names; what fits together is checked here.
#include "transport/cli.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>

#include "actors/files.hpp"
#include "actors/limits.hpp"
#include "actors/limits_retention.hpp"
#include "transport/cli_tools.hpp"
#include "transport/listener.hpp"

namespace parley {

namespace {

constexpr const char* connections = "Connections";
constexpr const char* size = "Size and limits";
constexpr const char* words = "Log";
constexpr const char* page_heading = "Messages page";

/// On a small machine a second thread mostly wakes and waits: messages go from actor to actor.
std::size_t default_workers() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 2);
}

std::size_t default_io_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 8);
}

/// `--max-sessions` is PARLEY_MAX_SESSIONS.
std::string variable_of(std::string_view option) {
  std::string name = "PARLEY_";
  for (const char each : option.substr(std::min(option.find_first_not_of('-'), option.size())))
    name += each == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(each)));
  return name;
}

/// The variable's value; a script that left one empty did not mean it.
std::string value_of(const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  return value == nullptr ? "" : value;
}

/// CLI11 reads the file before the environment, and takes what came first.
class file_behind_environment : public CLI::ConfigTOML {
public:
  std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
    auto items = CLI::ConfigTOML::from_config(in);
    std::erase_if(items,
                  [](const auto& each) { return !value_of(variable_of(each.name)).empty(); });
    return items;
  }
};

/// Puts an option under a heading of the help, and lets it come from the environment.
CLI::Option* place(CLI::Option* which, const char* heading) {
  return which->group(heading)->envname(variable_of(which->get_name()));
}

/// The same for one that may be given several times: in the environment, with commas between.
CLI::Option* place_list(CLI::Option* which, const char* heading) {
  return place(which, heading)->delimiter(',');
}

/// A variable that a script left unset must not lift a check.
CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& to,
                      const std::string& help) {
  return app.add_option(name, to, help)->check([](const std::string& text) {
    return text.empty() ? "must not be empty" : std::string{};
  });
}

void add_jwt_options(CLI::App& app, command_line_values& all) {
  jwt_options& to = all.serve.jwt;
  auto* secret =
      place(app.add_option(
                "--jwt-secret-file", all.serve.secret_file,
                "The key of the tokens (HS256, at least 32 bytes, mode 0600) [DATA/token.key]"),
            tokens_heading);
  auto* key = place_list(
      app.add_option("--jwt-key", to.key_files,
                     "A public key (PEM; RSA for RS256, P-256 for ES256) of those who make tokens, "
                     "instead of a key of the server's; repeatable"),
      tokens_heading);
  key->excludes(secret);
  place(add_text(app, "--jwt-issuer", to.issuer, "What tokens must have as iss [any]"),
        tokens_heading)
      ->needs(key);
  place(
      add_text(app, "--jwt-audience", to.audience, "What tokens must have as aud, or in it [any]"),
      tokens_heading)
      ->needs(key);
  place(add_text(app, "--jwt-admin-claim", to.admin_claim,
                 "The claim that makes an administrator when it is true [nobody is one]"),
        tokens_heading)
      ->needs(key);
}

void add_connection_options(CLI::App& app, serve_options& to) {
  place(app.add_option("--listen", to.listen, "Numeric address and port; port 0 picks one")
            ->capture_default_str(),
        connections);
  place_list(app.add_option("--origin", to.origins,
                            "A web origin whose pages may connect; repeatable [none]"),
             connections);
  place(app.add_flag("--dev", to.dev, "Loopback origins and host names only; for developers"),
        connections);
  auto* cert = place(add_text(app, "--tls-cert", to.tls.cert,
                              "Speak TLS: a chain of certificates (PEM), read again on SIGHUP"),
                     connections);
  auto* key = place(add_text(app, "--tls-key", to.tls.key,
                             "The certificate's key (PEM, no password), read again on SIGHUP"),
                    connections);
  cert->needs(key);
  key->needs(cert);
}

void add_size_options(CLI::App& app, command_line_values& all) {
  serve_options& to = all.serve;
  place(app.add_option("--max-sessions", to.most_sessions, "WebSocket sessions at once")
            ->check(CLI::Range(1, 10'000'000))
            ->capture_default_str(),
        size);
  place(app.add_option("--io-threads", to.io_threads, "Threads for sockets")
            ->check(CLI::Range(1, 64))
            ->capture_default_str(),
        size);
  place(app.add_option("--workers", to.workers, "Threads for actors")
            ->check(CLI::Range(1, 64))
            ->capture_default_str(),
        size);
  place(
      app.add_option("--rate-limit", all.rate_limit,
                     "Limits per user, conversation and address; `users` leaves addresses out, as "
                     "behind a proxy")
          ->check(CLI::IsMember({"on", "users", "off"}))
          ->capture_default_str(),
      size);
  place(app.add_option("--search", all.search, "Keep an index of what messages say, for `search`")
            ->check(CLI::IsMember({"on", "off"}))
            ->capture_default_str(),
        size);
  place(app.add_option("--notify-after", all.notify_after,
                       "How long a message may be unread before its readers are notified: 10s, 2m; "
                       "0 for never")
            ->capture_default_str(),
        size);
  place(app.add_option("--cold-after", all.cold_after,
                       "How old messages are when they are kept compressed: 30d, 12h; 0 for never")
            ->capture_default_str(),
        size);
}

void add_retention_options(CLI::App& app, serve_options& to) {
  place(app.add_option("--retain-days", to.retain_days,
                       "Days after which events of conversations are removed; 0 for never")
            ->check(CLI::Range(std::uint64_t{0}, limits::retention_days))
            ->capture_default_str(),
        size);
  place(app.add_option("--retain-messages", to.retain_messages,
                       "Messages that are kept of each conversation, the newest; 0 for all")
            ->check(CLI::Range(std::uint64_t{0}, limits::retention_messages))
            ->capture_default_str(),
        size);
}

void add_window_options(CLI::App& app, command_line_values& all) {
  place(app.add_option("--edit-window", all.edit_window,
                       "How long authors may edit a message: 15m, 24h; 0 for ever")
            ->capture_default_str(),
        size);
  place(app.add_option("--delete-window", all.delete_window,
                       "How long authors may delete a message for everyone; 0 for ever")
            ->capture_default_str(),
        size);
}

void add_file_options(CLI::App& app, serve_options& to) {
  to.file_bytes = limits::file_bytes;
  place(app.add_option("--file-bytes", to.file_bytes,
                       "Bytes of a file that is attached to messages; 0 takes none")
            ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 40))
            ->capture_default_str(),
        size);
  place_list(app.add_option("--file-types", to.file_types,
                            "A media type of files that are taken, as image/* or "
                            "application/pdf; repeatable [all]")
                 ->check([](const std::string& text) {
                   return is_type_pattern(text) ? std::string{} : "is no media type: " + text;
                 }),
             size);
}

void add_log_options(CLI::App& app, command_line_values& all) {
  place(app.add_option("--log-level", all.serve.log_level, "What is logged to standard error")
            ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
            ->capture_default_str(),
        words);
  place(app.add_option("--log-format", all.log_format,
                       "How: lines of text, or of one JSON object each")
            ->check(CLI::IsMember({"text", "json"}))
            ->capture_default_str(),
        words);
}

void add_webhook_options(CLI::App& app, serve_options& to) {
  auto* file =
      place(add_text(app, "--webhooks", to.webhooks,
                     "A file that names who is told of events over HTTP (JSON), read again "
                     "on SIGHUP [none]"),
            hooks_heading);
  place(app.add_flag("--webhooks-private", to.webhooks_private,
                     "They may be sent to loopback, private and link-local addresses"),
        hooks_heading)
      ->needs(file);
}

void add_screening_options(CLI::App& app, command_line_values& all) {
  serve_options& to = all.serve;
  auto* url = place(add_text(app, "--screen", to.screen,
                             "A URL that is asked about each message before it is sent [none]"),
                    hooks_heading);
  place(add_text(app, "--screen-secret-file", to.screen_secret_file,
                 "A file with the secret that signs the questions, whsec_ and base64 [none]"),
        hooks_heading)
      ->needs(url);
  place(app.add_option("--screen-patience", all.screen_patience,
                       "How long it may take, after which the message counts as not screened")
            ->capture_default_str(),
        hooks_heading)
      ->needs(url);
  place(app.add_option("--screen-fail", all.screen_fail,
                       "What could not be screened is sent (open) or refused (closed)")
            ->check(CLI::IsMember({"open", "closed"}))
            ->capture_default_str(),
        hooks_heading)
      ->needs(url);
}

void add_page_options(CLI::App& app, serve_options& to) {
  place(add_text(app, "--page", to.page,
                 "The directory of the built page that is served at /messages [beside the program, "
                 "if there is one]"),
        page_heading);
  place(app.add_option("--login", to.login,
                       "Where the page sends who has no token; they come back to it with #token=… "
                       "[it asks for a token]")
            ->check([](const std::string& text) {
              const bool fits = text.starts_with("https://") || text.starts_with("http://") ||
                                text.starts_with("/");
              return fits ? std::string{} : "is no address: " + text;
            }),
        page_heading);
}

void add_serve_options(CLI::App& app, command_line_values& all) {
  serve_options& to = all.serve;
  place(app.add_option("--data", to.data, "The data directory; made when it is not there"),
        data_heading);
  add_connection_options(app, to);
  add_jwt_options(app, all);
  add_size_options(app, all);
  add_file_options(app, to);
  add_retention_options(app, to);
  add_window_options(app, all);
  add_log_options(app, all);
  add_webhook_options(app, to);
  add_screening_options(app, all);
  add_page_options(app, to);
  const std::string file = value_of(variable_of("--config"));
  app.set_config("--config", file, "A file with the same options, without dashes (TOML)",
                 !file.empty());
  app.allow_config_extras(CLI::config_extras_mode::error);
  app.config_formatter(std::make_shared<file_behind_environment>());
  app.footer(
      "Every option may also be a variable, --max-sessions as PARLEY_MAX_SESSIONS, lists with "
      "commas; or a\nline of the file, max-sessions=1000. What is on the command line counts "
      "first, then variables, then the file.\n\n"
      "Example:\n"
      "  parleyd --listen 127.0.0.1:8080 --data /var/lib/parley --origin "
      "https://chat.example.com\n"
      "  parleyd token --data /var/lib/parley --user alice\n");
}

} // namespace

options make_serve_options(const CLI::App& app, command_line_values& all) {
  all.serve.log_json = all.log_format == "json";
  all.serve.rate_limit = all.rate_limit != "off";
  all.serve.address_limit = all.rate_limit == "on";
  all.serve.search = all.search == "on";
  const auto notify_after = parse_duration(all.notify_after);
  if (!notify_after)
    return wrong_command_line(app, "--notify-after must be a number with s, m, h or d");
  all.serve.notify_after = *notify_after;
  const auto patience = parse_duration(all.screen_patience);
  if (!patience || *patience <= std::chrono::seconds{0})
    return wrong_command_line(app, "--screen-patience must be a number with s, m, h or d");
  all.serve.screen_patience = *patience;
  all.serve.screen_fails_open = all.screen_fail == "open";
  const auto cold_after = parse_duration(all.cold_after);
  if (!cold_after)
    return wrong_command_line(app, "--cold-after must be a number with s, m, h or d");
  all.serve.cold_after = *cold_after;
  const auto edit_window = parse_duration(all.edit_window);
  if (!edit_window)
    return wrong_command_line(app, "--edit-window must be a number with s, m, h or d");
  const auto delete_window = parse_duration(all.delete_window);
  if (!delete_window)
    return wrong_command_line(app, "--delete-window must be a number with s, m, h or d");
  all.serve.windows = {*edit_window, *delete_window};
  const auto at = parse_endpoint(all.serve.listen);
  if (!at)
    return wrong_command_line(app, "--listen must be a numeric address and a port");
  if (all.serve.dev && !at->address().is_loopback())
    return wrong_command_line(app, "--dev is refused on an address that others can reach");
  return std::move(all.serve);
}

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
  command_line_values all;
  all.serve.io_threads = default_io_threads();
  all.serve.workers = default_workers();
  CLI::App app{"Parley: a messaging server. Without a subcommand it serves WebSocket and HTTP.",
               "parleyd"};
  app.set_version_flag("--version", "parleyd " + std::string{version});
  app.require_subcommand(0, 1);
  add_serve_options(app, all);
  std::vector<const CLI::App*> added;
  for (const auto& each : command_line_tools())
    added.push_back(add_tool(each, app, all));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& outcome) {
    return end_options{app.exit(outcome)};
  }
  const auto said =
      std::find_if(added.begin(), added.end(), [](const auto* each) { return each->parsed(); });
  const auto* tool = said == added.end() ? nullptr : &command_line_tools()[said - added.begin()];
  std::string& data = tool ? tool->data(all) : all.serve.data;
  if (data.empty()) // what is not said behind the subcommand's name is as for the server
    data = all.serve.data;
  if (data.empty())
    return wrong_command_line(app, "--data is required");
  return tool ? tool->make(app, all) : make_serve_options(app, all);
}

} // namespace parley
