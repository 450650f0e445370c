// Tokens that others sign: checked with their public keys, never made here.
#pragma once

#include <string_view>
#include <vector>

#include "transport/public_key.hpp"
#include "transport/token_claims.hpp"

namespace parley {

/// Believes what one of its keys has signed. May be used by several threads at once.
class token_verifier {
public:
  /// `keys` has at least one; during a change of keys it has the old and the new one.
  token_verifier(std::vector<public_key> keys, token_rules rules)
      : keys_(std::move(keys)), rules_(std::move(rules)) {}

  /// Whose token it is, as `token_authority::verify` tells it.
  result<identity> verify(std::string_view token, timestamp now) const;

private:
  std::vector<public_key> keys_;
  token_rules rules_;
};

} // namespace parley
