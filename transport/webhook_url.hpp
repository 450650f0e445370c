// The URL of a webhook's endpoint, taken apart; nothing is looked up.
#pragma once

#include <string>
#include <string_view>

#include "actors/errors.hpp"
#include "actors/webhooks.hpp"

namespace parley {

/// `http` or `https` with a host, perhaps a port, a path and a query (RFC 3986). What may hide
/// something is refused: names and passwords, fragments, anything but visible ASCII.
result<webhook_target> parse_webhook_url(std::string_view url);

/// `host`, or `host:port` when that is not the scheme's own (RFC 9110, section 7.2).
std::string host_field(const webhook_target& target);

} // namespace parley
