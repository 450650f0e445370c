// What all requests below `/v1/` have in common, and all answers to them, as pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/http_rules.hpp"

namespace parley {

using http_fields = std::vector<std::pair<std::string, std::string>>;

/// What the head of a request says of it; its operation is known later.
request_manner manner_of(const http_request& request);

/// The answer to OPTIONS: the methods of a path, and what pages of the origin that asks may say.
http_answer answer_options(const http_request& request, std::string_view path);

/// A method that a path does not have, or nothing at all there.
http_answer refuse_method(std::string_view path);

/// Every answer has these: the request's name, and leave to read it for the page that asks.
http_fields fields_of_answer(const request_manner& how);

/// A good answer of one JSON object; to a GET with a tag, and nothing else when that is known.
http_answer answer_with(const request_manner& how, int status, std::string json,
                        http_fields fields = {});

} // namespace parley
