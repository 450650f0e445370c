// Makes what is sent smaller.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// The bytes in the format of gzip (RFC 1952), or nothing when there is no memory for it.
std::optional<std::string> gzip(std::string_view bytes);

} // namespace parley
