// The command line: what is asked for, and what is refused before anything is touched.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "transport/cli.hpp"
#include "transport/listener.hpp"

namespace {

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

} // namespace

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
