// Two tables of networks; an IPv6 address that stands for an IPv4 one is judged as that.
#include "transport/webhook_address.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace parley {

namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

struct v4_network {
  std::uint32_t first;
  int bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return a << 24 | b << 16 | c << 8;
}

constexpr std::array closed_v4{
    v4_network{v4(0, 0, 0), 8},       // this network
    v4_network{v4(10, 0, 0), 8},      // private
    v4_network{v4(100, 64, 0), 10},   // of carriers
    v4_network{v4(127, 0, 0), 8},     // loopback
    v4_network{v4(169, 254, 0), 16},  // link-local; clouds tell machines their secrets here
    v4_network{v4(172, 16, 0), 12},   // private
    v4_network{v4(192, 0, 0), 24},    // protocol assignments
    v4_network{v4(192, 0, 2), 24},    // documentation
    v4_network{v4(192, 88, 99), 24},  // relays
    v4_network{v4(192, 168, 0), 16},  // private
    v4_network{v4(198, 18, 0), 15},   // benchmarks
    v4_network{v4(198, 51, 100), 24}, // documentation
    v4_network{v4(203, 0, 113), 24},  // documentation
    v4_network{v4(224, 0, 0), 4},     // multicast
    v4_network{v4(240, 0, 0), 4},     // reserved, broadcast
};

bool is_public_v4(std::uint32_t address) {
  return std::none_of(closed_v4.begin(), closed_v4.end(), [address](const v4_network& each) {
    return (address ^ each.first) >> (32 - each.bits) == 0;
  });
}

using v6_bytes = address_v6::bytes_type;

struct v6_network {
  std::array<std::uint8_t, 12> first; ///< The rest is zero.
  int bits;
};

constexpr std::array closed_v6{
    v6_network{{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48}, // translation within a network
    v6_network{{0x01, 0x00}, 64},                         // discard
    v6_network{{0x20, 0x01, 0x00, 0x00}, 23},             // protocol assignments, Teredo
    v6_network{{0x20, 0x01, 0x0d, 0xb8}, 32},             // documentation
    v6_network{{0x3f, 0xff}, 20},                         // documentation
    v6_network{{0x5f, 0x00}, 16},                         // segment routing
    v6_network{{0xfc, 0x00}, 7},                          // unique local
    v6_network{{0xfe, 0x80}, 10},                         // link-local
    v6_network{{0xfe, 0xc0}, 10},                         // site-local
    v6_network{{0xff, 0x00}, 8},                          // multicast
};

bool is_in(const v6_bytes& address, const v6_network& network) {
  for (int bit = 0; bit < network.bits; bit += 8) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const int left = std::min(8, network.bits - bit);
    const std::uint8_t theirs = at < network.first.size() ? network.first[at] : 0;
    if (((address[at] ^ theirs) & 0xff) >> (8 - left) != 0)
      return false;
  }
  return true;
}

std::uint32_t v4_at(const v6_bytes& address, std::size_t at) {
  return v4(address[at], address[at + 1], address[at + 2]) | address[at + 3];
}

bool is_public_v6(const v6_bytes& address) {
  constexpr v6_network first_96{{}, 96}; // unspecified, loopback, IPv4-compatible
  constexpr v6_network mapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
  constexpr v6_network stateless{{0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0}, 96}; // RFC 7915
  constexpr v6_network translated{{0x00, 0x64, 0xff, 0x9b}, 96};
  constexpr v6_network by_relay{{0x20, 0x02}, 16};
  if (is_in(address, first_96))
    return false;
  if (is_in(address, mapped) || is_in(address, stateless) || is_in(address, translated))
    return is_public_v4(v4_at(address, 12));
  if (is_in(address, by_relay))
    return is_public_v4(v4_at(address, 2));
  return std::none_of(closed_v6.begin(), closed_v6.end(),
                      [&](const v6_network& each) { return is_in(address, each); });
}

} // namespace

bool is_public(const boost::asio::ip::address& address) {
  return address.is_v4() ? is_public_v4(address.to_v4().to_uint())
                         : is_public_v6(address.to_v6().to_bytes());
}

} // namespace parley
