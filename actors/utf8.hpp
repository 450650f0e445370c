// Tells whether bytes are UTF-8 as RFC 3629 defines it.
#pragma once

#include <string_view>

namespace parley {

/// Refuses overlong forms, surrogates and everything above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

} // namespace parley
