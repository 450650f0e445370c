// Reads the keys once, at start; a change of keys is a restart.
#include "transport/main_tokens.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "transport/cli_token.hpp"
#include "transport/token_verifier.hpp"

namespace parley {

namespace {

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

result<std::vector<public_key>> read_keys(const std::vector<std::string>& files) {
  std::vector<public_key> keys;
  for (const auto& file : files) {
    auto key = read_public_key(file);
    if (!key)
      return key.error();
    keys.push_back(std::move(*key));
  }
  return keys;
}

/// `parleyd token` would otherwise print tokens that nobody takes.
outcome leave_word(const std::string& data, bool external) {
  const std::string mark = external_tokens_mark(data);
  std::error_code ec;
  if (!external)
    std::filesystem::remove(mark, ec);
  else if (!(std::ofstream{mark} << "The server was started with --jwt-key.\n").flush())
    return failure{error_code::unavailable, "cannot write " + mark, {}};
  return success();
}

result<authenticator> trust_others(const jwt_options& jwt) {
  auto keys = read_keys(jwt.key_files);
  if (!keys)
    return keys.error();
  token_rules rules{unless_empty(jwt.issuer), unless_empty(jwt.audience), jwt.admin_claim};
  auto verifier = std::make_shared<const token_verifier>(std::move(*keys), std::move(rules));
  return authenticator{
      [verifier](std::string_view token, timestamp now) { return verifier->verify(token, now); }};
}

result<authenticator> trust_ourselves(const serve_options& options) {
  auto key = open_token_key(options.data, options.secret_file);
  if (!key)
    return key.error();
  auto authority = std::make_shared<const token_authority>(std::move(*key));
  return authenticator{
      [authority](std::string_view token, timestamp now) { return authority->verify(token, now); }};
}

} // namespace

result<authenticator> open_authenticator(const serve_options& options) {
  const bool external = !options.jwt.key_files.empty();
  auto opened = external ? trust_others(options.jwt) : trust_ourselves(options);
  if (!opened)
    return opened;
  if (auto left = leave_word(options.data, external); !left)
    return left.error();
  return opened;
}

} // namespace parley
