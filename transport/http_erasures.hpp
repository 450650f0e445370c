// What the server answers to requests to erase a user, as pure functions.
#pragma once

#include <string_view>

#include "actors/erasures.hpp"
#include "transport/http_rules.hpp"

namespace parley {

/// `DELETE /v1/users/{id}?policy=…` and `GET /v1/erasures/{receipt}`: what is to be done, or the
/// answer.
http_decision decide_erasure(const http_request& request, request_manner how, std::string_view path,
                             std::string_view query, const edge_condition& now);

/// The receipt, as it is now.
http_answer answer_erasure(const request_manner& how, const user_erasure& what);

} // namespace parley
