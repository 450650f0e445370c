// What the engine answered to a command of REST, as HTTP has it.
#pragma once

#include <string_view>

#include "actors/metrics.hpp"
#include "transport/http_rules.hpp"

namespace parley {

/// Whether this is what the request is answered with, or something that comes before it.
bool is_answer(const rest_request& asked, std::string_view envelope);

/// The answer to a request: `envelope` is the engine's, one MessagePack map.
http_answer answer_rest(const rest_request& asked, std::string_view envelope);

/// The same of what the edge has to say by itself: one JSON object.
http_answer answer_rest_with(const rest_request& asked, std::string json);

/// What an answer counts as.
http_class class_of(const http_answer& what);

/// A refusal, with what every answer of REST has.
http_answer refuse_rest(const rest_request& asked, const failure& why);

} // namespace parley
