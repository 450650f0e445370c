// Turns one line of JSON into MessagePack, so that both encodings share one decoder.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace parley {

/// The value as MessagePack, or nothing when the text is not one JSON value (RFC 8259), is not
/// UTF-8 or nests deeper than `depth`. Numbers that are no 64-bit integers become floating.
std::optional<std::string> to_msgpack(std::string_view json, std::size_t depth);

} // namespace parley
