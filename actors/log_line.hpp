// How values are written in log lines: `event key=value key="value with anything in it"`.
#pragma once

#include <string>
#include <string_view>

namespace parley {

/// The text in quotes, on one line, escaped as in JSON (RFC 8259, section 7), so that no value can
/// pass for another key or another line.
std::string in_quotes(std::string_view text);

} // namespace parley
