// What the server answers to which request, as tables: routes, upgrades, origins and refusals.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "transport/http_rules.hpp"
#include "transport/origin.hpp"

namespace http_rules_test {

using namespace parley;
using std::string;
using headers = std::vector<http_header>;

const edge_condition ready{true, false};

edge_config config() {
  edge_config made;
  made.origins = {"https://app.example.com", "https://app.example.com:8443"};
  return made;
}

/// A good upgrade; `more` replaces headers of the same name, and an empty value leaves one out.
http_request upgrade_with(const headers& more = {}) {
  http_request request{"GET", "/v1/ws", 11, {}, 0};
  headers all{{"Host", "chat.example.com"},
              {"Upgrade", "websocket"},
              {"Connection", "keep-alive, Upgrade"},
              {"Sec-WebSocket-Version", "13"},
              {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  for (const auto& each : more) {
    std::erase_if(all, [&](const auto& old) { return old.name == each.name; });
    if (!each.value.empty())
      all.push_back(each);
  }
  request.headers = std::move(all);
  return request;
}

int status(const http_request& request, const edge_config& by = config(),
           const edge_condition& now = ready) {
  const auto decision = decide(request, by, now);
  const auto* answer = std::get_if<http_answer>(&decision);
  return answer ? answer->status : 101;
}

http_request get(string path, string method = "GET") {
  static std::vector<string> kept;
  kept.reserve(1000);
  kept.push_back(std::move(method));
  const string& how = kept.back();
  kept.push_back(std::move(path));
  return {how, kept.back(), 11, {{"Host", "localhost"}}, 0};
}

TEST_CASE("a good upgrade is accepted, a request that lacks anything is not") {
  const std::vector<std::pair<headers, int>> table{
      {{}, 101},
      {{{"Connection", "close"}}, 426},
      {{{"Connection", ""}}, 426},
      {{{"Upgrade", "h2c"}}, 426},
      {{{"Upgrade", "WebSocket"}}, 101},
      {{{"Sec-WebSocket-Version", "8"}}, 426},
      {{{"Sec-WebSocket-Version", ""}}, 426},
      {{{"Sec-WebSocket-Key", ""}}, 400},
      {{{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ"}}, 400},
      {{{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ!="}}, 400},
      {{{"Host", ""}}, 400},
      {{{"Content-Length", "5"}}, 400},
      {{{"Transfer-Encoding", "chunked"}}, 400},
      {{{"Sec-WebSocket-Protocol", "chat"}}, 400},
      {{{"Sec-WebSocket-Protocol", "chat, parley.v1.json"}}, 101},
      {{{"Origin", "https://evil.example"}}, 403},
  };
  for (const auto& [more, expected] : table) {
    CAPTURE(more.empty() ? "" : string{more.front().name} + ": " + string{more.front().value});
    CHECK(status(upgrade_with(more)) == expected);
  }
  http_request old = upgrade_with();
  old.version = 10;
  CHECK(status(old) == 426);
  http_request impatient = upgrade_with();
  impatient.bytes_behind = 1;
  CHECK(status(impatient) == 400);
}

TEST_CASE("a header that decides something may appear once only") {
  for (const auto* name : {"Host", "Origin", "Authorization", "Upgrade", "Connection",
                           "Content-Length", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}) {
    http_request request = upgrade_with({{"Origin", "https://app.example.com"}});
    request.headers.push_back({name, "0"});
    request.headers.push_back({name, "0"});
    CAPTURE(name);
    CHECK(status(request) == 400);
  }
}

TEST_CASE("the client's first known subprotocol is spoken, JSON when none is offered") {
  const auto chosen = [](const headers& more) {
    return std::get<upgrade>(decide(upgrade_with(more), config(), ready));
  };
  CHECK(chosen({}).spoken == encoding::json);
  CHECK(chosen({}).subprotocol.empty());
  const auto packed = chosen({{"Sec-WebSocket-Protocol", "x,parley.v1.msgpack, parley.v1.json"}});
  CHECK(packed.spoken == encoding::msgpack);
  CHECK(packed.subprotocol == "parley.v1.msgpack");
  CHECK(chosen({{"Authorization", "Bearer  a.b.c "}}).bearer == "a.b.c");
  CHECK(chosen({{"Authorization", "bearer a.b.c"}}).bearer == "a.b.c");
  CHECK(chosen({{"Authorization", "Basic abc"}}).bearer == std::nullopt);
}

TEST_CASE("only listed origins may connect, compared as a whole") {
  const std::vector<std::pair<string, bool>> table{
      {"https://app.example.com", true},
      {"https://app.example.com:8443", true},
      {"https://app.example.com:443", false},
      {"http://app.example.com", false},
      {"https://APP.example.com", false},
      {"https://app.example.com.evil.net", false},
      {"https://evil.app.example.com", false},
      {"https://app.example.com/", false},
      {"https://u@app.example.com", false},
      {"https://xn--app.example.com", false},
      {"null", false},
      {"", false},
      {"http://localhost:3000", false},
  };
  for (const auto& [origin, allowed] : table) {
    CAPTURE(origin);
    CHECK(is_origin_allowed(origin, config().origins, false) == allowed);
  }
}

TEST_CASE("a developer's pages on this machine may connect as well") {
  for (const string good :
       {"http://localhost", "http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:80"})
    CHECK(is_origin_allowed(good, {}, true));
  for (const string bad :
       {"https://localhost", "http://localhost.evil.net",
        "http://localhost:", "http://localhost:80x", "http://localhost:123456",
        "http://localhost:1@evil.net", "http://127.0.0.1.evil.net", "http://127.0.0.2", "null"})
    CHECK_FALSE(is_origin_allowed(bad, {}, true));
}

TEST_CASE("a developer's server answers to loopback names only") {
  edge_config dev = config();
  dev.dev = true;
  CHECK(status(upgrade_with(), dev) == 421);
  CHECK(status(upgrade_with({{"Host", "localhost:8080"}}), dev) == 101);
  CHECK(status(get("/livez"), dev) == 200);
}

TEST_CASE("a token in the URL is refused, however it is written") {
  for (const string target : {"/v1/ws?token=a", "/v1/ws?x=1&access_token=a", "/v1/ws?TOKEN=a",
                              "/v1/ws?%74oken=a", "/v1/ws?token", "/livez?token=a"}) {
    http_request request = upgrade_with();
    request.target = target;
    CAPTURE(target);
    CHECK(status(request) == 400);
  }
  http_request harmless = upgrade_with();
  harmless.target = "/v1/ws?client=web&tokens=1";
  CHECK(status(harmless) == 101);
}

TEST_CASE("there are three resources, and each says which methods it takes") {
  CHECK(status(get("/livez")) == 200);
  CHECK(status(get("/readyz", "HEAD")) == 200);
  CHECK(status(get("/")) == 404);
  CHECK(status(get("/v1/ws/")) == 404);
  CHECK(status(get("/livez", "POST")) == 405);
  CHECK(status(get("/v1/ws", "HEAD")) == 405);
  const auto decision = decide(get("/readyz", "DELETE"), config(), ready);
  const auto& answer = std::get<http_answer>(decision);
  CHECK(answer.headers.front() == std::pair<string, string>{"Allow", "GET, HEAD"});
  CHECK(answer.content_type == "application/problem+json");
  CHECK(answer.close);
}

TEST_CASE("a server that is not ready or full says so and lives on") {
  CHECK(status(get("/readyz"), config(), {false, false}) == 503);
  CHECK(status(get("/livez"), config(), {false, false}) == 200);
  CHECK(status(upgrade_with(), config(), {false, false}) == 503);
  CHECK(status(upgrade_with(), config(), {true, true}) == 503);
  CHECK(status(get("/readyz"), config(), {true, true}) == 200);
}

TEST_CASE("without a descriptor to spare, health is still told and the rest is put off") {
  const auto told = [](std::string_view request) {
    return refuse_for_now(request, config(), ready).substr(0, 12);
  };
  CHECK(told("GET /livez HTTP/1.1\r\n") == "HTTP/1.1 200");
  CHECK(told("GET /readyz HTTP/1.1\r\n") == "HTTP/1.1 200");
  CHECK(told("GET /v1/ws HTTP/1.1\r\n") == "HTTP/1.1 503");
  CHECK(told("") == "HTTP/1.1 503");
  CHECK(refuse_for_now("", config(), ready).find("Connection: close") != string::npos);
}

TEST_CASE("an answer to HEAD has the headers of the body it leaves out") {
  const auto decision = decide(get("/readyz"), config(), ready);
  const auto& answer = std::get<http_answer>(decision);
  const string full = serialize(answer, "GET", config());
  const string head = serialize(answer, "HEAD", config());
  CHECK(full.ends_with(answer.body));
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(head.find("Content-Length: " + std::to_string(answer.body.size())) != string::npos);
  CHECK(answer.body.find("\"durability\":\"local-fsync\"") != string::npos);
}

TEST_CASE("metrics are for this machine and for administrators") {
  const auto asked = [](const headers& more, bool from_loopback) {
    auto request = get("/metrics");
    request.headers.insert(request.headers.end(), more.begin(), more.end());
    request.from_loopback = from_loopback;
    return std::get<metrics_question>(decide(request, config(), ready));
  };
  CHECK(asked({}, true).trusted);
  CHECK_FALSE(asked({}, false).trusted);
  for (const char* forwarding : {"Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"})
    CHECK_FALSE(asked({{forwarding, "192.0.2.1"}}, true).trusted);
  auto rebound = get("/metrics"); // a page of evil.example, whose name leads to this machine
  rebound.from_loopback = true;
  for (auto& each : rebound.headers)
    if (each.name == "Host")
      each.value = "evil.example";
  CHECK_FALSE(std::get<metrics_question>(decide(rebound, config(), ready)).trusted);
  CHECK(asked({{"Authorization", "Bearer abc"}}, false).bearer == "abc");
  CHECK(asked({{"Connection", "close"}}, true).close);
  CHECK(status(get("/metrics", "POST")) == 405);
  CHECK(status(get("/metrics?token=x")) == 400);

  const auto authenticate = [](std::string_view token) -> result<identity> {
    if (token == "admin" || token == "user")
      return identity{user_id{"someone"}, {}, {}, token == "admin"};
    return failure{error_code::token_expired, "it was good once", {}};
  };
  const auto answer = [&](bool trusted, std::optional<string> bearer) {
    return answer_metrics({trusted, std::move(bearer), false}, authenticate, [] { return "text"; });
  };
  CHECK(answer(true, {}).body == "text");
  CHECK(answer(true, "nonsense").status == 200);
  CHECK(answer(false, "admin").body == "text");
  const auto nobody = answer(false, {});
  CHECK(nobody.status == 401);
  CHECK(nobody.content_type == "application/problem+json");
  CHECK(nobody.headers.front() == std::pair<string, string>{"WWW-Authenticate", "Bearer"});
  CHECK(answer(false, "old").body.find("token_expired") != string::npos);
  CHECK(answer(false, "user").status == 403);
  CHECK(answer(false, "user").body.find("text") == string::npos);
}

TEST_CASE("who connects too often is told when to come again") {
  const string told = refuse_too_fast(std::chrono::milliseconds{1200}, config());
  CHECK(told.starts_with("HTTP/1.1 429 Too Many Requests\r\n"));
  CHECK(told.find("\r\nRetry-After: 2\r\n") != string::npos);
  CHECK(told.find("\r\nConnection: close\r\n") != string::npos);
  CHECK(told.find("application/problem+json") != string::npos);
  CHECK(told.find("\"code\":\"rate_limited\"") != string::npos);
}

} // namespace http_rules_test
