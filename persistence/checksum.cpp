// xxHash compiled in here, once.
#include "persistence/checksum.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace parley {

std::uint64_t checksum_of(std::string_view bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

void append_big_endian(std::string& to, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    to.push_back(static_cast<char>(value >> shift));
}

std::uint64_t big_endian_at(std::string_view from) noexcept {
  std::uint64_t value = 0;
  for (char each : from.substr(0, 8))
    value = (value << 8) | static_cast<unsigned char>(each);
  return value;
}

} // namespace parley
