// What a webhook carries and how it is signed (Standard Webhooks, standardwebhooks.com).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/webhooks.hpp"

namespace parley {

/// The bytes of `whsec_` and base64; nothing when it is no secret of a length that is allowed.
std::optional<std::string> webhook_secret_of(std::string_view text);

/// The bytes of all of them; `bad_request` when one is none, or there are none or too many.
result<std::vector<std::string>> webhook_secrets_of(const std::vector<std::string>& texts);

/// `webhook-signature`: `v1,` and the base64 of the HMAC-SHA-256 of `id.timestamp.body`, for each
/// secret, with spaces between.
std::string webhook_signatures(const std::vector<std::string>& secrets, std::string_view id,
                               std::chrono::seconds since_epoch, std::string_view body);

/// {"type", "timestamp", "data"}.
std::string webhook_body(const webhook_delivery& what);

/// `2026-01-31T12:00:00.000Z` (RFC 3339).
std::string rfc3339(timestamp at);

} // namespace parley
