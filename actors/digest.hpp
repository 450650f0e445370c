// SHA-256 and HMAC-SHA-256 over lists of texts: ids that cannot be forged, fingerprints, cursor
// tags.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace parley {

using digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) over the parts, each preceded by its length, so that no two lists of parts
/// give the same input.
digest digest_of(std::initializer_list<std::string_view> parts);

/// HMAC-SHA-256 (RFC 2104) over the parts, each preceded by its length.
digest keyed_digest_of(std::string_view key, std::initializer_list<std::string_view> parts);

/// Lower-case hexadecimal of the first `bytes` of a digest.
std::string hex(const digest& value, std::size_t bytes);

/// Base64url without padding (RFC 4648, section 5).
std::string base64url(std::string_view bytes);

/// The bytes, or an empty string when the text is not base64url.
std::string from_base64url(std::string_view text);

} // namespace parley
