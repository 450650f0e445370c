// A public key that tokens are checked with, and the one algorithm that goes with it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/evp.h>

#include "actors/errors.hpp"

namespace parley {

/// Algorithms of public keys (RFC 7518, section 3.1).
enum class key_algorithm : std::uint8_t {
  rs256, ///< RSASSA-PKCS1-v1_5 with SHA-256, keys of at least 2048 bits.
  es256, ///< ECDSA on P-256 with SHA-256.
};

/// Immutable; may be used by several threads at once.
class public_key {
public:
  /// The key in a PEM text. `unavailable` when there is none, more than one, or one of another
  /// kind.
  static result<public_key> parse(const std::string& pem);

  /// As tokens spell it in `alg`.
  std::string_view algorithm() const noexcept;

  /// Whether `signature`, as tokens carry it, is this key's over `text`.
  bool verifies(std::string_view text, std::string_view signature) const;

private:
  using key_ptr = std::shared_ptr<EVP_PKEY>;

  public_key(key_ptr key, key_algorithm algorithm) : key_(std::move(key)), algorithm_(algorithm) {}

  key_ptr key_;
  key_algorithm algorithm_;
};

/// The key in a file; the failure names it.
result<public_key> read_public_key(const std::string& path);

} // namespace parley
