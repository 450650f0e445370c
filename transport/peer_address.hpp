// What an address is to those who count by it.
#pragma once

#include <string_view>

#include <sys/socket.h>

namespace parley {

/// The bytes that tell one peer from another: an IPv4 address, also one written as IPv6, or the
/// network of an IPv6 address, since whoever has one of its addresses has all of them (RFC 6177).
/// They are part of `peer`; empty for other families.
std::string_view network_of(const sockaddr_storage& peer) noexcept;

} // namespace parley
