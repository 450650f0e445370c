// OpenSSL signs; the event becomes JSON as it does for a WebSocket.
#include "transport/webhook_message.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "actors/digest.hpp"
#include "actors/limits.hpp"
#include "transport/codec.hpp"

namespace parley {

namespace {

const unsigned char* plain_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// With padding (RFC 4648, section 4).
std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0'); // OpenSSL ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   plain_bytes(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string webhook_hmac(std::string_view secret, std::string_view signed_text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), plain_bytes(signed_text),
       signed_text.size(), out.data(), &size);
  return base64({reinterpret_cast<const char*>(out.data()), size});
}

} // namespace

std::optional<std::string> webhook_secret_of(std::string_view text) {
  constexpr std::string_view prefix = "whsec_";
  if (!text.starts_with(prefix))
    return std::nullopt;
  const std::string_view coded = text.substr(prefix.size());
  std::string plain{coded.substr(0, coded.find('='))};
  std::replace(plain.begin(), plain.end(), '+', '-');
  std::replace(plain.begin(), plain.end(), '/', '_');
  auto bytes = from_base64url(plain);
  if (bytes.size() < limits::webhook_secret_low || bytes.size() > limits::webhook_secret_high ||
      base64(bytes) != coded)
    return std::nullopt;
  return bytes;
}

result<std::vector<std::string>> webhook_secrets_of(const std::vector<std::string>& texts) {
  const auto wrong = [](std::string why) {
    return failure{error_code::bad_request, std::move(why), {}};
  };
  if (texts.empty() || texts.size() > limits::webhook_secrets)
    return wrong("secrets must be a list of one to " + std::to_string(limits::webhook_secrets));
  std::vector<std::string> secrets;
  for (const auto& each : texts) {
    auto bytes = webhook_secret_of(each);
    if (!bytes)
      return wrong("a secret must be whsec_ and the base64 of 24 to 64 bytes");
    secrets.push_back(std::move(*bytes));
  }
  return secrets;
}

std::string webhook_signatures(const std::vector<std::string>& secrets, std::string_view id,
                               std::chrono::seconds since_epoch, std::string_view body) {
  std::string text{id};
  text += '.' + std::to_string(since_epoch.count()) + '.';
  text += body;
  std::string all;
  for (const auto& each : secrets)
    all += (all.empty() ? "v1," : " v1,") + webhook_hmac(each, text);
  return all;
}

std::string webhook_body(const webhook_delivery& what) {
  return R"({"type":")" + what.type + R"(","timestamp":")" + rfc3339(what.at) + R"(","data":)" +
         to_json(what.event) + "}";
}

std::string rfc3339(timestamp at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  const std::time_t seconds = whole.time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  const auto written = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string made{text.data(), written};
  const auto fraction = std::to_string((at - whole).count());
  return made + "." + std::string(3 - fraction.size(), '0') + fraction + "Z";
}

} // namespace parley
