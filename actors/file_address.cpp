// The signature is base64url of HMAC-SHA-256 over everything that the address says.
#include "actors/file_address.hpp"

#include <openssl/crypto.h>

#include "actors/record.hpp"

namespace parley {

namespace {

std::string bytes_of(const digest& value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (plain.find(each) != std::string_view::npos)
      out += each;
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return out;
}

} // namespace

// What signs cursors signs nothing else.
file_addresses::file_addresses(std::string secret, std::string epoch)
    : key_(bytes_of(keyed_digest_of(secret, {"key of file addresses"}))), epoch_(std::move(epoch)) {
}

std::string file_addresses::signature_of(const file_id& file, const user_id& user,
                                         std::uint64_t until) const {
  return base64url(bytes_of(
      keyed_digest_of(key_, {"file", epoch_, file.str(), user.str(), std::to_string(until)})));
}

std::string file_addresses::sign(const file_id& file, const user_id& user, timestamp until) const {
  const auto at = static_cast<std::uint64_t>(to_wire(until));
  return "/v1/files/" + file.str() + "?user=" + percent_encoded(user.str()) +
         "&until=" + std::to_string(at) + "&signature=" + signature_of(file, user, at);
}

bool file_addresses::is_good(const file_id& file, const user_id& user, std::uint64_t until,
                             std::string_view signature, timestamp now) const {
  const std::string expected = signature_of(file, user, until);
  return signature.size() == expected.size() &&
         CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0 &&
         static_cast<std::uint64_t>(to_wire(now)) < until;
}

} // namespace parley
