// Resume points: opaque to clients, authenticated, bound to their user and to the store's epoch.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "actors/ids.hpp"

namespace parley {

/// Seals positions into cursors and opens them again. Copies share nothing but the key.
class cursor_sealer {
public:
  /// `secret` is the server's own and never leaves it; `epoch` names this life of the store.
  cursor_sealer(std::string secret, std::string epoch);

  std::string seal(const user_id& user, position at) const;

  /// The position, or nothing when the cursor is malformed, another user's or of another epoch.
  std::optional<position> open(const user_id& user, std::string_view cursor) const;

  const std::string& epoch() const noexcept { return epoch_; }

private:
  std::string tag(const user_id& user, std::string_view payload) const;

  std::string secret_;
  std::string epoch_;
};

} // namespace parley
