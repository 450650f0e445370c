// What a hit shows: the part of a text around what was looked for, and where in it that is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "persistence/search/search_terms.hpp"

namespace parley {

struct snippet {
  std::string text; ///< At most limits::snippet_characters, and an ellipsis where it was cut.
  /// [start, length] in characters (Unicode code points) of `text`; rising, apart from each other.
  std::vector<std::pair<std::size_t, std::size_t>> marks;
};

/// Around the first place where one of `phrases` is; the text's beginning when none is.
snippet snippet_of(std::string_view text, const std::vector<search_phrase>& phrases);

} // namespace parley
