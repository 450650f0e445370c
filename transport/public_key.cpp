// The key decides how a signature is checked; what a token says of its algorithm is not heard here.
#include "transport/public_key.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace parley {

namespace {

/// Shorter RSA keys must not be used with RS256 (RFC 7518, section 3.3).
constexpr int least_rsa_bits = 2048;
/// Bytes of each of the two numbers that a signature on P-256 is made of.
constexpr std::size_t p256_bytes = 32;
/// A key of 16384 bits takes a sixth of it.
constexpr std::size_t most_pem_bytes = 16 * 1024;
constexpr std::string_view begin_mark = "-----BEGIN ";

failure unusable(std::string why) { return {error_code::unavailable, std::move(why), {}}; }

/// Instead of OpenSSL's own, which asks on the terminal.
int no_password(char*, int, int, void*) { return -1; }

std::shared_ptr<EVP_PKEY> decode_pem(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> from{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
  EVP_PKEY* key = PEM_read_bio_PUBKEY(from.get(), nullptr, &no_password, nullptr);
  ERR_clear_error();
  return {key, &EVP_PKEY_free};
}

bool is_sound(EVP_PKEY* key) {
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> check{
      EVP_PKEY_CTX_new(key, nullptr), &EVP_PKEY_CTX_free};
  const bool sound = check && EVP_PKEY_public_check(check.get()) == 1;
  ERR_clear_error();
  return sound;
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1 &&
         std::string_view{name.data()} == "prime256v1";
}

result<key_algorithm> algorithm_for(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
  case EVP_PKEY_RSA:
    if (EVP_PKEY_get_bits(key) < least_rsa_bits)
      return unusable("the RSA key has fewer than 2048 bits");
    return key_algorithm::rs256;
  case EVP_PKEY_EC:
    if (!is_p256(key))
      return unusable("the key is on another curve than P-256");
    return key_algorithm::es256;
  default:
    return unusable("the key is neither RSA nor EC");
  }
}

using number_ptr = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

number_ptr to_number(std::string_view bytes) {
  return {BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                    static_cast<int>(bytes.size()), nullptr),
          &BN_free};
}

/// Tokens carry two numbers side by side (RFC 7518, section 3.4), OpenSSL takes them as DER.
std::optional<std::string> to_der(std::string_view signature) {
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair{ECDSA_SIG_new(),
                                                                   &ECDSA_SIG_free};
  if (!pair || signature.size() != 2 * p256_bytes)
    return std::nullopt;
  auto r = to_number(signature.substr(0, p256_bytes));
  auto s = to_number(signature.substr(p256_bytes));
  if (!r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1)
    return std::nullopt;
  static_cast<void>(r.release()); // they belong to the pair now
  static_cast<void>(s.release());
  unsigned char* made = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &made);
  if (size <= 0)
    return std::nullopt;
  std::string der{reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
  OPENSSL_free(made);
  return der;
}

} // namespace

result<public_key> public_key::parse(const std::string& pem) {
  const std::size_t first = pem.find(begin_mark);
  if (first != std::string::npos && pem.find(begin_mark, first + 1) != std::string::npos)
    return unusable("there is more than one PEM block; give each key a file of its own");
  if (pem.find("PRIVATE KEY-----") != std::string::npos)
    return unusable("this is a private key; the server wants the public one");
  key_ptr key = decode_pem(pem);
  if (!key)
    return unusable("there is no public key in it (PEM, BEGIN PUBLIC KEY)");
  const auto algorithm = algorithm_for(key.get());
  if (!algorithm)
    return algorithm.error();
  if (!is_sound(key.get()))
    return unusable("the key is broken");
  return public_key{std::move(key), *algorithm};
}

std::string_view public_key::algorithm() const noexcept {
  return algorithm_ == key_algorithm::rs256 ? "RS256" : "ES256";
}

bool public_key::verifies(std::string_view text, std::string_view signature) const {
  std::string bytes{signature};
  if (algorithm_ == key_algorithm::es256) {
    auto der = to_der(signature);
    if (!der)
      return false;
    bytes = std::move(*der);
  }
  const auto raw = [](std::string_view of) {
    return reinterpret_cast<const unsigned char*>(of.data());
  };
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> check{EVP_MD_CTX_new(),
                                                                      &EVP_MD_CTX_free};
  const bool good =
      check && EVP_DigestVerifyInit(check.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(check.get(), raw(bytes), bytes.size(), raw(text), text.size()) == 1;
  ERR_clear_error(); // or whoever asks OpenSSL next on this thread would be told of it
  return good;
}

result<public_key> read_public_key(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return unusable("cannot open " + path + ": " + std::strerror(errno));
  std::string pem(most_pem_bytes, '\0');
  file.read(pem.data(), static_cast<std::streamsize>(pem.size()));
  pem.resize(static_cast<std::size_t>(file.gcount()));
  auto key = public_key::parse(pem);
  if (!key)
    return unusable("cannot use " + path + ": " + key.error().message);
  return key;
}

} // namespace parley
