// The signature is checked before anything inside the token is believed, and only as HMAC-SHA-256.
#include "transport/token.hpp"

#include <array>
#include <cstdlib>
#include <memory>

#include <jwt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "transport/signed_token.hpp"
#include "transport/token_claims.hpp"

namespace parley {

namespace {

/// `parleyd token --admin` writes this claim, and nobody else has the key.
const token_rules own_rules{{}, {}, "admin"};

using jwt_ptr = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

} // namespace

token_authority::token_authority(std::string key) : key_(std::move(key)) {}

bool token_authority::is_ours(std::string_view text, std::string_view signature) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> expected{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), expected.data(), &size);
  return size == signature.size() && CRYPTO_memcmp(expected.data(), signature.data(), size) == 0;
}

result<identity> token_authority::verify(std::string_view token, timestamp now) const {
  const auto parts = take_apart(token);
  if (!parts || parts->algorithm != "HS256" || !is_ours(parts->signed_text, parts->signature))
    return failure{error_code::unauthenticated, "the token is not valid", {}};
  return judge_claims(parts->claims, own_rules, now);
}

std::string token_authority::mint(const token_claims& claims, timestamp now) const {
  jwt_t* made = nullptr;
  const std::string& user = claims.user.str();
  if (!is_name_of_user(user) || jwt_new(&made) != 0)
    return {};
  const jwt_ptr token{made, &jwt_free};
  const auto issued = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  jwt_add_grant(made, "sub", user.c_str());
  jwt_add_grant_int(made, "iat", issued.count());
  jwt_add_grant_int(made, "exp", (issued + claims.lifetime).count());
  if (claims.name)
    jwt_add_grant(made, "name", claims.name->c_str());
  if (claims.admin)
    jwt_add_grant_bool(made, "admin", 1);
  const auto* key = reinterpret_cast<const unsigned char*>(key_.data());
  if (jwt_set_alg(made, JWT_ALG_HS256, key, static_cast<int>(key_.size())) != 0)
    return {};
  const std::unique_ptr<char, decltype(&std::free)> text{jwt_encode_str(made), &std::free};
  return text ? std::string{text.get()} : std::string{};
}

} // namespace parley
