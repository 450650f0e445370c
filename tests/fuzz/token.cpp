// Tokens, from their three parts to the claims, and the keys that others sign them with.
#include "transport/token.hpp"

#include <string>

#include "actors/digest.hpp"
#include "actors/utf8.hpp"
#include "tests/fuzz/decoders.hpp"
#include "transport/public_key.hpp"
#include "transport/signed_token.hpp"
#include "transport/token_verifier.hpp"

namespace parley::fuzz {

namespace {

constexpr timestamp today{std::chrono::seconds{1'769'860'800}};

/// Of nobody: its private half was thrown away.
const public_key& stranger() {
  static const auto key =
      public_key::parse("-----BEGIN PUBLIC KEY-----\n"
                        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEwm9SDLOUPU7vhzwcqum26KhYXDqD\n"
                        "1fjy4cRsaa0pqEpG3beKU/q9CCYcooAI3hYCKMEQwOo6xnj1ewquPu+Nqw==\n"
                        "-----END PUBLIC KEY-----\n");
  promise(key.ok(), "the key is one");
  return *key;
}

void look_at_identity(const result<identity>& who) {
  if (!who)
    return;
  promise(!who->user.str().empty() && is_utf8(who->user.str()), "a token names a user");
  promise(who->expires_at > today, "a token that is good has not ended");
  promise(!who->name || is_utf8(*who->name), "a name is text");
}

} // namespace

void read_token(std::string_view bytes) {
  static const token_authority ours{std::string(32, 'k')};
  static const token_verifier theirs{{stranger()}, {"issuer", "audience", "admin"}};
  if (const auto parts = take_apart(bytes))
    promise(std::string{parts->signed_text} + "." + base64url(parts->signature) == bytes,
            "a token has one spelling");
  look_at_identity(ours.verify(bytes, today));
  promise(!theirs.verify(bytes, today), "nobody has signed this");
  promise(!stranger().verifies("text", bytes), "nobody has signed this text");
  look_at_identity(judge_claims(bytes, {{}, {}, "admin"}, today));
  look_at_identity(judge_claims(bytes, {"issuer", "audience", "admin"}, today));
  if (bytes.find("-----BEGIN") != std::string_view::npos) // looking for nothing takes long, too
    (void)public_key::parse(std::string{bytes});
}

} // namespace parley::fuzz
