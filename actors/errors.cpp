// The one table that says what every error is called and how it shows in HTTP and WebSocket.
#include "actors/errors.hpp"

#include <array>

namespace parley {

namespace {

constexpr std::array<error_description, 14> table{{
    {error_code::bad_request, "bad_request", 400, close_code::policy},
    {error_code::unknown_type, "unknown_type", 400, close_code::policy},
    {error_code::unauthenticated, "unauthenticated", 401, close_code::unauthenticated},
    {error_code::token_expired, "token_expired", 401, close_code::unauthenticated},
    {error_code::forbidden, "forbidden", 403, close_code::forbidden},
    {error_code::not_found, "not_found", 404, close_code::policy},
    {error_code::conflict, "conflict", 409, close_code::policy},
    {error_code::too_large, "too_large", 413, close_code::too_large},
    {error_code::rate_limited, "rate_limited", 429, close_code::too_slow_or_fast},
    {error_code::slow_mode, "slow_mode", 429, close_code::too_slow_or_fast},
    {error_code::frozen, "frozen", 409, close_code::policy},
    {error_code::overloaded, "overloaded", 503, close_code::overloaded},
    {error_code::unavailable, "unavailable", 503, close_code::restart},
    {error_code::internal, "internal", 500, close_code::internal},
}};

} // namespace

const error_description& describe(error_code code) noexcept {
  return table[static_cast<std::size_t>(code)];
}

} // namespace parley
