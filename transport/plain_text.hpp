// What people write, in the one form in which it is kept.
#pragma once

#include <string>
#include <string_view>

namespace parley {

/// Puts UTF-8 text into NFC (UAX #15), so that what looks the same is the same bytes. False when it
/// has control characters (C0 but for tab and line ends, DEL, C1), or more than 30 combining marks
/// in a row: then `into` is as it was.
bool take_plain_text(std::string_view text, std::string& into);

} // namespace parley
