// Which web pages may open a connection, and which host names a developer's server answers to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// Whether a page of this origin may connect: exact match with one of `allowed` (RFC 6454, section
/// 5), and for a developer any http page of this machine.
bool is_origin_allowed(std::string_view origin, const std::vector<std::string>& allowed, bool dev);

/// Whether a page of this origin came from the very host and port that are asked now; `host` is the
/// Host header.
bool is_own_origin(std::string_view origin, std::string_view host);

/// Whether a Host header (`name` or `name:port`) means this machine.
bool is_loopback_host(std::string_view host);

} // namespace parley
