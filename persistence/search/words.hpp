// What a text is found by: its words, in a form in which case, accents and widths make no
// difference.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace parley {

/// A word in its folded form, and the bytes of the text that it stands for.
struct word {
  std::string term; ///< Letters, digits and symbols beyond ASCII; no spaces, no ASCII punctuation.
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const word&, const word&) = default;
};

/// The words of a UTF-8 text, in its order. A run of letters, marks and digits is one; in scripts
/// that are written without spaces (Han, kana, Hangul, Thai, Lao, Khmer, Myanmar) each character
/// is, so that any part of a run is found as a phrase; so is each symbol (an emoji, say). Folded as
/// NFKC_Casefold (UAX #31), then, where an accent is a matter of spelling (Latin, Greek, Cyrillic,
/// Hebrew, Arabic), without combining marks. Folding a term again changes nothing.
std::vector<word> words_of(std::string_view text);

/// Names the tables by which terms are folded: with others, the terms of a text may be others.
std::string folding_version();

} // namespace parley
