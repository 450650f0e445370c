// The same fields as over a WebSocket, but for `ref`; beside them what HTTP's own tools know.
#include "transport/rest/answer.hpp"

#include <algorithm>
#include <optional>

#include "actors/encoding.hpp"
#include "actors/msgpack_reader.hpp"
#include "transport/codec.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_files.hpp"
#include "transport/http_manner.hpp"
#include "transport/rest/operations.hpp"

namespace parley {

namespace {

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
    return problem_of(failure_of(parts, *code));
  http_fields fields;
  if (const auto next = next_page(asked, parts))
    fields.emplace_back("Link", "<" + *next + ">; rel=\"next\"");
  if (asked.operation->command == "create" && parts.conversation)
    fields.emplace_back("Location", "/v1/conversations/" + percent_encoded(*parts.conversation));
  return answer_with(asked.how, asked.operation->status, to_json(parts.without_ref),
                     std::move(fields));
}

} // namespace parley
