// Cuts an address down to what its owner cannot choose.
#include "transport/peer_address.hpp"

#include <cstddef>

#include <netinet/in.h>

namespace parley {

namespace {

/// Bytes of an IPv6 address that name the network.
constexpr std::size_t network_bytes = 8;
constexpr std::size_t mapped_prefix = 12;

} // namespace

std::string_view network_of(const sockaddr_storage& peer) noexcept {
  if (peer.ss_family == AF_INET) {
    const auto& address = reinterpret_cast<const sockaddr_in&>(peer).sin_addr;
    return {reinterpret_cast<const char*>(&address), sizeof address};
  }
  if (peer.ss_family != AF_INET6)
    return {};
  const auto& address = reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr;
  const std::string_view all{reinterpret_cast<const char*>(&address), sizeof address};
  return IN6_IS_ADDR_V4MAPPED(&address) ? all.substr(mapped_prefix) : all.substr(0, network_bytes);
}

} // namespace parley
