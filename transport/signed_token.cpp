// Three parts and a header; signatures are checked by whoever has a key.
#include "transport/signed_token.hpp"

#include <nlohmann/json.hpp>

#include "actors/digest.hpp"

namespace parley {

namespace {

/// Longer ones are nobody's: a token has to fit into the first message and into a header.
constexpr std::size_t longest_token = 4096;

std::optional<std::string> algorithm_of(std::string_view header) {
  const auto json = nlohmann::json::parse(header, nullptr, false);
  if (!json.is_object() || json.contains("crit"))
    return std::nullopt;
  const auto named = json.find("alg");
  if (named == json.end() || !named->is_string())
    return std::nullopt;
  return named->get<std::string>();
}

} // namespace

std::optional<std::string> from_canonical_base64url(std::string_view text) {
  std::string bytes = from_base64url(text);
  if (base64url(bytes) != text)
    return std::nullopt;
  return bytes;
}

std::optional<signed_token> take_apart(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (token.size() > longest_token || first == last || token.find('.', first + 1) != last)
    return std::nullopt;
  const auto header = from_canonical_base64url(token.substr(0, first));
  auto claims = from_canonical_base64url(token.substr(first + 1, last - first - 1));
  auto signature = from_canonical_base64url(token.substr(last + 1));
  if (!header || !claims || !signature || signature->empty())
    return std::nullopt;
  auto algorithm = algorithm_of(*header);
  if (!algorithm)
    return std::nullopt;
  return signed_token{token.substr(0, last), std::move(*algorithm), std::move(*claims),
                      std::move(*signature)};
}

} // namespace parley
