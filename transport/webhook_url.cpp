// From the left to the right; what is not expressly fine is refused.
#include "transport/webhook_url.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address_v6.hpp>

#include "actors/limits.hpp"

namespace parley {

namespace {

constexpr std::uint16_t plain_port = 80;
constexpr std::uint16_t secure_port = 443;

failure refused_url(const char* why) { return {error_code::bad_request, why, {}}; }

bool is_visible(char letter) { return letter > 0x20 && letter < 0x7f; }

bool is_of_name(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_';
}

bool is_host(std::string_view host, bool in_brackets) {
  if (!in_brackets)
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), is_of_name);
  boost::system::error_code code;
  boost::asio::ip::make_address_v6(std::string(host), code);
  return !code && host.find('%') == std::string_view::npos; // no zones
}

/// Nothing behind the colon means the scheme's own.
bool take_port(std::string_view text, std::uint16_t& port) {
  if (text.empty())
    return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port > 0;
}

} // namespace

result<webhook_target> parse_webhook_url(std::string_view url) {
  if (url.size() > limits::webhook_url_bytes)
    return refused_url("the URL is too long");
  if (!std::all_of(url.begin(), url.end(), is_visible) ||
      url.find_first_of("\\\"<>^`{|}") != std::string_view::npos)
    return refused_url("the URL has characters that no URL has");
  webhook_target made;
  made.secure = url.starts_with("https://");
  if (!made.secure && !url.starts_with("http://"))
    return refused_url("the URL must begin with https:// or http://");
  if (url.find('#') != std::string_view::npos)
    return refused_url("the URL has a fragment");
  std::string_view rest = url.substr(made.secure ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  rest.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos)
    return refused_url("the URL has a user's name");
  const bool in_brackets = authority.starts_with('[');
  const auto end =
      in_brackets ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (end == std::string_view::npos)
    return refused_url("the URL has no host");
  made.host = authority.substr(in_brackets ? 1 : 0, end - (in_brackets ? 1 : 0));
  const std::string_view behind =
      authority.substr(std::min(end + (in_brackets ? 1 : 0), authority.size()));
  made.port = made.secure ? secure_port : plain_port;
  if (!is_host(made.host, in_brackets))
    return refused_url("the URL has no host");
  if (!behind.empty() && (behind.front() != ':' || !take_port(behind.substr(1), made.port)))
    return refused_url("the URL's port makes no sense");
  made.path = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return made;
}

std::string host_field(const webhook_target& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + target.host + "]" : target.host;
  const bool is_default = target.port == (target.secure ? secure_port : plain_port);
  return is_default ? host : host + ":" + std::to_string(target.port);
}

} // namespace parley
