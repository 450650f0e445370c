// xxHash compiled in here, once.
#include "persistence/checksum.hpp"

#include <array>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace parley {

std::uint64_t checksum_of(std::string_view bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

void append_big_endian(std::string& to, std::uint64_t value) {
  std::array<char, 8> bytes;
  for (std::size_t i = bytes.size(); i > 0; --i, value >>= 8)
    bytes[i - 1] = static_cast<char>(value);
  to.append(bytes.data(), bytes.size());
}

std::uint64_t big_endian_at(std::string_view from) noexcept {
  std::uint64_t value = 0;
  for (char each : from.substr(0, 8))
    value = (value << 8) | static_cast<unsigned char>(each);
  return value;
}

} // namespace parley
