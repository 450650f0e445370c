// The file that names the endpoints of webhooks.
#pragma once

#include <string>
#include <string_view>

#include "actors/errors.hpp"
#include "actors/webhooks.hpp"

namespace parley {

/// A JSON list of {"id", "url", "secrets", "events", "conversations"?}. Anything else is refused
/// with a text that says what and where, and has no secret in it.
result<webhook_endpoint_list> parse_webhooks(std::string_view json);

/// The same of a file.
result<webhook_endpoint_list> read_webhooks(const std::string& file);

} // namespace parley
