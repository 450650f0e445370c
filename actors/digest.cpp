// Digests by OpenSSL; base64url by hand, since OpenSSL's variant pads and breaks lines.
#include "actors/digest.hpp"

#include <cstdlib>
#include <memory>

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace parley {

namespace {

std::string with_lengths(std::initializer_list<std::string_view> parts) {
  std::size_t bytes = 0;
  for (std::string_view part : parts)
    bytes += 4 + part.size();
  std::string joined;
  joined.reserve(bytes);
  for (std::string_view part : parts) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8)
      joined.push_back(static_cast<char>(size >> shift));
    joined.append(part);
  }
  return joined;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// SHA-256 with what every digest needs made once. OpenSSL's own call looks the algorithm up by its
/// name and allocates, each time: a fifth of what the digest of a message took.
/// A process that cannot make digests cannot go on, and is told so by ending.
class sha256 {
public:
  sha256() {
    if (context_ == nullptr || algorithm() == nullptr)
      std::abort();
  }
  digest operator()(std::string_view text) {
    digest out{};
    if (EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr) != 1 ||
        EVP_DigestUpdate(context_.get(), text.data(), text.size()) != 1 ||
        EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) != 1)
      std::abort();
    return out;
  }

private:
  static const EVP_MD* algorithm() {
    static const std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> fetched{
        EVP_MD_fetch(nullptr, "SHA256", nullptr), &EVP_MD_free};
    return fetched.get();
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free};
};

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

} // namespace

digest digest_of(std::initializer_list<std::string_view> parts) {
  thread_local sha256 hash;
  return hash(with_lengths(parts));
}

digest keyed_digest_of(std::string_view key, std::initializer_list<std::string_view> parts) {
  const std::string input = with_lengths(parts);
  digest out{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(input), input.size(),
       out.data(), &size);
  return out;
}

std::string hex(const digest& value, std::size_t bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < bytes && i < value.size(); ++i) {
    text.push_back(digits[value[i] >> 4]);
    text.push_back(digits[value[i] & 15]);
  }
  return text;
}

std::string base64url(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (char byte : bytes) {
    bits = (bits << 8) | static_cast<std::uint8_t>(byte);
    for (held += 8; held >= 6; held -= 6)
      text.push_back(alphabet[(bits >> (held - 6)) & 63]);
  }
  if (held > 0)
    text.push_back(alphabet[(bits << (6 - held)) & 63]);
  return text;
}

std::string from_base64url(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (char letter : text) {
    const auto value = alphabet.find(letter);
    if (value == std::string_view::npos)
      return {};
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>(bits >> held));
    }
  }
  return bytes;
}

} // namespace parley
