// What an application is asked over HTTP about a message, and what it may answer.
#pragma once

#include <string>
#include <string_view>

#include "actors/screening.hpp"

namespace parley {

/// The `data` of the question as one MessagePack map: {conversation, from, message?, client_id?,
/// body, reply_to?, thread?, mentions?, meta?, files?}.
std::string encode_screened(const screened_message& what);

/// What an answer means: 204, or 200 with {"verdict": "allow" | "reject" | "rewrite", "body"?,
/// "meta"?, "reason"?}. `unavailable` with a text for the operator when it is anything else; texts
/// are in the form of what clients write, whatever their length (held_commands looks at that).
result<screening_verdict> parse_screening(unsigned int status, std::string_view body);

} // namespace parley
