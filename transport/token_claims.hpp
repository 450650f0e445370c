// What a token says, once its signature is believed: the registered claims of RFC 7519 and what is
// asked of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/interfaces.hpp"

namespace parley {

/// Whoever asks on the operators' socket; no token may have this name.
inline constexpr std::string_view operators_name = "parley:operator";

/// What is asked beyond `sub` and `exp`, which every token must have.
struct token_rules {
  std::optional<std::string> issuer;   ///< `iss` must be this.
  std::optional<std::string> audience; ///< `aud` must be this, or a list with it.
  std::string admin_claim;             ///< True makes an administrator; empty: nobody is one.
};

/// Whether a token may name its user like this: UTF-8 of at most `limits::id_bytes`, and nobody
/// that the server itself goes by.
bool is_name_of_user(std::string_view name);

/// Whose token it is: `unauthenticated` for claims that are missing, malformed or not for us,
/// `token_expired` for good ones whose time is over. `text` is JSON. Times may have fractions
/// (NumericDate, RFC 7519, section 2) and are compared in milliseconds; beyond 53 bits of seconds
/// they are malformed. The identity's device is left empty.
result<identity> judge_claims(std::string_view text, const token_rules& rules, timestamp now);

} // namespace parley
