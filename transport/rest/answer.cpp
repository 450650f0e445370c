// The same fields as over a WebSocket, but for `ref`; beside them what HTTP's own tools know.
#include "transport/rest/answer.hpp"

#include <algorithm>
#include <optional>

#include "actors/digest.hpp"
#include "actors/encoding.hpp"
#include "actors/msgpack_reader.hpp"
#include "transport/codec.hpp"
#include "transport/gzip.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_files.hpp"
#include "transport/rest/operations.hpp"

namespace parley {

namespace {

/// Below that there is nothing to be won.
constexpr std::size_t least_compressed = 1024;
/// As deep as our own answers can be.
constexpr std::size_t deepest_answer = 24;

/// An envelope taken apart as far as HTTP is interested in it.
struct answer_parts {
  std::string without_ref;
  std::optional<std::string> type, code, message, cursor, conversation;
  std::optional<std::uint64_t> retry_after, first, last;
  bool more = false;
};

void note(answer_parts& into, std::string_view key, const msgpack_head& value) {
  const std::pair<std::string_view, std::optional<std::string>*> texts[] = {
      {"type", &into.type},
      {"code", &into.code},
      {"message", &into.message},
      {"cursor", &into.cursor},
      {"conversation", &into.conversation}};
  for (const auto& [name, where] : texts)
    if (key == name && value.kind == msgpack_kind::text)
      *where = std::string{value.bytes};
  const std::pair<std::string_view, std::optional<std::uint64_t>*> numbers[] = {
      {"retry_after_ms", &into.retry_after}, {"first", &into.first}, {"last", &into.last}};
  for (const auto& [name, where] : numbers)
    if (key == name && value.kind == msgpack_kind::unsigned_integer)
      *where = value.number;
  if (key == "more")
    into.more = value.truth;
}

/// Takes one value off the front of our own bytes; false when it is deeper than any of ours.
bool skip_value(std::string_view& rest, std::size_t depth = deepest_answer) {
  msgpack_head head;
  if (depth == 0 || !take_head(rest, head))
    return false;
  const bool is_map = head.kind == msgpack_kind::map;
  const std::uint64_t elements = is_map                             ? 2 * head.number
                                 : head.kind == msgpack_kind::array ? head.number
                                                                    : 0;
  for (std::uint64_t i = 0; i < elements; ++i)
    if (!skip_value(rest, depth - 1))
      return false;
  return true;
}

answer_parts take_apart(std::string_view envelope) {
  answer_parts parts;
  map_writer rest;
  msgpack_head head;
  take_head(envelope, head);
  for (std::uint64_t i = 0; i < head.number; ++i) {
    msgpack_head key;
    msgpack_head value;
    take_head(envelope, key);
    std::string_view before = envelope;
    if (!skip_value(envelope))
      break;
    before.remove_suffix(envelope.size());
    if (key.bytes == "ref")
      continue;
    rest.encoded(key.bytes, before);
    if (take_head(before, value))
      note(parts, key.bytes, value);
  }
  parts.without_ref = std::move(rest).take();
  return parts;
}

/// The path once more, with nothing in it but what an address may have.
std::string path_of(const rest_request& asked) {
  std::string path{asked.operation->path};
  for (const auto& [name, value] : asked.fields) {
    const std::string place = "{" + std::string{name} + "}";
    path.replace(path.find(place), place.size(), percent_encoded(value));
  }
  return path;
}

/// The same address with one parameter that says where to go on, instead of those that said so.
std::string address_of_next(const rest_request& asked, std::string_view name,
                            const std::string& value) {
  std::string address = path_of(asked) + "?";
  for (const auto& [key, said] : asked.query)
    if (key != "cursor" && key != "before" && key != "after" && key != "around")
      address += percent_encoded(key) + "=" + percent_encoded(said) + "&";
  return address.append(name).append("=").append(percent_encoded(value));
}

/// Where the next page is (RFC 8288).
std::optional<std::string> next_page(const rest_request& asked, const answer_parts& parts) {
  if (parts.cursor)
    return address_of_next(asked, "cursor", *parts.cursor);
  if (!parts.more || !parts.first || !parts.last)
    return std::nullopt;
  const auto asks = [&](std::string_view name) {
    return asked.operation->command == "sync" ||
           std::any_of(asked.query.begin(), asked.query.end(),
                       [&](const auto& each) { return each.first == name; });
  };
  return asks("after") ? address_of_next(asked, "after", std::to_string(*parts.last))
                       : address_of_next(asked, "before", std::to_string(*parts.first));
}

/// Lets a client keep what it has, if it says the same, compressed or not.
void tag(http_answer& answer, const rest_request& asked) {
  constexpr std::size_t tag_bytes = 16;
  const std::string text = "W/\"" + hex(digest_of({answer.body}), tag_bytes) + '"';
  answer.headers.emplace_back("ETag", text);
  if (!is_tag_among(asked.if_none_match, text))
    return;
  answer.status = 304;
  answer.body.clear();
}

void compress(http_answer& answer, const rest_request& asked) {
  if (answer.body.size() < least_compressed || !asked.takes_gzip)
    return;
  if (auto smaller = gzip(answer.body)) {
    answer.body = std::move(*smaller);
    answer.headers.emplace_back("Content-Encoding", "gzip");
  }
}

http_answer complete(http_answer answer, const rest_request& asked) {
  answer.close = asked.close;
  if (!asked.request_id.empty())
    answer.headers.emplace_back("X-Request-Id", asked.request_id);
  open_to_origin(answer, asked.origin);
  if (!asked.origin.empty())
    answer.headers.emplace_back("Access-Control-Expose-Headers",
                                "ETag, Link, Location, Retry-After, X-Request-Id");
  return answer;
}

http_answer good_answer(const rest_request& asked, std::string json,
                        std::vector<std::pair<std::string, std::string>> headers) {
  http_answer answer{asked.operation->status, "application/json", std::move(json) + "\n",
                     std::move(headers), false};
  if (answer.body.size() >= least_compressed)
    answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (asked.operation->method == "GET")
    tag(answer, asked);
  compress(answer, asked);
  return complete(std::move(answer), asked);
}

failure failure_of(const answer_parts& parts, error_code code) {
  failure why{code, parts.message.value_or(""), {}};
  if (parts.retry_after)
    why.retry_after = std::chrono::milliseconds{*parts.retry_after};
  return why;
}

} // namespace

bool is_answer(const rest_request& asked, std::string_view envelope) {
  const std::string_view event = asked.operation->event;
  return event.empty() || code_of_error(envelope) || take_apart(envelope).type == event;
}

http_answer answer_rest(const rest_request& asked, std::string_view envelope) {
  const auto parts = take_apart(envelope);
  if (const auto code = code_of_error(envelope))
    return refuse_rest(asked, failure_of(parts, *code));
  std::vector<std::pair<std::string, std::string>> headers;
  if (const auto next = next_page(asked, parts))
    headers.emplace_back("Link", "<" + *next + ">; rel=\"next\"");
  if (asked.operation->command == "create" && parts.conversation)
    headers.emplace_back("Location", "/v1/conversations/" + percent_encoded(*parts.conversation));
  return good_answer(asked, to_json(parts.without_ref), std::move(headers));
}

http_answer answer_rest_with(const rest_request& asked, std::string json) {
  return good_answer(asked, std::move(json), {});
}

http_class class_of(const http_answer& what) {
  if (what.status < 400)
    return http_class::good;
  return what.status < 500 ? http_class::refused : http_class::failed;
}

// Whoever tries tokens does it with a connection for each.
http_answer refuse_rest(const rest_request& asked, const failure& why) {
  auto answer = complete(problem_of(why), asked);
  answer.close = answer.close || answer.status == 401;
  return answer;
}

} // namespace parley
