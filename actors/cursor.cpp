// A cursor is base64url of: version, position (8 bytes, big-endian), tag (16 bytes).
#include "actors/cursor.hpp"

#include <openssl/crypto.h>

#include "actors/digest.hpp"

namespace parley {

namespace {

constexpr char version = 1;
constexpr std::size_t payload_bytes = 9;
constexpr std::size_t tag_bytes = 16;

std::string payload_of(position at) {
  std::string payload(1, version);
  for (int shift = 56; shift >= 0; shift -= 8)
    payload.push_back(static_cast<char>(at.value() >> shift));
  return payload;
}

position position_in(std::string_view payload) {
  std::uint64_t value = 0;
  for (char byte : payload.substr(1))
    value = (value << 8) | static_cast<std::uint8_t>(byte);
  return position{value};
}

} // namespace

cursor_sealer::cursor_sealer(std::string secret, std::string epoch)
    : secret_(std::move(secret)), epoch_(std::move(epoch)) {}

std::string cursor_sealer::tag(const user_id& user, std::string_view payload) const {
  const digest full = keyed_digest_of(secret_, {"cursor", epoch_, user.str(), payload});
  return {reinterpret_cast<const char*>(full.data()), tag_bytes};
}

std::string cursor_sealer::seal(const user_id& user, position at) const {
  const std::string payload = payload_of(at);
  return base64url(payload + tag(user, payload));
}

std::optional<position> cursor_sealer::open(const user_id& user, std::string_view cursor) const {
  const std::string bytes = from_base64url(cursor);
  if (bytes.size() != payload_bytes + tag_bytes || bytes[0] != version)
    return std::nullopt;
  const std::string payload = bytes.substr(0, payload_bytes);
  const std::string expected = tag(user, payload);
  if (CRYPTO_memcmp(expected.data(), bytes.data() + payload_bytes, tag_bytes) != 0)
    return std::nullopt;
  return position_in(payload);
}

} // namespace parley
