// What the engine answered to a command of REST, as HTTP has it.
#pragma once

#include <string_view>

#include "transport/http_rules.hpp"

namespace parley {

/// Whether this is what the request is answered with, or something that comes before it.
bool is_answer(const rest_request& asked, std::string_view envelope);

/// The answer to a request: `envelope` is the engine's, one MessagePack map.
http_answer answer_rest(const rest_request& asked, std::string_view envelope);

} // namespace parley
