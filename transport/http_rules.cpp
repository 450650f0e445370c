// Refuses whatever two readers of the same request could understand in two ways.
#include "transport/http_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <nlohmann/json.hpp>

#include "transport/http_erasures.hpp"
#include "transport/http_exports.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_files.hpp"
#include "transport/http_manner.hpp"
#include "transport/http_routes.hpp"
#include "transport/origin.hpp"
#include "transport/page.hpp"
#include "transport/rest/description.hpp"
#include "transport/rest/request.hpp"

namespace parley {

namespace {

using refusal = std::optional<http_answer>;

// --- Any request ---------------------------------------------------------------------------------

refusal refuse_ambiguity(const http_request& request) {
  constexpr std::array<std::string_view, 16> single{"host",
                                                    "idempotency-key",
                                                    "parley-user",
                                                    "x-request-id",
                                                    "content-type",
                                                    "expect",
                                                    "range",
                                                    "if-range",
                                                    "origin",
                                                    "authorization",
                                                    "upgrade",
                                                    "connection",
                                                    "content-length",
                                                    "sec-websocket-key",
                                                    "sec-websocket-version",
                                                    "transfer-encoding"};
  for (const auto name : single)
    if (count(request, name) > 1)
      return problem(400, "bad_request", "header " + std::string{name} + " is repeated");
  const auto host = find(request, "host");
  if (request.version == 11 && (!host || host->empty()))
    return problem(400, "bad_request", "Host is missing");
  return {};
}

refusal refuse_body(const http_request& request) {
  if (find(request, "transfer-encoding"))
    return problem(400, "bad_request", "Transfer-Encoding is not understood here");
  if (find(request, "content-length").value_or("0") != "0")
    return problem(400, "bad_request", "no request here has a body");
  return {};
}

/// A developer's server must not be reachable through a name that an attacker's page resolves here.
refusal refuse_foreign_host(const http_request& request, const edge_config& config) {
  if (config.dev && !is_loopback_host(find(request, "host").value_or("")))
    return problem(421, "forbidden", "this server only answers to loopback names");
  return {};
}

/// The page that is served here may do what any other client may: it needs no permission to read
/// what it is answered, so for what follows it is no page of an origin at all.
bool comes_from_own_page(const http_request& request, const edge_config& config) {
  const auto origin = find(request, "origin");
  return config.page && config.page->is_there() && origin &&
         is_own_origin(*origin, find(request, "host").value_or(""));
}

http_request without_origin(http_request request) {
  std::erase_if(request.headers,
                [](const http_header& each) { return equal_names(each.name, "origin"); });
  return request;
}

bool has_token(std::string_view query) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::string key = percent_decoded(pair.substr(0, pair.find('=')));
    if (equal_names(key, "token") || equal_names(key, "access_token"))
      return true;
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return false;
}

// --- The upgrade ---------------------------------------------------------------------------------

/// Base64 of 16 bytes: 22 digits and two signs of padding.
bool is_key(std::string_view key) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.ends_with("==") &&
         key.substr(0, 22).find_first_not_of(digits) == std::string_view::npos;
}

refusal refuse_handshake(const http_request& request) {
  if (request.version != 11 || !lists(request, "connection", "upgrade") ||
      !lists(request, "upgrade", "websocket")) {
    auto answer = problem(426, "bad_request", "this is a WebSocket endpoint");
    answer.headers.emplace_back("Upgrade", "websocket");
    return answer;
  }
  if (find(request, "sec-websocket-version").value_or("") != "13") {
    auto answer = problem(426, "bad_request", "only version 13 is spoken");
    answer.headers.emplace_back("Sec-WebSocket-Version", "13");
    return answer;
  }
  if (!is_key(find(request, "sec-websocket-key").value_or("")))
    return problem(400, "bad_request", "Sec-WebSocket-Key is malformed");
  if (request.bytes_behind > 0)
    return problem(400, "bad_request", "bytes behind the upgrade request");
  return {};
}

refusal refuse_origin(const http_request& request, const edge_config& config) {
  const auto origin = find(request, "origin");
  if (origin && !is_origin_allowed(*origin, config.origins, config.dev))
    return problem(403, "forbidden", "this origin is not allowed");
  return {};
}

refusal refuse_when_busy(const edge_condition& now) {
  if (now.ready && !now.full)
    return {};
  auto answer = now.ready ? problem(503, "overloaded", "too many sessions")
                          : problem(503, "unavailable", "not ready");
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

/// The client's first choice among those that are known; nothing when all are unknown.
std::optional<upgrade> choose_subprotocol(const http_request& request) {
  const auto offered = list(request, "sec-websocket-protocol");
  if (offered.empty())
    return upgrade{};
  for (const auto each : offered) {
    if (each == "parley.v1.msgpack")
      return upgrade{encoding::msgpack, each, {}, {}};
    if (each == "parley.v1.json")
      return upgrade{encoding::json, each, {}, {}};
  }
  return std::nullopt;
}

http_decision decide_upgrade(const http_request& request, const edge_config& config,
                             const edge_condition& now) {
  if (auto no = refuse_handshake(request))
    return *no;
  if (auto no = refuse_origin(request, config))
    return *no;
  auto chosen = choose_subprotocol(request);
  if (!chosen)
    return problem(400, "bad_request", "no known subprotocol was offered");
  if (auto no = refuse_when_busy(now))
    return *no;
  chosen->key = *find(request, "sec-websocket-key");
  chosen->bearer = bearer_of(request);
  return std::move(*chosen);
}

// --- Routes --------------------------------------------------------------------------------------

http_answer alive() { return {200, "text/plain; charset=utf-8", "ok\n", {}, false}; }

http_answer readiness(const edge_config& config, const edge_condition& now) {
  const nlohmann::json body{{"status", now.ready ? "ready" : "unavailable"},
                            {"durability", config.durability},
                            {"version", config.version}};
  return {now.ready ? 200 : 503, "application/json", body.dump() + "\n", {}, false};
}

/// What is below `/v1/` and no WebSocket; without a route it is a command.
http_decision decide_resource(const http_request& request, request_manner how,
                              std::string_view path, std::string_view query,
                              const edge_config& config, const edge_condition& now) {
  if (request.method == "OPTIONS")
    return answer_options(request, path);
  const std::string_view method = how.head_only ? "GET" : request.method;
  const http_route* route = route_of(method, path);
  if (route == nullptr || route->method != method)
    return decide_rest(request, std::move(how), path, query, now);
  if (route->body == rest_body::none && has_body(request))
    return problem(400, "bad_request", "this request has no body");
  if (query_pairs said; auto no = read_query(query, route->query, said))
    return problem_of(*no);
  how.operation = route->id;
  how.method = route->method;
  switch (route->what) {
  case resource::erasures:
    return decide_erasure(request, std::move(how), path, query, now);
  case resource::exports:
    return decide_export(request, std::move(how), path, now);
  case resource::export_receipts:
    return decide_export_receipts(request, std::move(how), path, query, now);
  case resource::files:
    return decide_files(request, std::move(how), path, query, config, now);
  default:
    return problem(404, "not_found", "there is nothing here");
  }
}

/// The same, with what all these have in common. Pages of origins that are not listed get nothing.
http_decision decide_in_manner(const http_request& request, std::string_view path,
                               std::string_view query, const edge_config& config,
                               const edge_condition& now) {
  request_manner how = manner_of(request);
  const auto no = refuse_origin(request, config);
  auto decided = no ? *no : decide_resource(request, how, path, query, config, now);
  if (no)
    how.origin.clear();
  if (auto* answer = std::get_if<http_answer>(&decided)) {
    answer->close = how.close || has_body(request); // nobody reads that then
    for (auto& each : fields_of_answer(how))
      answer->headers.push_back(std::move(each));
  }
  return decided;
}

/// Whoever is on this machine, unless they pass on what somebody else asked, or are a browser whose
/// page had its own name lead here.
bool is_trusted(const http_request& request) {
  constexpr std::array<std::string_view, 4> forwarding{"forwarded", "via", "x-forwarded-for",
                                                       "x-real-ip"};
  return request.from_loopback && is_loopback_host(find(request, "host").value_or("")) &&
         std::none_of(forwarding.begin(), forwarding.end(),
                      [&](std::string_view name) { return count(request, name) > 0; });
}

/// What says of the server itself how it is.
http_decision decide_about_server(resource what, const http_request& request,
                                  const edge_config& config, const edge_condition& now) {
  if (what == resource::metrics)
    return metrics_question{is_trusted(request), bearer_of(request), wants_close(request)};
  if (what == resource::description)
    return answer_openapi(request, config);
  if (what == resource::socket_description)
    return answer_asyncapi(request, config);
  http_answer answer = what == resource::liveness ? alive() : readiness(config, now);
  answer.close = wants_close(request);
  return answer;
}

} // namespace

http_answer problem(int status, std::string_view code, std::string_view detail,
                    std::optional<std::chrono::milliseconds> retry_after) {
  nlohmann::json body{
      {"type", "about:blank"}, {"status", status}, {"code", code}, {"detail", detail}};
  if (retry_after)
    body["retry_after_ms"] = retry_after->count();
  return {status, "application/problem+json", body.dump() + "\n", {}, true};
}

std::string refuse_too_fast(std::chrono::milliseconds wait, const edge_config& config) {
  http_answer answer = problem(429, "rate_limited", "too many connections from this address", wait);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  answer.headers.emplace_back("Retry-After", std::to_string(seconds));
  return serialize(answer, "GET", config);
}

http_answer answer_metrics(const metrics_question& asked,
                           const std::function<result<identity>(std::string_view)>& authenticate,
                           const std::function<std::string()>& print) {
  if (!asked.trusted) {
    const auto who = asked.bearer ? authenticate(*asked.bearer)
                                  : failure{error_code::unauthenticated, "a token is needed", {}};
    if (!who) {
      auto answer = problem(401, describe(who.error().code).name, who.error().message);
      answer.headers.emplace_back("WWW-Authenticate", "Bearer");
      return answer;
    }
    if (!who->admin)
      return problem(403, "forbidden", "this is for administrators");
  }
  return {200, "text/plain; version=0.0.4; charset=utf-8", print(), {}, asked.close};
}

std::string refuse_for_now(std::string_view request, const edge_config& config,
                           const edge_condition& now) {
  http_answer answer = problem(503, "overloaded", "too many connections");
  if (request.starts_with("GET /livez "))
    answer = alive();
  else if (request.starts_with("GET /readyz "))
    answer = readiness(config, {now.ready, true});
  else
    answer.headers.emplace_back("Retry-After", "1");
  answer.close = true;
  return serialize(answer, "GET", config);
}

http_decision decide(const http_request& request, const edge_config& config,
                     const edge_condition& now) {
  if (auto no = refuse_ambiguity(request))
    return *no;
  if (auto no = refuse_foreign_host(request, config))
    return *no;
  if (comes_from_own_page(request, config))
    return decide(without_origin(request), config, now);
  const std::size_t mark = std::min(request.target.find('?'), request.target.size());
  const std::string_view path = request.target.substr(0, mark);
  const bool is_websocket = path == "/v1/ws";
  const std::string_view query = request.target.substr(std::min(mark + 1, request.target.size()));
  const http_route* route = route_of(request.method, path);
  if ((route != nullptr || is_websocket) && find(request, "parley-user"))
    return problem(400, "bad_request", "Parley-User is for commands alone");
  if (path.starts_with("/v1/") && !is_websocket)
    return has_token(query) ? problem(400, "bad_request", "a token does not belong in a URL")
                            : decide_in_manner(request, path, query, config, now);
  const bool is_page = config.page && is_path_of_page(path);
  if (route == nullptr && !is_websocket && !is_page)
    return problem(404, "not_found", "there is nothing here");
  if (request.method != "GET" && (request.method != "HEAD" || is_websocket)) {
    auto answer = problem(405, "bad_request", "this method is not for this resource");
    answer.headers.emplace_back("Allow", is_websocket ? "GET" : "GET, HEAD");
    return answer;
  }
  if (auto no = refuse_body(request))
    return *no;
  if (has_token(query))
    return problem(400, "bad_request", "a token does not belong in a URL");
  if (is_websocket)
    return decide_upgrade(request, config, now);
  return is_page ? http_decision{answer_page(request, path, query, config)}
                 : decide_about_server(route->what, request, config, now);
}

} // namespace parley
