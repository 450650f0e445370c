// Tokens: who may connect as whom, signed with the server's key (JWT, RFC 7519, HS256 only).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "actors/interfaces.hpp"

namespace parley {

/// What a token is made of.
struct token_claims {
  user_id user;
  std::optional<std::string> name;
  std::chrono::seconds lifetime{};
  bool admin = false;
};

/// Verifies and mints tokens with one key. May be used by several threads at once.
class token_authority {
public:
  /// Bytes of a key: no less than the hash's own length (RFC 7518, section 3.2).
  static constexpr std::size_t least_key_bytes = 32;

  /// `key` must have at least `least_key_bytes`.
  explicit token_authority(std::string key);

  /// Whose token it is: `unauthenticated` for anything but a good one, `token_expired` for one that
  /// was good. `now` is the wall clock. The identity's device is left empty.
  result<identity> verify(std::string_view token, timestamp now) const;

  /// A new token, or an empty string when the claims make none.
  std::string mint(const token_claims& claims, timestamp now) const;

private:
  bool is_ours(std::string_view text, std::string_view signature) const;

  std::string key_;
};

/// The key in `path`, without the line feed at its end. `unavailable` when it cannot be read, is
/// readable by others or is too short.
result<std::string> read_token_key(const std::string& path);

/// The key in `path`; makes one, readable by its owner alone, when there is none yet. Several
/// processes may try at once and get the same.
result<std::string> read_or_make_token_key(const std::string& path);

} // namespace parley
