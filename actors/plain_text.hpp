// What people write, in the one form in which it is kept.
#pragma once

#include <string>
#include <string_view>

namespace parley {

/// Puts UTF-8 text into NFC (UAX #15), so that what looks the same is the same bytes. False when it
/// has control characters (C0 but for tab and line ends, DEL, C1), or more than 30 combining marks
/// in a row: then `into` is as it was.
bool take_plain_text(std::string_view text, std::string& into);

/// Line ends and marks that turn the direction of writing (Unicode, U+2028, U+2029, U+202A to
/// U+202E, U+2066 to U+2069): a name with one is not what it looks like.
bool has_deceiving_marks(std::string_view name);

} // namespace parley
