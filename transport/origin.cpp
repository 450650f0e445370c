// Compares whole strings; nothing is parsed out of an origin but a developer's port.
#include "transport/origin.hpp"

#include <algorithm>
#include <array>

#include "actors/fault.hpp"

namespace parley {

namespace {

constexpr std::array<std::string_view, 3> loopback_names{"localhost", "127.0.0.1", "[::1]"};

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

bool is_loopback_host(std::string_view host) {
  return std::any_of(loopback_names.begin(), loopback_names.end(), [host](std::string_view name) {
    if (!host.starts_with(name))
      return false;
    const std::string_view rest = host.substr(name.size());
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  });
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  constexpr std::array<std::string_view, 2> schemes{"http://", "https://"};
  return !host.empty() && std::any_of(schemes.begin(), schemes.end(), [&](std::string_view scheme) {
    return origin.starts_with(scheme) && origin.substr(scheme.size()) == host;
  });
}

bool is_origin_allowed(std::string_view origin, const std::vector<std::string>& allowed, bool dev) {
  constexpr std::string_view scheme = "http://";
  if (std::find(allowed.begin(), allowed.end(), origin) != allowed.end())
    return true;
  if (mutant("substring_origin"))
    return std::any_of(allowed.begin(), allowed.end(), [origin](const std::string& each) {
      return origin.find(each) != std::string_view::npos;
    });
  return dev && origin.starts_with(scheme) && is_loopback_host(origin.substr(scheme.size()));
}

} // namespace parley
