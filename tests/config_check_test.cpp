// `parleyd config check`: what would keep a server from starting, and what somebody may not have
// meant.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/cli_config.hpp"

namespace config_check_test {

using namespace parley;
using parley::test::temporary_directory;
using std::string;

const std::chrono::sys_seconds now{std::chrono::seconds{1'769'860'800}};

/// Settings that are good, in a directory of their own.
serve_options good_ones(const temporary_directory& place) {
  serve_options all;
  all.data = (place.path() / "data").string();
  all.most_sessions = 10;
  return all;
}

bool has(const std::vector<string>& all, std::string_view part) {
  return std::any_of(all.begin(), all.end(),
                     [&](const string& each) { return each.find(part) != string::npos; });
}

string write_file(const temporary_directory& place, const string& name, const string& text,
                  mode_t mode = 0600) {
  const string file = (place.path() / name).string();
  std::ofstream{file} << text;
  ::chmod(file.c_str(), mode);
  return file;
}

TEST_CASE("settings of a server that can be started have no problems") {
  const temporary_directory place;
  const auto found = look_at_config(good_ones(place), now);
  CHECK(found.problems.empty());
  CHECK(found.warnings.empty());
  CHECK_FALSE(std::filesystem::exists(place.path() / "data")); // nothing is made
}

TEST_CASE("all that is wrong is said at once") {
  const temporary_directory place;
  auto all = good_ones(place);
  all.data = write_file(place, "file", "no directory");
  all.tls = {"/nowhere/cert.pem", "/nowhere/key.pem"};
  all.jwt.key_files = {"/nowhere/key.pub"};
  all.webhooks = write_file(place, "hooks.json", "[{]");
  all.screen = "ftp://screen.example";
  const auto found = look_at_config(all, now);
  CHECK(found.problems.size() == 5);
  for (const string part :
       {"is not a directory", "/nowhere/cert.pem", "/nowhere/key.pub", "hooks.json", "--screen"}) {
    CAPTURE(part);
    CHECK(has(found.problems, part));
  }
  CHECK(has(found.warnings, "--jwt-audience"));
}

TEST_CASE("what is not meant is warned of") {
  const temporary_directory place;
  auto all = good_ones(place);
  std::filesystem::create_directory(all.data);
  ::chmod(all.data.c_str(), 0755);
  all.listen = "0.0.0.0:8080";
  all.origins = {"https://good.example", "https://bad.example/"};
  all.most_sessions = 1'000'000'000;
  all.webhooks = write_file(place, "hooks.json",
                            R"([{"id":"audit","url":"http://hooks.example/a",
                                 "secrets":["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
                                 "events":["*"]}])",
                            0644);
  const auto found = look_at_config(all, now);
  CHECK(found.problems.empty());
  for (const string part : {"can be entered by others", "plain HTTP", "https://bad.example/",
                            "is told without TLS", "has secrets"}) {
    CAPTURE(part);
    CHECK(has(found.warnings, part));
  }
  CHECK_FALSE(has(found.warnings, "good.example"));
}

TEST_CASE("a key that nobody may have is a problem, and none yet is fine") {
  const temporary_directory place;
  auto all = good_ones(place);
  all.secret_file = write_file(place, "short.key", "short");
  CHECK(has(look_at_config(all, now).problems, "short.key"));
  all.secret_file = write_file(place, "open.key", string(64, 'k'), 0644);
  CHECK(has(look_at_config(all, now).problems, "open.key"));
  all.secret_file = write_file(place, "good.key", string(64, 'k'));
  CHECK(look_at_config(all, now).problems.empty());
}

TEST_CASE("what a killed backup left is no data directory") {
  const temporary_directory place;
  auto all = good_ones(place);
  std::filesystem::create_directory(all.data);
  std::ofstream{all.data + "/unfinished_backup"} << "x";
  CHECK(look_at_config(all, now).problems.size() == 1);
}

TEST_CASE("origins are what browsers send") {
  for (const string good : {"https://a.example", "http://localhost:3000", "capacitor://localhost",
                            "https://a.example:8443"})
    CHECK(flaw_of_origin(good).empty());
  for (const string bad :
       {"a.example", "https://", "https://a.example/", "https://a.example/app", "https://A.example",
        "https://a.example:443", "http://a.example:80", "https://*.example", "*"})
    CHECK_FALSE(flaw_of_origin(bad).empty());
}

} // namespace config_check_test
