// For administrators alone: whether somebody is one is asked elsewhere.
#include "transport/http_erasures.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits.hpp"
#include "transport/codec.hpp"
#include "transport/http_exports.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_files.hpp"
#include "transport/http_manner.hpp"

namespace parley {

namespace {

constexpr std::string_view users_path = "/v1/users/";
constexpr std::string_view receipts_path = "/v1/erasures/";

/// What is asked for, once: it decides what becomes of everything that somebody wrote.
std::optional<erasure_policy> policy_in(std::string_view query) {
  constexpr std::string_view name = "policy=";
  return query.starts_with(name) ? policy_of(query.substr(name.size())) : std::nullopt;
}

} // namespace

http_decision decide_erasure(const http_request& request, request_manner how, std::string_view path,
                             std::string_view query, const edge_condition& now) {
  const bool begins = path.starts_with(users_path);
  if (!now.ready)
    return problem_of({error_code::unavailable, "not ready", limits::retry_when_unavailable});
  auto bearer = bearer_of(request);
  if (!bearer)
    return problem_of({error_code::unauthenticated, "a token is needed", {}});
  std::string id = *id_in_path(path.substr(begins ? users_path.size() : receipts_path.size()));
  erasure_request asked;
  asked.bearer = std::move(*bearer);
  asked.how = std::move(how);
  if (!begins) {
    asked.receipt = std::move(id);
    return asked;
  }
  const auto policy = policy_in(query);
  if (!policy)
    return problem(400, "bad_request", "policy is `anonymise` or `delete`");
  asked.user = user_id{std::move(id)};
  asked.policy = *policy;
  return asked;
}

http_answer answer_erasure(const request_manner& how, const user_erasure& what) {
  return answer_with(how, what.phase == erasure_phase::done ? 200 : 202,
                     to_json(encode_user_erasure(what)),
                     {{"Location", std::string(receipts_path) + what.id}});
}

} // namespace parley
