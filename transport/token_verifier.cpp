// A key is asked only about tokens of its own algorithm, which is thus pinned before any check.
#include "transport/token_verifier.hpp"

#include <algorithm>

#include "transport/signed_token.hpp"

namespace parley {

result<identity> token_verifier::verify(std::string_view token, timestamp now) const {
  const auto parts = take_apart(token);
  const bool believed =
      parts && std::any_of(keys_.begin(), keys_.end(), [&parts](const public_key& key) {
        return key.algorithm() == parts->algorithm &&
               key.verifies(parts->signed_text, parts->signature);
      });
  if (!believed)
    return failure{error_code::unauthenticated, "the token is not valid", {}};
  return judge_claims(parts->claims, rules_, now);
}

} // namespace parley
