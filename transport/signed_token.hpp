// A token taken apart: a JSON Web Signature in its compact form (RFC 7515), nothing of it believed
// yet.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// The parts of a token; the views point into its text.
struct signed_token {
  std::string_view signed_text; ///< What the signature is over: header and claims as they came.
  std::string algorithm;        ///< What the header says, which only a key may confirm.
  std::string claims;           ///< JSON, as far as anybody knows.
  std::string signature;        ///< Bytes.
};

/// Nothing when it has not three parts in canonical base64url, is absurdly long, its header is no
/// JSON object with a textual `alg`, or the header asks for extensions (`crit`): none is known
/// here.
std::optional<signed_token> take_apart(std::string_view token);

/// A text as bytes; nothing when it is not the one spelling that these bytes have in base64url.
std::optional<std::string> from_canonical_base64url(std::string_view text);

} // namespace parley
