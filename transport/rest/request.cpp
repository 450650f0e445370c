// The fields of a command come from the path, the query and the body; the codec judges them all.
#include "transport/rest/request.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/msgpack_reader.hpp"
#include "actors/utf8.hpp"
#include "transport/codec.hpp"
#include "transport/http_exports.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_files.hpp"
#include "transport/http_manner.hpp"
#include "transport/json.hpp"
#include "transport/rest/operations.hpp"

namespace parley {

namespace {

using mistake = std::optional<failure>;

failure bad_parameter(std::string_view name, std::string_view why) {
  return {error_code::bad_request, std::string{name} + " " + std::string{why}, {}};
}

// --- The head ------------------------------------------------------------------------------------

/// Quotes around it are what its specification has, and nobody else writes.
std::string key_of(const http_request& request) {
  std::string_view key = trim(find(request, "idempotency-key").value_or(""));
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"')
    key = key.substr(1, key.size() - 2);
  return std::string{key};
}

std::optional<http_answer> refuse_body(const http_request& request, rest_request& asked) {
  asked.has_body = has_body(request);
  const rest_body rule = asked.operation->body;
  if (!asked.has_body)
    return rule == rest_body::required
               ? std::optional{problem_of({error_code::bad_request, "a body is needed", {}})}
               : std::nullopt;
  if (rule == rest_body::none)
    return problem(400, "bad_request", "this request has no body");
  std::string_view type = find(request, "content-type").value_or("");
  type = trim(type.substr(0, type.find(';')));
  if (!equal_names(type, "application/json"))
    return problem(415, "bad_request", "a body is application/json");
  std::optional<std::uint64_t> size;
  if (auto no = refuse_length(request, size))
    return no;
  if (size.value_or(0) > limits::frame_bytes)
    return problem_of({error_code::too_large, "the body is too long", {}});
  const auto expected = find(request, "expect");
  if (expected && !equal_names(trim(*expected), "100-continue"))
    return problem(417, "bad_request", "nothing else can be expected than 100-continue");
  asked.expects_continue = expected.has_value() && request.version == 11;
  return std::nullopt;
}

http_decision decide_known(const http_request& request, rest_request asked, std::string_view query,
                           const edge_condition& now) {
  if (!now.ready)
    return problem_of({error_code::unavailable, "not ready", limits::retry_when_unavailable});
  auto bearer = bearer_of(request);
  if (!bearer)
    return problem_of({error_code::unauthenticated, "a token is needed", {}});
  asked.bearer = std::move(*bearer);
  if (const auto user = find(request, "parley-user")) {
    auto id = id_in_path(trim(*user));
    if (!id)
      return problem_of(bad_parameter("Parley-User", "is no user"));
    asked.on_behalf_of = user_id{std::move(*id)};
  }
  if (auto no = refuse_body(request, asked))
    return *no;
  if (auto no = read_query(query, asked.operation->query, asked.query))
    return problem_of(*no);
  asked.idempotency_key = key_of(request);
  if (asked.idempotency_key.empty() && find(request, "idempotency-key"))
    return problem_of(bad_parameter("Idempotency-Key", "is empty"));
  return asked;
}

// --- The command ---------------------------------------------------------------------------------

mistake write(map_writer& to, std::string_view name, parameter_kind kind, std::string_view value) {
  switch (kind) {
  case parameter_kind::text:
    to.text(name, value);
    return {};
  case parameter_kind::number: {
    const auto number = whole_number(value);
    if (!number)
      return bad_parameter(name, "must be a whole number");
    to.number(name, *number);
    return {};
  }
  case parameter_kind::flag:
    if (value != "true" && value != "false")
      return bad_parameter(name, "is `true` or `false`");
    to.flag(name, value == "true");
    return {};
  case parameter_kind::only:
    to.texts(name, {std::string{value}});
    return {};
  case parameter_kind::list: {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t end = std::min(value.find(',', at), value.size());
      parts.emplace_back(value.substr(at, end - at));
      at = end + 1;
    }
    to.texts(name, parts);
    return {};
  }
  }
  return {};
}

mistake write_address(map_writer& to, const rest_request& asked) {
  const bool names_asker = asked.operation->of_oneself || asked.operation->for_user;
  for (const auto& [name, value] : asked.fields)
    if (!names_asker || name != "user")
      if (auto no = write(to, name, kind_in_path(name), value))
        return no;
  for (const auto& each : asked.operation->query) {
    const auto said = std::find_if(asked.query.begin(), asked.query.end(),
                                   [&](const auto& pair) { return pair.first == each.name; });
    const std::string_view value = said == asked.query.end() ? each.otherwise : said->second;
    if (said == asked.query.end() && each.otherwise.empty())
      continue;
    if (auto no = write(to, each.name, each.kind, value))
      return no;
  }
  for (const auto& [name, value] : asked.operation->fixed)
    to.flag(name, value);
  return {};
}

/// Splices the body's pairs in; what is there twice then is found by the codec.
mistake write_body(map_writer& to, std::string_view body, bool& names_client) {
  const auto map = to_msgpack(body, limits::depth);
  std::string_view rest = map ? std::string_view{*map} : std::string_view{};
  msgpack_head head;
  if (!map || !take_head(rest, head) || head.kind != msgpack_kind::map)
    return failure{error_code::bad_request, "the body is not a JSON object in bounds", {}};
  for (std::uint64_t i = 0; i < head.number; ++i) {
    msgpack_head key;
    take_head(rest, key);
    const std::string_view before = rest;
    msgpack_flaw flaw = msgpack_flaw::none;
    if (!take_value(rest, limits::depth, flaw))
      return failure{error_code::bad_request, "the body is nested too deep", {}};
    if (key.bytes == "type" || key.bytes == "ref")
      return bad_parameter(key.bytes, "is no field of a body");
    names_client = names_client || key.bytes == "client_id";
    to.encoded(key.bytes, before.substr(0, before.size() - rest.size()));
  }
  return {};
}

failure why_not(const decoded& what) {
  if (const auto* refused = std::get_if<rejection>(&what))
    return refused->why;
  return {error_code::bad_request, std::get<malformation>(what).why, {}};
}

} // namespace

mistake read_query(std::string_view query, const std::vector<rest_parameter>& known,
                   query_pairs& into) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty())
      continue;
    const std::string_view key = pair.substr(0, pair.find('='));
    std::string name = form_decoded(key);
    std::string value = form_decoded(pair.substr(std::min(key.size() + 1, pair.size())));
    const auto is_named = [&](const auto& each) { return each.name == name; };
    if (std::none_of(known.begin(), known.end(), is_named))
      return failure{error_code::bad_request, "a parameter of the query is unknown", {}};
    const auto is_there = [&](const auto& each) { return each.first == name; };
    if (std::any_of(into.begin(), into.end(), is_there))
      return bad_parameter(name, "is there twice");
    if (!is_utf8(value))
      return bad_parameter(name, "is not UTF-8");
    into.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

http_decision decide_rest(const http_request& request, request_manner how, std::string_view path,
                          std::string_view query, const edge_condition& now) {
  auto found = operations_at(path);
  const std::string_view method = how.head_only ? "GET" : request.method;
  const auto match = std::find_if(found.begin(), found.end(), [&](const auto& each) {
    return each.operation->method == method;
  });
  if (match == found.end())
    return refuse_method(path);
  rest_request asked;
  asked.operation = match->operation;
  asked.fields = std::move(match->fields);
  asked.how = std::move(how);
  asked.how.operation = asked.operation->id;
  asked.how.method = asked.operation->method;
  return decide_known(request, std::move(asked), query, now);
}

result<identity> asker_of(const rest_request& asked, result<identity> bearer) {
  if (!bearer)
    return bearer;
  if (asked.on_behalf_of && !bearer->admin)
    return failure{error_code::forbidden, "only an administrator's token acts for others", {}};
  if (is_for_operators(*asked.operation) && !bearer->admin)
    return failure{error_code::forbidden, "this is for administrators", {}};
  if (asked.on_behalf_of)
    *bearer = {*asked.on_behalf_of, {}, bearer->expires_at, false, {}};
  for (const auto& [name, value] : asked.fields) {
    if (asked.operation->for_user && name == "user")
      *bearer = {user_id{value}, {}, bearer->expires_at, false, {}};
    if (asked.operation->of_oneself && name == "user" && value != bearer->user.str())
      return failure{error_code::forbidden, "this is for that user alone", {}};
  }
  bearer->operates = is_for_operators(*asked.operation);
  return bearer;
}

result<envelope> command_of(const rest_request& asked, std::string_view body) {
  map_writer writer;
  writer.text("type", asked.operation->command).number("ref", 1);
  if (auto no = write_address(writer, asked))
    return *no;
  bool names_client = false;
  if (asked.has_body)
    if (auto no = write_body(writer, body, names_client))
      return *no;
  if (names_client && !asked.idempotency_key.empty())
    return failure{error_code::bad_request, "use one of `client_id` and Idempotency-Key", {}};
  if (!asked.idempotency_key.empty() && asked.operation->method != "GET")
    writer.text("client_id", asked.idempotency_key);
  auto what = decode(std::move(writer).take(), encoding::msgpack);
  if (auto* good = std::get_if<envelope>(&what.front()))
    return std::move(*good);
  return why_not(what.front());
}

} // namespace parley
