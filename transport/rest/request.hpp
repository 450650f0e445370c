// Requests of REST, from the head of a request to the command that it means, as pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/commands.hpp"
#include "transport/http_rules.hpp"
#include "transport/rest/operations.hpp"

namespace parley {

/// Whether a request for a path of the table is a good one: then what is to be done, else the
/// answer.
http_decision decide_rest(const http_request& request, request_manner how, std::string_view path,
                          std::string_view query, const edge_condition& now);

/// Each parameter of a query once, with a name that is known; else what is wrong with it.
std::optional<failure> read_query(std::string_view query, const std::vector<rest_parameter>& known,
                                  query_pairs& into);

/// Whose command it is: `bearer` is who has the token. An administrator may act for anybody, with
/// no more rights than they have, unless it is for operators.
result<identity> asker_of(const rest_request& asked, result<identity> bearer);

/// The command of a request whose body, if it has one, is there. Its `ref` is one that asks for an
/// answer.
result<envelope> command_of(const rest_request& asked, std::string_view body);

} // namespace parley
