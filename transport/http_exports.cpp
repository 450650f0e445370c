// Who may have an archive is asked elsewhere; here is what HTTP has to say about it.
#include "transport/http_exports.hpp"

#include <array>
#include <charconv>

#include "actors/encoding.hpp"
#include "actors/limits_of_exports.hpp"
#include "actors/utf8.hpp"
#include "transport/codec.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_files.hpp"
#include "transport/http_manner.hpp"

namespace parley {

namespace {

constexpr std::string_view of_conversations = "/v1/conversations/";
constexpr std::string_view of_users = "/v1/users/";
constexpr std::string_view export_suffix = "/export";
constexpr std::string_view of_receipts = "/v1/exports";

} // namespace

http_decision decide_export(const http_request& request, request_manner how, std::string_view path,
                            const edge_condition& now) {
  const bool of_user = path.starts_with(of_users);
  path.remove_prefix(of_user ? of_users.size() : of_conversations.size());
  path.remove_suffix(export_suffix.size());
  if (!now.ready)
    return problem_of({error_code::unavailable, "not ready", limits::retry_when_unavailable});
  export_request asked;
  auto bearer = bearer_of(request);
  if (!bearer)
    return problem_of({error_code::unauthenticated, "a token is needed", {}});
  asked.bearer = std::move(*bearer);
  if (of_user)
    asked.what = user_id{*id_in_path(path)};
  else
    asked.what = conversation_id{*id_in_path(path)};
  asked.how = std::move(how);
  asked.chunked = request.version == 11;
  asked.how.close = asked.how.close || !asked.chunked;
  return asked;
}

std::optional<std::string> id_in_path(std::string_view segment) {
  if (segment.empty() || segment.find('/') != std::string_view::npos)
    return std::nullopt;
  std::string id = percent_decoded(segment);
  const bool is_fine =
      id.size() <= limits::id_bytes && id.find('\0') == std::string::npos && is_utf8(id);
  return is_fine ? std::optional{std::move(id)} : std::nullopt;
}

// For administrators alone: whether somebody is one is asked elsewhere.
http_decision decide_export_receipts(const http_request& request, request_manner how,
                                     std::string_view path, std::string_view query,
                                     const edge_condition& now) {
  constexpr std::string_view name = "before=";
  if (!now.ready)
    return problem_of({error_code::unavailable, "not ready", limits::retry_when_unavailable});
  export_receipt_request asked;
  auto bearer = bearer_of(request);
  if (!bearer)
    return problem_of({error_code::unauthenticated, "a token is needed", {}});
  asked.bearer = std::move(*bearer);
  asked.how = std::move(how);
  if (path != of_receipts) {
    asked.receipt = id_in_path(path.substr(of_receipts.size() + 1));
    return asked;
  }
  if (query.empty())
    return asked;
  asked.before = query.starts_with(name) ? id_in_path(query.substr(name.size())) : std::nullopt;
  if (!asked.before)
    return problem(400, "bad_request", "`before` is the id of a receipt");
  return asked;
}

http_answer answer_export_receipts(const request_manner& how,
                                   const std::vector<std::string>& receipts) {
  std::string items;
  for (const auto& each : receipts)
    items += (items.empty() ? "" : ",") + to_json(each);
  return answer_with(how, 200, "{\"type\":\"exports\",\"items\":[" + items + "]}");
}

std::string answer_export(const export_request& asked, const edge_config& config) {
  std::string head = begin_answer(200, config);
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Content-Type", "application/x-tar");
  add("Content-Disposition", "attachment; filename=\"export.tar\"");
  add("Cache-Control", "no-store");
  add("X-Content-Type-Options", "nosniff");
  if (asked.chunked)
    add("Transfer-Encoding", "chunked");
  for (const auto& [name, value] : fields_of_answer(asked.how))
    add(name, value);
  add("Connection", asked.how.close ? "close" : "keep-alive");
  return head += "\r\n";
}

std::string chunk_of(std::string_view bytes) {
  std::array<char, 16> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
  std::string chunk{digits.data(), end};
  chunk.reserve(chunk.size() + bytes.size() + 4);
  return std::move(chunk.append("\r\n").append(bytes).append("\r\n"));
}

} // namespace parley
