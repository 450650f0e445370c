// The checksum in front of everything that is stored: XXH3, 64 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace parley {

/// XXH3-64 of `bytes`. With a `seed` the same bytes give another sum: rows are seeded with where
/// they belong, so that a row in the wrong place is found out.
std::uint64_t checksum_of(std::string_view bytes, std::uint64_t seed = 0) noexcept;

/// Bytes of a stored checksum.
inline constexpr std::size_t checksum_bytes = 8;

/// Appends `value` big-endian.
void append_big_endian(std::string& to, std::uint64_t value);
/// The first 8 bytes as a big-endian number; `from` must hold them.
std::uint64_t big_endian_at(std::string_view from) noexcept;

} // namespace parley
