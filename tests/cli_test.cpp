// The command line: what is asked for, and what is refused before anything is touched.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/support/temporary_directory.hpp"
#include "transport/cli.hpp"
#include "transport/listener.hpp"

namespace cli_test {

using namespace parley;
using namespace std::chrono_literals;
using std::string;

options parse(std::vector<string> words) {
  std::vector<char*> arguments{const_cast<char*>("parleyd")};
  for (auto& word : words)
    arguments.push_back(word.data());
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), "0");
}

int status(std::vector<string> words) {
  const auto asked = parse(std::move(words));
  const auto* end = std::get_if<end_options>(&asked);
  return end ? end->status : -1;
}

/// What is printed to standard output for these words.
string printed(std::vector<string> words) {
  std::ostringstream out;
  auto* before = std::cout.rdbuf(out.rdbuf());
  parse(std::move(words));
  std::cout.rdbuf(before);
  return out.str();
}

/// Variables for the length of a test.
class environment_of_test {
public:
  explicit environment_of_test(std::vector<std::pair<string, string>> variables)
      : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_)
      ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~environment_of_test() {
    for (const auto& [name, value] : variables_)
      ::unsetenv(name.c_str());
  }
  environment_of_test(const environment_of_test&) = delete;
  environment_of_test& operator=(const environment_of_test&) = delete;

private:
  std::vector<std::pair<string, string>> variables_;
};

TEST_CASE("durations have a unit, seconds when none is given") {
  CHECK(parse_duration("90") == 90s);
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("15m") == 15min);
  CHECK(parse_duration("24h") == 24h);
  CHECK(parse_duration("7d") == 168h);
  for (const string bad : {"", "h", "-1h", "1w", "1 h", "1hh", "99999999999d", "1.5h"})
    CHECK_FALSE(parse_duration(bad).has_value());
}

TEST_CASE("addresses are numeric, or localhost") {
  CHECK(parse_endpoint("127.0.0.1:0")->address().is_loopback());
  CHECK(parse_endpoint("localhost:8080")->port() == 8080);
  CHECK(parse_endpoint("[::1]:65535")->address().is_v6());
  for (const string bad : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "example.com:80", "127.0.0.1:80x"})
    CHECK_FALSE(parse_endpoint(bad).has_value());
}

TEST_CASE("a server needs a data directory, and a developer's one an address of this machine") {
  CHECK(std::get<serve_options>(parse({"--data", "d"})).listen == "127.0.0.1:8080");
  CHECK(status({}) > 0);
  CHECK(status({"--data", "d", "--listen", "here"}) > 0);
  CHECK(status({"--data", "d", "--dev", "--listen", "0.0.0.0:8080"}) > 0);
  CHECK(std::get<serve_options>(parse({"--data", "d", "--dev", "--listen", "[::1]:0"})).dev);
  CHECK_FALSE(std::get<serve_options>(parse({"--data", "d", "--rate-limit", "off"})).rate_limit);
  const auto origins =
      std::get<serve_options>(parse({"--data", "d", "--origin", "a", "--origin", "b"})).origins;
  CHECK(origins == std::vector<string>{"a", "b"});
  CHECK(status({"--version"}) == 0);
}

TEST_CASE("a token is for one user or for a file of them") {
  const auto asked = std::get<token_options>(
      parse({"token", "--data", "d", "--user", "alice", "--ttl", "7d", "--admin"}));
  CHECK(asked.user == "alice");
  CHECK(asked.lifetime == 168h);
  CHECK(asked.admin);
  CHECK(status({"token", "--data", "d"}) > 0);
  CHECK(status({"token", "--user", "a"}) > 0);
  CHECK(status({"token", "--data", "d", "--user", "a", "--users", "f"}) > 0);
  CHECK(status({"token", "--data", "d", "--user", "a", "--ttl", "soon"}) > 0);
}

TEST_CASE("an export is of one conversation or user, and an erasure says what becomes of it") {
  const auto room = std::get<export_options>(
      parse({"export", "--data", "d", "--conversation", "c1", "--output", "-"}));
  CHECK(room.conversation == "c1");
  CHECK(room.output == "-");
  CHECK(std::get<export_options>(parse({"export", "--data", "d", "--user", "a", "--output", "f"}))
            .user == "a");
  CHECK(status({"export", "--data", "d", "--output", "f"}) > 0);
  CHECK(status({"export", "--data", "d", "--user", "a"}) > 0);
  CHECK(status({"export", "--data", "d", "--user", "a", "--conversation", "c", "--output", "f"}) >
        0);
  CHECK(status({"export", "--user", "a", "--output", "f"}) > 0);
  const auto gone = std::get<erase_options>(
      parse({"erase", "--data", "d", "--user", "a b", "--policy", "delete"}));
  CHECK(gone.user == "a b");
  CHECK(gone.policy == "delete");
  CHECK(std::get<erase_options>(parse({"erase", "--data", "d", "--receipt", "r"})).receipt == "r");
  CHECK(status({"erase", "--data", "d", "--user", "a"}) > 0);
  CHECK(status({"erase", "--data", "d", "--user", "a", "--policy", "maybe"}) > 0);
  CHECK(status({"erase", "--data", "d", "--user", "a\nb", "--policy", "delete"}) > 0);
}

TEST_CASE("a certificate comes with its key") {
  const auto asked =
      std::get<serve_options>(parse({"--data", "d", "--tls-cert", "c", "--tls-key", "k"}));
  CHECK(asked.tls.cert == "c");
  CHECK(asked.tls.key == "k");
  CHECK(std::get<serve_options>(parse({"--data", "d"})).tls.cert.empty());
  CHECK(status({"--data", "d", "--tls-cert", "c"}) > 0);
  CHECK(status({"--data", "d", "--tls-key", "k"}) > 0);
  CHECK(status({"--data", "d", "--tls-cert", "", "--tls-key", ""}) > 0);
}

TEST_CASE("public keys stand instead of a secret, and what is asked of tokens needs them") {
  const auto asked = std::get<serve_options>(
      parse({"--data", "d", "--jwt-key", "old", "--jwt-key", "new", "--jwt-issuer", "i",
             "--jwt-audience", "a", "--jwt-admin-claim", "c"}));
  CHECK(asked.jwt.key_files == std::vector<string>{"old", "new"});
  CHECK(asked.jwt.issuer == "i");
  CHECK(asked.jwt.audience == "a");
  CHECK(asked.jwt.admin_claim == "c");
  CHECK(std::get<serve_options>(parse({"--data", "d"})).jwt.key_files.empty());
  CHECK(status({"--data", "d", "--jwt-key", "k", "--jwt-secret-file", "s"}) > 0);
  for (const string rule : {"--jwt-issuer", "--jwt-audience", "--jwt-admin-claim"}) {
    CAPTURE(rule);
    CHECK(status({"--data", "d", rule, "x"}) > 0);
    CHECK(status({"--data", "d", "--jwt-key", "k", rule, ""}) > 0);
  }
  const auto token =
      std::get<token_options>(parse({"token", "--data", "d", "--user", "a", "--jwt-key", "k"}));
  CHECK(token.external_keys);
}

TEST_CASE("a backup needs a place") {
  const auto asked = std::get<backup_options>(parse({"backup", "--data", "d", "--to", "b"}));
  CHECK(asked.data == "d");
  CHECK(asked.to == "b");
  CHECK(status({"backup", "--data", "d"}) > 0);
  CHECK(status({"backup", "--to", "b"}) > 0);
  CHECK(std::get<check_options>(parse({"check", "--data", "d"})).data == "d");
}

TEST_CASE("the limit of addresses can be lifted alone") {
  const auto limits_of = [](const char* word) {
    const auto asked = std::get<serve_options>(parse({"--data", "d", "--rate-limit", word}));
    return std::pair{asked.rate_limit, asked.address_limit};
  };
  CHECK(limits_of("on") == std::pair{true, true});
  CHECK(limits_of("users") == std::pair{true, false});
  CHECK(limits_of("off") == std::pair{false, false});
  CHECK(status({"--data", "d", "--rate-limit", "sometimes"}) > 0);
  CHECK(status({"--data", "d", "--cold-after", "old"}) > 0);
}

TEST_CASE("every option of the server may be a variable") {
  const environment_of_test all{{{"PARLEY_DATA", "d"},
                                 {"PARLEY_LISTEN", "127.0.0.1:1"},
                                 {"PARLEY_DEV", "true"},
                                 {"PARLEY_ORIGIN", "https://a,https://b"},
                                 {"PARLEY_JWT_KEY", "old,new"},
                                 {"PARLEY_JWT_ISSUER", "i"},
                                 {"PARLEY_JWT_AUDIENCE", "a"},
                                 {"PARLEY_JWT_ADMIN_CLAIM", "c"},
                                 {"PARLEY_TLS_CERT", "cert"},
                                 {"PARLEY_TLS_KEY", "key"},
                                 {"PARLEY_MAX_SESSIONS", "7"},
                                 {"PARLEY_IO_THREADS", "3"},
                                 {"PARLEY_WORKERS", "4"},
                                 {"PARLEY_RATE_LIMIT", "off"},
                                 {"PARLEY_COLD_AFTER", "12h"},
                                 {"PARLEY_LOG_FORMAT", "json"},
                                 {"PARLEY_LOG_LEVEL", "debug"}}};
  const auto asked = std::get<serve_options>(parse({}));
  CHECK(asked.data == "d");
  CHECK(asked.listen == "127.0.0.1:1");
  CHECK(asked.dev);
  CHECK(asked.origins == std::vector<string>{"https://a", "https://b"});
  CHECK(asked.jwt.key_files == std::vector<string>{"old", "new"});
  CHECK(asked.jwt.issuer == "i");
  CHECK(asked.jwt.audience == "a");
  CHECK(asked.jwt.admin_claim == "c");
  CHECK(asked.tls.cert == "cert");
  CHECK(asked.tls.key == "key");
  CHECK(asked.most_sessions == 7);
  CHECK(asked.io_threads == 3);
  CHECK(asked.workers == 4);
  CHECK_FALSE(asked.rate_limit);
  CHECK(asked.cold_after == std::chrono::hours{12});
  CHECK(asked.log_level == "debug");
  CHECK(asked.log_json);
  const environment_of_test wrong{{{"PARLEY_WORKERS", "many"}}};
  CHECK(status({}) > 0);
}

TEST_CASE("subcommands take directory and key from where the server does") {
  const environment_of_test all{{{"PARLEY_DATA", "d"}, {"PARLEY_JWT_SECRET_FILE", "s"}}};
  CHECK(std::get<serve_options>(parse({})).secret_file == "s");
  const auto token = std::get<token_options>(parse({"token", "--user", "alice"}));
  CHECK(token.data == "d");
  CHECK(token.secret_file == "s");
  CHECK(std::get<token_options>(parse({"token", "--user", "a", "--data", "x"})).data == "x");
  CHECK(std::get<check_options>(parse({"check"})).data == "d");
  CHECK(std::get<check_options>(parse({"check", "--data", "x"})).data == "x");
  CHECK(std::get<backup_options>(parse({"backup", "--to", "b"})).data == "d");
}

TEST_CASE("the command line comes first, then variables, then the file") {
  const parley::test::temporary_directory place;
  const string file = (place.path() / "parley.toml").string();
  std::ofstream{file} << "data = \"of the file\"\nworkers = 2\nmax-sessions = 9\n"
                         "origin = [\"https://f\", \"https://g\"]\ndev = true\n";
  {
    const auto asked = std::get<serve_options>(parse({"--config", file}));
    CHECK(asked.data == "of the file");
    CHECK(asked.workers == 2);
    CHECK(asked.dev);
    CHECK(asked.origins == std::vector<string>{"https://f", "https://g"});
  }
  const environment_of_test variables{
      {{"PARLEY_CONFIG", file}, {"PARLEY_WORKERS", "3"}, {"PARLEY_MAX_SESSIONS", "8"}}};
  const auto asked = std::get<serve_options>(parse({"--max-sessions", "7"}));
  CHECK(asked.data == "of the file");
  CHECK(asked.workers == 3);
  CHECK(asked.most_sessions == 7);
}

TEST_CASE("files are bounded by their size and their types") {
  const auto unsaid = std::get<serve_options>(parse({"--data", "d"}));
  CHECK(unsaid.file_bytes == 26'214'400);
  CHECK(unsaid.file_types.empty());
  const environment_of_test variables{{{"PARLEY_FILE_TYPES", "image/*,application/pdf"}}};
  const auto asked = std::get<serve_options>(parse({"--data", "d", "--file-bytes", "0"}));
  CHECK(asked.file_bytes == 0);
  CHECK(asked.file_types == std::vector<string>{"image/*", "application/pdf"});
  CHECK(status({"--data", "d", "--file-types", "pictures"}) > 0);
  CHECK(status({"--data", "d", "--file-bytes", "-1"}) > 0);
}

TEST_CASE("what is kept is bounded by days and by messages") {
  const auto unsaid = std::get<serve_options>(parse({"--data", "d"}));
  CHECK(unsaid.retain_days == 0);
  CHECK(unsaid.retain_messages == 0);
  const environment_of_test variables{{{"PARLEY_RETAIN_DAYS", "30"}}};
  const auto asked = std::get<serve_options>(parse({"--data", "d", "--retain-messages", "500"}));
  CHECK(asked.retain_days == 30);
  CHECK(asked.retain_messages == 500);
  CHECK(status({"--data", "d", "--retain-days", "36501"}) > 0);
  CHECK(status({"--data", "d", "--retain-messages", "-1"}) > 0);
}

TEST_CASE("a file that is not there, or says what nobody knows, is refused") {
  const parley::test::temporary_directory place;
  const string file = (place.path() / "parley.toml").string();
  CHECK(status({"--data", "d", "--config", file}) > 0);
  {
    const environment_of_test variables{{{"PARLEY_CONFIG", file}}};
    CHECK(status({"--data", "d"}) > 0);
  }
  std::ofstream{file} << "max-session = 9\n";
  CHECK(status({"--data", "d", "--config", file}) > 0);
}

TEST_CASE("an empty variable is none") {
  const environment_of_test variables{{{"PARLEY_TLS_CERT", ""}, {"PARLEY_WORKERS", ""}}};
  CHECK(std::get<serve_options>(parse({"--data", "d"})).tls.cert.empty());
}

TEST_CASE("the help names every option with its variable, its default, and an example") {
  const string help = printed({"--help"});
  for (const string each :
       {"--data", "PARLEY_DATA", "--listen", "127.0.0.1:8080", "PARLEY_MAX_SESSIONS", "100000",
        "--config", "Connections", "Tokens", "Example", "token", "check", "backup"}) {
    CAPTURE(each);
    CHECK(help.find(each) != string::npos);
  }
  for (const string sub : {"token", "check", "backup"}) {
    CAPTURE(sub);
    const string of_it = printed({sub, "--help"});
    CHECK(of_it.find("--data") != string::npos);
    CHECK(of_it.find("Example:\n  parleyd " + sub) != string::npos);
  }
}

TEST_CASE("webhooks are named by a file, and looked at by a subcommand") {
  const auto serve = std::get<serve_options>(
      parse({"--data", "/d", "--webhooks", "/hooks.json", "--webhooks-private"}));
  CHECK(serve.webhooks == "/hooks.json");
  CHECK(serve.webhooks_private);
  CHECK(std::get<serve_options>(parse({"--data", "/d"})).webhooks.empty());
  CHECK(status({"--data", "/d", "--webhooks-private"}) > 100);
  CHECK(status({"--data", "/d", "--webhooks", ""}) > 100);
  CHECK(std::get<webhooks_options>(parse({"webhooks", "--data", "/d"})).redeliver.empty());
  CHECK(std::get<webhooks_options>(parse({"webhooks", "--data", "/d", "--redeliver", "audit"}))
            .redeliver == "audit");
  CHECK(status({"webhooks"}) > 100);
  const environment_of_test variables{{{"PARLEY_WEBHOOKS", "/from/variable.json"}}};
  CHECK(std::get<serve_options>(parse({"--data", "/d"})).webhooks == "/from/variable.json");
}

TEST_CASE("how long authors may edit and delete is the operator's to say") {
  const auto unsaid = std::get<serve_options>(parse({"--data", "d"}));
  CHECK(unsaid.windows.edit == std::chrono::hours{24});
  CHECK(unsaid.windows.erase == std::chrono::hours{24});
  const auto asked = std::get<serve_options>(
      parse({"--data", "d", "--edit-window", "15m", "--delete-window", "0"}));
  CHECK(asked.windows.edit == std::chrono::minutes{15});
  CHECK(asked.windows.erase == std::chrono::seconds{0});
  CHECK(status({"--data", "d", "--edit-window", "soon"}) > 0);
  CHECK(status({"--data", "d", "--delete-window", "-1h"}) > 0);
}

TEST_CASE("the messages page is a directory, and its login an address") {
  const auto serve = std::get<serve_options>(
      parse({"--data", "d", "--page", "/page", "--login", "https://login.example/"}));
  CHECK(serve.page == "/page");
  CHECK(serve.login == "https://login.example/");
  CHECK(std::get<serve_options>(parse({"--data", "d"})).page.empty());
  CHECK(status({"--data", "d", "--page", ""}) > 100);
  CHECK(status({"--data", "d", "--login", "javascript:alert(1)"}) > 100);
}

} // namespace cli_test
