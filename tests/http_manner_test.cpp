// What all requests below `/v1/` have in common, whatever they are about.
#include "transport/http_manner.hpp"

#include "tests/support/catch.hpp"
#include "transport/http_routes.hpp"

using namespace parley;

namespace http_manner_test {

using std::string;
using headers = std::vector<http_header>;

const string page = "https://app.example.com";

http_decision ask(std::string_view method, std::string_view path, headers more = {}) {
  edge_config config;
  config.origins = {page};
  config.file_bytes = 1000;
  more.push_back({"Host", "chat.example.com"});
  return decide({method, path, 11, std::move(more), 0}, config, {true, false});
}

http_answer answer(std::string_view method, std::string_view path, headers more = {}) {
  return std::get<http_answer>(ask(method, path, std::move(more)));
}

string field(const http_answer& of, std::string_view name) {
  const auto found = std::find_if(of.headers.begin(), of.headers.end(),
                                  [&](const auto& each) { return each.first == name; });
  return found == of.headers.end() ? "" : found->second;
}

/// How a request below `/v1/` is to be answered, whatever it is about.
const request_manner* manner_in(const http_decision& decided) {
  return std::visit(
      [](const auto& what) -> const request_manner* {
        if constexpr (requires { what.how; })
          return &what.how;
        else
          return nullptr;
      },
      decided);
}

/// Each operation of both tables, with something in place of what its path names.
std::vector<std::array<string, 3>> operations() {
  std::vector<std::array<string, 3>> all;
  const auto add = [&](const auto& each) {
    string path{each.path};
    for (auto at = path.find('{'); at != string::npos; at = path.find('{'))
      path.replace(at, path.find('}') - at + 1, "1");
    if (path.starts_with("/v1/"))
      all.push_back({string{each.id}, string{each.method}, std::move(path)});
  };
  for (const auto& each : rest_operations())
    add(each);
  for (const auto& each : http_routes())
    add(each);
  return all;
}

TEST_CASE("every path says its methods, to a page only if its origin is listed") {
  for (const auto& [id, method, path] : operations()) {
    CAPTURE(id);
    const auto told = answer("OPTIONS", path);
    CHECK(told.status == 204);
    CHECK((", " + field(told, "Allow") + ",").find(", " + method + ",") != string::npos);
    CHECK(field(told, "Access-Control-Allow-Methods").empty());
    const auto opened = answer("OPTIONS", path, {{"Origin", page}, {"X-Request-Id", "r1"}});
    CHECK(opened.status == 204);
    CHECK(field(opened, "Access-Control-Allow-Origin") == page);
    CHECK(field(opened, "Access-Control-Allow-Methods") == field(told, "Allow"));
    CHECK(field(opened, "X-Request-Id") == "r1");
    const auto closed = answer("OPTIONS", path, {{"Origin", "https://evil.example.com"}});
    CHECK(closed.status == 403);
    CHECK(field(closed, "Access-Control-Allow-Origin").empty());
    CHECK(answer("OPTIONS", path, {{"Content-Length", "1"}}).status == 400);
  }
}

TEST_CASE("every request has its name, its trace and its page, and every GET can be a HEAD") {
  const string trace = "0af7651916cd43dd8448eb211c80319c";
  const string parent = "00-" + trace + "-b7ad6b7169203331-01";
  for (const auto& [id, method, path] : operations()) {
    CAPTURE(id);
    headers more{{"Authorization", "Bearer t"}, {"Origin", page},
                 {"X-Request-Id", "r1"},        {"traceparent", parent},
                 {"If-None-Match", "\"a\""},    {"Connection", "close"}};
    if (method != "GET" && method != "DELETE")
      more.insert(more.end(), {{"Content-Type", "application/json"}, {"Content-Length", "2"}});
    const string target = id == "eraseUser" ? path + "?policy=delete" : path;
    for (const string& as : {method, string{method == "GET" ? "HEAD" : method}}) {
      const auto decided = ask(as, target, more);
      const auto* how = manner_in(decided);
      if (how == nullptr) { // it has no body, or needs another query
        CHECK(field(std::get<http_answer>(decided), "X-Request-Id") == "r1");
        CHECK(field(std::get<http_answer>(decided), "Access-Control-Allow-Origin") == page);
        continue;
      }
      CHECK(how->operation == id);
      CHECK(how->method == method);
      CHECK(how->head_only == (as == "HEAD"));
      CHECK(how->request_id == "r1");
      CHECK(how->trace_id == trace);
      CHECK(how->origin == page);
      CHECK(how->if_none_match == std::vector<string>{"\"a\""});
      CHECK(how->close);
    }
  }
}

TEST_CASE("what is refused says whose request it was, and leaves the connection when it can") {
  const auto refused = answer("GET", "/v1/exports", {{"X-Request-Id", "r1"}, {"Origin", page}});
  CHECK(refused.status == 401);
  CHECK_FALSE(refused.close);
  CHECK(field(refused, "X-Request-Id") == "r1");
  CHECK(field(refused, "Access-Control-Allow-Origin") == page);
  CHECK(answer("GET", "/v1/exports", {{"Content-Length", "1"}}).close);
  CHECK(field(answer("GET", "/v1/exports", {{"X-Request-Id", "two words"}}), "X-Request-Id") == "");
  CHECK(field(answer("PUT", "/v1/exports"), "Allow") == "GET, HEAD, OPTIONS");
  CHECK(answer("PUT", "/v1/nothing").status == 404);
  CHECK(answer("OPTIONS", "/v1/nothing").status == 404);
}

TEST_CASE("an answer that one has is not sent again, compressed or not") {
  request_manner how;
  how.method = "GET";
  const auto all = answer_with(how, 200, string(2000, 'x'));
  how.takes_gzip = true;
  const auto small = answer_with(how, 200, string(2000, 'x'));
  CHECK(small.body.size() < 200);
  CHECK(field(small, "Content-Encoding") == "gzip");
  const string tag = field(all, "ETag");
  CHECK(tag.starts_with("W/"));
  CHECK(field(small, "ETag") == tag);
  how.if_none_match = {tag};
  const auto known = answer_with(how, 200, string(2000, 'x'));
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  CHECK(answer_with(how, 200, string(2000, 'y')).status == 200);
  how.method = "POST";
  const auto made = answer_with(how, 201, "{}");
  CHECK(made.status == 201);
  CHECK(field(made, "ETag").empty());
}

} // namespace http_manner_test
