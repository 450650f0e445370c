// The messages page as it is read and answered: what browsers keep, what they may run, who gets a
// token, and what is said where there is no page.
#include "transport/page.hpp"

#include <algorithm>
#include <fstream>

#include "actors/limits_page.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/cli.hpp"
#include "transport/origin.hpp"

namespace page_test {

using namespace parley;
using parley::test::temporary_directory;
using std::string;
namespace fs = std::filesystem;

void write(const fs::path& file, const string& content) {
  fs::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << content;
}

/// A page as the build leaves it.
fs::path build_page(const fs::path& directory) {
  write(directory / "index.html", "<!doctype html>messages");
  write(directory / "index.html.gz", "packed messages");
  write(directory / "admin.html", "<!doctype html>admin");
  write(directory / "assets/main-abc123.js", "script()");
  write(directory / "icon.svg", "<svg/>");
  return directory;
}

struct asked {
  string method = "GET", target;
  std::vector<http_header> headers = {};
};

edge_config config_with(built_page with) {
  edge_config made;
  made.version = "9.8";
  made.page = std::make_shared<const built_page>(std::move(with));
  return made;
}

http_answer answer_of(const edge_config& config, asked what) {
  http_request request{what.method, what.target, 11, {{"Host", "chat.example"}}, 0};
  request.headers.insert(request.headers.end(), what.headers.begin(), what.headers.end());
  const auto decision = decide(request, config, {true, false});
  const auto* answer = std::get_if<http_answer>(&decision);
  REQUIRE(answer != nullptr);
  return *answer;
}

string header(const http_answer& of, std::string_view name) {
  for (const auto& [each, value] : of.headers)
    if (each == name)
      return value;
  return "";
}

TEST_CASE("the root leads to the page, and the page is both of its documents") {
  const temporary_directory place;
  const auto config = config_with(*built_page::read(build_page(place.path() / "page")));
  const auto moved = answer_of(config, {"GET", "/"});
  CHECK(moved.status == 302);
  CHECK(header(moved, "Location") == "/messages");
  CHECK(answer_of(config, {"GET", "/messages"}).body == "<!doctype html>messages");
  CHECK(answer_of(config, {"GET", "/messages/"}).body == "<!doctype html>messages");
  CHECK(answer_of(config, {"GET", "/admin"}).body == "<!doctype html>admin");
  CHECK(answer_of(config, {"GET", "/messages/icon.svg"}).content_type == "image/svg+xml");
  for (const string nothing : {"/messages/other", "/messages/../index.html", "/messages/token",
                               "/messages/index.html.gz", "/admin/", "/messagesx"})
    CHECK(answer_of(config, {"GET", nothing}).status == 404);
  CHECK(answer_of(config, {"POST", "/messages"}).status == 405);
  CHECK(answer_of(config, {"GET", "/messages?token=x"}).status == 400);
  CHECK(answer_of(config, {"GET", "/messages", {{"Content-Length", "3"}}}).status == 400);
}

TEST_CASE("a document is asked for again, what has a digest in its name is not") {
  const temporary_directory place;
  const auto config = config_with(*built_page::read(build_page(place.path() / "page")));
  const auto document = answer_of(config, {"GET", "/messages"});
  CHECK(header(document, "Cache-Control") == "no-cache");
  CHECK(header(document, "Content-Encoding").empty());
  const auto script = answer_of(config, {"GET", "/messages/assets/main-abc123.js"});
  CHECK(header(script, "Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(header(script, "ETag") != header(document, "ETag"));
  const auto tag = header(document, "ETag");
  const auto again = answer_of(config, {"GET", "/messages", {{"If-None-Match", tag}}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  const string bytes = serialize(script, "HEAD", config);
  CHECK(bytes.find("Cache-Control: public") != string::npos);
  CHECK(bytes.find("no-store") == string::npos);
  CHECK(bytes.find("script()") == string::npos);
}

TEST_CASE("what was built compressed is sent so to who takes it") {
  const temporary_directory place;
  const auto config = config_with(*built_page::read(build_page(place.path() / "page")));
  const auto packed = answer_of(config, {"GET", "/messages", {{"Accept-Encoding", "br, gzip"}}});
  CHECK(packed.body == "packed messages");
  CHECK(header(packed, "Content-Encoding") == "gzip");
  CHECK(header(packed, "Vary") == "Accept-Encoding");
  const auto plain =
      answer_of(config, {"GET", "/messages/assets/main-abc123.js", {{"Accept-Encoding", "gzip"}}});
  CHECK(plain.body == "script()");
}

TEST_CASE("nothing of another origin, and nothing written into the document, is run") {
  const temporary_directory place;
  const auto config = config_with(*built_page::read(build_page(place.path() / "page")));
  const auto policy = header(answer_of(config, {"GET", "/admin"}), "Content-Security-Policy");
  CHECK(policy.find("default-src 'none'") != string::npos);
  CHECK(policy.find("script-src 'self';") != string::npos);
  CHECK(policy.find("style-src 'self';") != string::npos);
  CHECK(policy.find("unsafe") == string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != string::npos);
}

TEST_CASE("a token for any name is a developer's alone, and no other page's") {
  const temporary_directory place;
  auto page = *built_page::read(build_page(place.path() / "page"));
  page.login = "https://login.example/?to=parley";
  const auto sober = config_with(page);
  CHECK(answer_of(sober, {"GET", "/messages/settings"}).body ==
        "{\"dev\":false,\"login\":\"https://login.example/?to=parley\",\"version\":\"9.8\"}\n");
  page.token = [](const string& user) { return user == "bad" ? "" : "token of " + user; };
  const auto config = config_with(page);
  const string settings = answer_of(config, {"GET", "/messages/settings"}).body;
  CHECK(settings.find("\"dev\":true") != string::npos);
  CHECK(answer_of(config, {"GET", "/messages/token?user=al%20ice"}).body ==
        "{\"token\":\"token of al ice\"}\n");
  CHECK(answer_of(config, {"GET", "/messages/token?user=bad"}).status == 400);
  CHECK(answer_of(config, {"GET", "/messages/token"}).status == 400);
  const string target = "/messages/token?user=alice";
  CHECK(answer_of(config, {"GET", target, {{"Sec-Fetch-Site", "cross-site"}}}).status == 403);
  CHECK(answer_of(config, {"GET", target, {{"Origin", "https://evil.example"}}}).status == 403);
  CHECK(answer_of(config, {"GET", target, {{"Origin", "http://chat.example"}}}).status == 200);
}

TEST_CASE("a page that was not built says so, and how to build it") {
  const auto config = config_with({});
  CHECK(answer_of(config, {"GET", "/"}).status == 302);
  for (const string path : {"/messages", "/admin", "/messages/settings"}) {
    const auto answer = answer_of(config, {"GET", path});
    CHECK(answer.status == 404);
    CHECK(answer.body.find("was not built") != string::npos);
  }
}

TEST_CASE("the page of this very server may connect, and no page where none is served") {
  const temporary_directory place;
  const auto config = config_with(*built_page::read(build_page(place.path() / "page")));
  const auto is_upgrade = [](const edge_config& by, std::string_view origin) {
    const http_request request{"GET",
                               "/v1/ws",
                               11,
                               {{"Host", "chat.example:8080"},
                                {"Upgrade", "websocket"},
                                {"Connection", "Upgrade"},
                                {"Sec-WebSocket-Version", "13"},
                                {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                {"Origin", origin}},
                               0};
    return std::holds_alternative<upgrade>(decide(request, by, {true, false}));
  };
  CHECK(is_upgrade(config, "https://chat.example:8080"));
  CHECK_FALSE(is_upgrade(config, "https://chat.example"));
  CHECK_FALSE(is_upgrade(config, "https://evil.example:8080"));
  CHECK_FALSE(is_upgrade(config, "null"));
  CHECK_FALSE(is_upgrade(config_with({}), "https://chat.example:8080"));
  CHECK_FALSE(is_own_origin("https://", ""));
}

TEST_CASE("a directory that is no page, or too much of one, is not taken") {
  const temporary_directory place;
  CHECK(built_page::read(place.path() / "missing").error().code == error_code::unavailable);
  write(place.path() / "half/index.html", "alone");
  CHECK(built_page::read(place.path() / "half").error().code == error_code::bad_request);
  const auto many = build_page(place.path() / "many");
  for (std::size_t i = 0; i <= 2 * limits::built_page_files; ++i)
    write(many / ("assets/" + std::to_string(i) + ".js"), "x");
  CHECK(built_page::read(many).error().code == error_code::bad_request);
  const auto large = build_page(place.path() / "large");
  write(large / "assets/large.js", string(limits::built_page_file_bytes + 1, 'x'));
  CHECK(built_page::read(large).error().code == error_code::bad_request);
}

} // namespace page_test
