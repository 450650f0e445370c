// Addresses of files that need no token: signed, for one user and some minutes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/files.hpp"

namespace parley {

/// Signs addresses and knows its own again.
class file_addresses {
public:
  /// `secret` is the server's own and never leaves it; `epoch` names this life of the store.
  file_addresses(std::string secret, std::string epoch);

  /// `/v1/files/{id}?user=...&until=...&signature=...`
  std::string sign(const file_id& file, const user_id& user, timestamp until) const;
  /// Whether this was signed, and is still good. Whether the user may read the file is not asked
  /// here.
  bool is_good(const file_id& file, const user_id& user, std::uint64_t until,
               std::string_view signature, timestamp now) const;

private:
  std::string signature_of(const file_id& file, const user_id& user, std::uint64_t until) const;

  std::string key_;
  std::string epoch_;
};

} // namespace parley
