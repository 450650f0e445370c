// An HTTP request as it was received, from its head to the command that it means.
#include <algorithm>
#include <string>

#include "actors/command_form.hpp"
#include "tests/fuzz/decoders.hpp"
#include "transport/http_body.hpp"
#include "transport/http_head.hpp"
#include "transport/rest/operations.hpp"
#include "transport/rest/request.hpp"

namespace parley::fuzz {

namespace {

edge_config open_edge(bool dev) {
  edge_config made;
  made.origins = {"https://chat.example.com"};
  made.dev = dev;
  made.version = "1";
  made.file_bytes = 1 << 20;
  made.file_types = {"image/*", "text/plain"};
  return made;
}

/// A body in pieces of some bytes; nothing when it does not come to an end.
std::optional<std::string> body_in_pieces(std::string_view head, std::string_view received,
                                          std::size_t size) {
  body_reader reader{head};
  std::string body;
  while (!received.empty() && !reader.is_done() && !reader.is_broken())
    body += reader.take(take_front(received, size));
  return reader.is_done() ? std::optional{body} : std::nullopt;
}

void look_at_command(const rest_request& asked, std::string_view head, std::string_view behind) {
  const auto body = body_in_pieces(head, behind, std::string_view::npos);
  promise(body == body_in_pieces(head, behind, 7), "a body is the same however it is cut");
  (void)asker_of(asked, identity{user_id{"alice"}, {}, {}, true});
  if (asked.operation->command.empty())
    return;
  auto made = command_of(asked, body.value_or(""));
  promise(!made || take_form(made->what).ok(), "what a request asks for has its form");
}

void answer_request(const http_request& request, std::string_view head, std::string_view behind,
                    const edge_config& config) {
  const auto decided = decide(request, config, {true, false});
  if (const auto* answer = std::get_if<http_answer>(&decided)) {
    const std::string bytes = serialize(*answer, request.method, config);
    const auto end = http_head::size_in(bytes);
    promise(end.has_value(), "an answer has a head");
    promise(request.method != "HEAD" || *end == bytes.size(), "HEAD is answered without a body");
  } else if (const auto* asked = std::get_if<rest_request>(&decided)) {
    look_at_command(*asked, head, behind);
  }
}

} // namespace

void read_rest(std::string_view bytes) {
  static const edge_config served = open_edge(false);
  static const edge_config developed = open_edge(true);
  const auto size = http_head::size_in(bytes);
  (void)refuse_for_now(bytes, served, {true, true});
  if (!size || *size > http_head::most_bytes)
    return;
  const std::string head{take_front(bytes, *size)};
  const http_head parsed{head};
  if (!parsed.is_good())
    return;
  http_request request = parsed.facts();
  request.bytes_behind = bytes.size();
  request.from_loopback = true;
  answer_request(request, head, bytes, served);
  answer_request(request, head, bytes, developed);
}

} // namespace parley::fuzz
