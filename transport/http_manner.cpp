// Tags and compression are decided here, for commands as for everything else.
#include "transport/http_manner.hpp"

#include <algorithm>

#include "actors/digest.hpp"
#include "transport/gzip.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_routes.hpp"

namespace parley {

namespace {

/// Below that there is nothing to be won.
constexpr std::size_t least_compressed = 1024;

/// A name that is good to be printed, or nothing.
std::string request_id_of(const http_request& request) {
  constexpr std::size_t longest = 128;
  const std::string_view id = trim(find(request, "x-request-id").value_or(""));
  const bool is_fine = id.size() <= longest && std::all_of(id.begin(), id.end(), [](char each) {
                         return each > ' ' && each <= '~';
                       });
  return is_fine ? std::string{id} : std::string{};
}

/// The trace that the caller's work belongs to (W3C Trace Context, section 3.2), or nothing.
std::string trace_id_of(const http_request& request) {
  constexpr std::string_view sample = "00-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  constexpr std::size_t begin = 3;
  constexpr std::size_t size = 32;
  const std::string_view said = trim(find(request, "traceparent").value_or(""));
  if (said.size() < sample.size())
    return {};
  const std::string_view id = said.substr(begin, size);
  const bool is_id = id.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
                     id.find_first_not_of('0') != std::string_view::npos;
  return is_id && said[begin - 1] == '-' && said[begin + size] == '-' ? std::string{id}
                                                                      : std::string{};
}

/// Lets a client keep what it has, if it says the same, compressed or not.
void tag(http_answer& answer, const request_manner& how) {
  constexpr std::size_t tag_bytes = 16;
  const std::string text = "W/\"" + hex(digest_of({answer.body}), tag_bytes) + '"';
  answer.headers.emplace_back("ETag", text);
  if (!is_tag_among(how.if_none_match, text))
    return;
  answer.status = 304;
  answer.body.clear();
}

void compress(http_answer& answer, const request_manner& how) {
  if (answer.body.size() < least_compressed || !how.takes_gzip)
    return;
  if (auto smaller = gzip(answer.body)) {
    answer.body = std::move(*smaller);
    answer.headers.emplace_back("Content-Encoding", "gzip");
  }
}

} // namespace

request_manner manner_of(const http_request& request) {
  request_manner how;
  how.head_only = request.method == "HEAD";
  how.request_id = request_id_of(request);
  how.trace_id = trace_id_of(request);
  how.origin = find(request, "origin").value_or("");
  for (const auto each : list(request, "if-none-match"))
    how.if_none_match.emplace_back(each);
  how.takes_gzip = takes_gzip(request);
  how.close = wants_close(request);
  return how;
}

http_answer answer_options(const http_request& request, std::string_view path) {
  const std::string methods = methods_at(path);
  if (methods.empty())
    return refuse_method(path);
  if (has_body(request))
    return problem(400, "bad_request", "this request has no body");
  http_answer answer{204, "", "", {{"Allow", methods}}, false};
  if (!find(request, "origin"))
    return answer;
  answer.headers.emplace_back("Access-Control-Allow-Methods", methods);
  answer.headers.emplace_back("Access-Control-Allow-Headers",
                              "Authorization, Content-Type, Idempotency-Key, Parley-User, Range, "
                              "If-None-Match, If-Range, X-Request-Id, traceparent");
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
  return answer;
}

http_answer refuse_method(std::string_view path) {
  const std::string methods = methods_at(path);
  if (methods.empty())
    return problem(404, "not_found", "there is nothing here");
  auto answer = problem(405, "bad_request", "this method is not for this resource");
  answer.headers.emplace_back("Allow", methods);
  return answer;
}

http_fields fields_of_answer(const request_manner& how) {
  http_fields fields;
  if (!how.request_id.empty())
    fields.emplace_back("X-Request-Id", how.request_id);
  if (how.origin.empty())
    return fields;
  fields.emplace_back("Access-Control-Allow-Origin", how.origin);
  fields.emplace_back("Access-Control-Expose-Headers",
                      "Content-Disposition, Content-Range, ETag, Link, Location, Retry-After, "
                      "X-Request-Id");
  fields.emplace_back("Vary", "Origin");
  return fields;
}

http_answer answer_with(const request_manner& how, int status, std::string json,
                        http_fields fields) {
  http_answer answer{status, "application/json", std::move(json) + "\n", std::move(fields), false};
  if (answer.body.size() >= least_compressed)
    answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (how.method == "GET")
    tag(answer, how);
  compress(answer, how);
  return answer;
}

} // namespace parley
