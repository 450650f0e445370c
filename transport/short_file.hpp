// Files that operators write: read whole, if they are as short as such files are.
#pragma once

#include <string>

#include "actors/errors.hpp"

namespace parley {

/// `unavailable` when it cannot be read, `bad_request` when it has more than `most` bytes.
result<std::string> read_short_file(const std::string& file, std::size_t most);

} // namespace parley
