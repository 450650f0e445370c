// The signature is checked before anything inside the token is believed, and only as HMAC-SHA-256.
#include "transport/token.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>

#include <jwt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "actors/digest.hpp"
#include "actors/limits.hpp"
#include "transport/utf8.hpp"

namespace parley {

namespace {

/// Longer ones are nobody's: a token has to fit into the first message and into a header.
constexpr std::size_t longest_token = 4096;
/// The first second of the year 2200: later ones are cut to it, so that the system clock's
/// nanoseconds can be compared with it.
constexpr long latest_expiry = 7'258'118'400;

using jwt_ptr = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

failure unauthenticated(std::string why) {
  return {error_code::unauthenticated, std::move(why), {}};
}

jwt_ptr parse(const std::string& token, const std::string& key) {
  jwt_t* parsed = nullptr;
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
  if (jwt_decode(&parsed, token.c_str(), bytes, static_cast<int>(key.size())) != 0)
    parsed = nullptr;
  return {parsed, &jwt_free};
}

using json_text = std::unique_ptr<char, decltype(&std::free)>;

bool has(jwt_t* token, const char* claim) {
  return json_text{jwt_get_grants_json(token, claim), &std::free} != nullptr;
}

/// A whole number, or nothing when the claim is absent or something else. libjwt itself takes 0 for
/// whatever is no number.
std::optional<long> number(jwt_t* token, const char* claim) {
  const json_text json{jwt_get_grants_json(token, claim), &std::free};
  if (json == nullptr)
    return std::nullopt;
  const std::string_view text = json.get();
  long value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size())
    return std::nullopt;
  return value;
}

bool flag(jwt_t* token, const char* claim) {
  errno = 0;
  return jwt_get_grant_bool(token, claim) == 1 && errno == 0;
}

result<identity> judge(jwt_t* token, timestamp now) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const char* user = jwt_get_grant(token, "sub");
  const std::string_view name = user == nullptr ? "" : user;
  if (name.empty() || name.size() > limits::id_bytes || !is_utf8(name))
    return unauthenticated("the token names no user");
  const auto expires = number(token, "exp");
  if (!expires)
    return unauthenticated("the token has no expiry");
  const auto begins = number(token, "nbf");
  if (!begins && has(token, "nbf"))
    return unauthenticated("the token's nbf is malformed");
  if (begins && *begins > seconds)
    return unauthenticated("the token is not valid yet");
  if (*expires <= seconds)
    return failure{error_code::token_expired, "the token has expired", {}};
  identity who;
  who.user = user_id{std::string{name}};
  who.expires_at = timestamp{std::chrono::seconds{std::min(*expires, latest_expiry)}};
  who.admin = flag(token, "admin");
  return who;
}

} // namespace

token_authority::token_authority(std::string key) : key_(std::move(key)) {}

bool token_authority::is_signed_by_us(std::string_view token) const {
  const std::size_t dot = token.rfind('.');
  if (dot == std::string_view::npos)
    return false;
  const std::string signature = from_base64url(token.substr(dot + 1));
  std::array<unsigned char, EVP_MAX_MD_SIZE> expected{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(token.data()), dot, expected.data(), &size);
  return size == signature.size() && CRYPTO_memcmp(expected.data(), signature.data(), size) == 0;
}

result<identity> token_authority::verify(std::string_view token, timestamp now) const {
  if (token.size() > longest_token || token.find('\0') != std::string_view::npos ||
      !is_signed_by_us(token))
    return unauthenticated("the token is not valid");
  // libjwt checks the signature once more; what it is told by the header does not matter, since
  // only what was signed with our key as HMAC-SHA-256 comes this far and says so.
  const auto parsed = parse(std::string{token}, key_);
  if (!parsed || jwt_get_alg(parsed.get()) != JWT_ALG_HS256)
    return unauthenticated("the token is not valid");
  return judge(parsed.get(), now);
}

std::string token_authority::mint(const token_claims& claims, timestamp now) const {
  jwt_t* made = nullptr;
  if (claims.user.empty() || claims.user.str().size() > limits::id_bytes ||
      !is_utf8(claims.user.str()) || jwt_new(&made) != 0)
    return {};
  const jwt_ptr token{made, &jwt_free};
  const auto issued = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  jwt_add_grant(made, "sub", claims.user.str().c_str());
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
