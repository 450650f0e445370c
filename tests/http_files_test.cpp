// Requests for files as tables: what is refused at once, which bytes are meant, what is answered.
#include "transport/http_files.hpp"

#include "tests/support/catch.hpp"
#include "transport/http_body.hpp"

using namespace parley;

namespace http_files_test {

using std::string;
using headers = std::vector<http_header>;

const edge_condition ready{true, false};
const string id(32, 'a');

edge_config config() {
  edge_config made;
  made.origins = {"https://app.example.com"};
  made.file_bytes = 1000;
  made.file_types = {"text/plain", "image/*", "application/octet-stream"};
  return made;
}

http_decision ask(const char* method, const char* target, headers more) {
  headers all{{"Host", "chat.example.com"}};
  all.insert(all.end(), more.begin(), more.end());
  return decide({method, target, 11, std::move(all), 0}, config(), ready);
}

int status(const http_decision& decided) {
  const auto* answer = std::get_if<http_answer>(&decided);
  return answer ? answer->status : 0;
}

const http_header token{"Authorization", "Bearer t"};
const http_header length{"Content-Length", "10"};

TEST_CASE("an upload is let in or refused by what its head says") {
  struct row {
    int status;
    const char* target;
    headers what;
  };
  const std::vector<row> table{
      {0, "/v1/files", {token, length}},
      {0,
       "/v1/files?name=a%20b.txt",
       {token, length, {"Content-Type", "text/plain; charset=utf-8"}}},
      {0, "/v1/files", {token, {"Transfer-Encoding", "chunked"}, {"Expect", "100-continue"}}},
      {0, "/v1/files", {token, length, {"Origin", "https://app.example.com"}}},
      {401, "/v1/files", {length}},
      {400, "/v1/files", {token}},
      {400, "/v1/files", {token, length, {"Transfer-Encoding", "chunked"}}},
      {400, "/v1/files", {token, {"Transfer-Encoding", "gzip"}}},
      {400, "/v1/files", {token, {"Content-Length", "-1"}}},
      {400, "/v1/files", {token, length, length}},
      {400, "/v1/files?token=t", {token, length}},
      {400, "/v1/files?x=1", {token, length}},
      {400, "/v1/files?name=a&name=b", {token, length}},
      {400, "/v1/files?name=a%2Fb", {token, length}},
      {400, "/v1/files?name=%00", {token, length}},
      {400, "/v1/files?name=..", {token, length}},
      {400, "/v1/files?name=..%5Cx.bat", {token, length}},
      {400, "/v1/files?name=a%E2%80%A8b", {token, length}},
      {400, "/v1/files?name=%E2%80%AEgpj.exe", {token, length}},
      {400, "/v1/files?name=%E2%81%A6a", {token, length}},
      {0, "/v1/files?name=a%E2%80%93b", {token, length}},
      {400, "/v1/files?name=%ff", {token, length}},
      {400, "/v1/files", {token, length, {"Content-Type", "text"}}},
      {403, "/v1/files", {token, length, {"Origin", "https://evil.example.com"}}},
      {413, "/v1/files", {token, {"Content-Length", "1001"}}},
      {415, "/v1/files", {token, length, {"Content-Type", "video/mp4"}}},
      {417, "/v1/files", {token, length, {"Expect", "miracles"}}},
  };
  for (const auto& each : table) {
    CAPTURE(each.target, each.status);
    CHECK(status(ask("POST", each.target, each.what)) == each.status);
  }
  CHECK(status(ask("PUT", "/v1/files", {token, length})) == 405);
  CHECK(status(ask("GET", "/v1/files", {token})) == 405);
  const auto decided =
      ask("POST", "/v1/files?name=a%20b.txt", {token, length, {"Content-Type", "Image/PNG;a=b"}});
  const auto* asked = std::get_if<file_upload>(&decided);
  REQUIRE(asked);
  CHECK(asked->name == "a b.txt");
  CHECK(asked->type == "image/png");
  CHECK(asked->size == 10U);
  CHECK(asked->bearer == "t");
}

TEST_CASE("a download needs a token or a signed address") {
  const string path = "/v1/files/" + id;
  CHECK(status(ask("GET", path.c_str(), {token})) == 0);
  CHECK(status(ask("HEAD", path.c_str(), {token})) == 0);
  CHECK(status(ask("GET", (path + "?user=a&until=5&signature=s").c_str(), {})) == 0);
  CHECK(status(ask("GET", path.c_str(), {})) == 401);
  CHECK(status(ask("GET", (path + "?user=a&until=x&signature=s").c_str(), {})) == 401);
  CHECK(status(ask("GET", (path + "?access_token=t").c_str(), {token})) == 400);
  CHECK(status(ask("GET", path.c_str(), {token, length})) == 400);
  CHECK(status(ask("DELETE", path.c_str(), {token})) == 405);
  const auto preflight = ask("OPTIONS", path.c_str(), {{"Origin", "https://app.example.com"}});
  CHECK(status(preflight) == 204);
  CHECK(status(ask("OPTIONS", path.c_str(), {{"Origin", "https://evil.example.com"}})) == 403);
}

TEST_CASE("one range is understood, anything else is all of it") {
  struct row {
    const char* range;
    int status;
    std::uint64_t first, count;
  };
  const std::vector<row> table{
      {"", 200, 0, 10},
      {"bytes=0-0", 206, 0, 1},
      {"bytes=3-5", 206, 3, 3},
      {"bytes=3-", 206, 3, 7},
      {"bytes=-4", 206, 6, 4},
      {"bytes=-99", 206, 0, 10},
      {"Bytes=9-99", 206, 9, 1},
      {"bytes=10-", 416, 0, 0},
      {"bytes=-0", 416, 0, 0},
      {"bytes=5-3", 200, 0, 10},
      {"bytes=0-1,4-5", 200, 0, 10},
      {"bytes=a-b", 200, 0, 10},
      {"bytes=-", 200, 0, 10},
      {"items=0-1", 200, 0, 10},
      {"bytes=1", 200, 0, 10},
      {"bytes=99999999999999999999-", 200, 0, 10},
  };
  for (const auto& each : table) {
    CAPTURE(each.range);
    const auto got = bytes_wanted(each.range, 10);
    CHECK(got.status == each.status);
    CHECK(got.first == each.first);
    CHECK(got.count == each.count);
  }
  CHECK(bytes_wanted("bytes=0-", 0).status == 416);
}

TEST_CASE("the head of a download keeps browsers from running what is in it") {
  file_facts file{file_id{id}, "n\"\xc3\xa9.html", "text/html", 10, {}};
  const string tag = '"' + string(64, '0') + '"';
  file_download asked;
  asked.file = file.file;
  const auto has = [&](const string& line) {
    return answer_download(asked, file, config()).head.find(line + "\r\n") != string::npos;
  };
  CHECK(has("HTTP/1.1 200 OK"));
  CHECK(has("ETag: " + tag));
  CHECK(has("Content-Type: text/html"));
  CHECK(has("Content-Length: 10"));
  CHECK(has("Content-Disposition: attachment; filename*=UTF-8''n%22%C3%A9.html"));
  CHECK(has("X-Content-Type-Options: nosniff"));
  CHECK(has("Content-Security-Policy: sandbox; default-src 'none'"));
  CHECK(has("Cache-Control: private, max-age=300"));
  asked.range = "bytes=2-3";
  CHECK(has("HTTP/1.1 206 Partial Content"));
  CHECK(has("Content-Range: bytes 2-3/10"));
  asked.if_range = "\"other\"";
  CHECK(has("HTTP/1.1 200 OK"));
  asked.if_range = tag;
  CHECK(has("HTTP/1.1 206 Partial Content"));
  asked.range = "bytes=10-";
  CHECK(has("HTTP/1.1 416 Range Not Satisfiable"));
  CHECK(has("Content-Range: bytes */10"));
  asked.how.if_none_match = {"\"x\"", "W/" + tag};
  CHECK(has("HTTP/1.1 304 Not Modified"));
  asked.how.if_none_match.clear();
  asked.range.clear();
  asked.how.head_only = true;
  CHECK(has("Content-Length: 10"));
  CHECK(answer_download(asked, file, config()).count == 0);
}

TEST_CASE("a refusal says when to try again and nothing of what is inside") {
  const auto busy =
      problem_of({error_code::rate_limited, "too many", std::chrono::milliseconds{1500}});
  CHECK(busy.status == 429);
  CHECK(busy.headers.front() == std::pair<string, string>{"Retry-After", "2"});
  const auto full = problem_of({error_code::unavailable, "/data/files: No space left", {}});
  CHECK(full.status == 503);
  CHECK(full.body.find("/data") == string::npos);
  CHECK_FALSE(full.headers.empty());
}

TEST_CASE("a body is taken out of what is received, in pieces of any size") {
  const string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const string sized = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n";
  const string chunks = "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  for (std::size_t step : {1, 2, 3, 7, 100}) {
    CAPTURE(step);
    for (const auto& [head, body] :
         {std::pair{chunked, chunks}, std::pair{sized, string{"hello world"}}}) {
      body_reader reader{head};
      string got;
      const string all = body + "GET /";
      for (std::size_t at = 0; at < all.size(); at += step)
        got += reader.take(std::string_view{all}.substr(at, step));
      CHECK(got == "hello world");
      CHECK(reader.is_done());
      CHECK(std::move(reader).rest() == "GET /");
    }
  }
  body_reader broken{chunked};
  broken.take("zz\r\n");
  CHECK(broken.is_broken());
}

TEST_CASE("what a browser asks before has no body, and ends the connection when it says so") {
  const http_header origin{"Origin", "https://app.example.com"};
  for (const auto* target : {"/v1/files", "/v1/files/x"}) {
    CHECK(status(ask("OPTIONS", target, {origin})) == 204);
    CHECK(status(ask("OPTIONS", target, {origin, length})) == 400);
    CHECK(status(ask("OPTIONS", target, {origin, {"Transfer-Encoding", "chunked"}})) == 400);
    const auto closing = ask("OPTIONS", target, {origin, {"Connection", "close"}});
    REQUIRE(status(closing) == 204);
    CHECK(std::get<http_answer>(closing).close);
  }
}

} // namespace http_files_test
