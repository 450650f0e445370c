// Folds a text piece by piece, so that each character of the result knows where it came from.
#include "persistence/search/words.hpp"

#include <algorithm>
#include <array>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>
#include <unicode/uvernum.h>

namespace parley {

namespace {

/// A character of the folded text and the bytes that it came from.
struct folded {
  UChar32 is = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

enum class sort_of : std::uint8_t { part_of_word, word_by_itself, none };

struct foldings {
  const icu::Normalizer2* casefold = nullptr;
  const icu::Normalizer2* decompose = nullptr;
  const icu::Normalizer2* compose = nullptr;
};

/// ICU keeps these for as long as the process runs; its data is a part of the library.
const foldings& all_foldings() {
  static const foldings all = [] {
    UErrorCode status = U_ZERO_ERROR;
    foldings made;
    made.casefold = icu::Normalizer2::getNFKCCasefoldInstance(status);
    made.decompose = icu::Normalizer2::getNFDInstance(status);
    made.compose = icu::Normalizer2::getNFCInstance(status);
    return made;
  }();
  return all;
}

UScriptCode script_of(UChar32 character) {
  UErrorCode status = U_ZERO_ERROR;
  return uscript_getScript(character, &status);
}

bool stands_alone(UChar32 character) {
  switch (script_of(character)) {
  case USCRIPT_HAN:
  case USCRIPT_HIRAGANA:
  case USCRIPT_KATAKANA:
  case USCRIPT_HANGUL:
  case USCRIPT_THAI:
  case USCRIPT_LAO:
  case USCRIPT_KHMER:
  case USCRIPT_MYANMAR:
    return true;
  default:
    return character == 0x30FC; // the mark of a long vowel is common to hiragana and katakana
  }
}

bool spells_with_accents(UScriptCode script) {
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC ||
         script == USCRIPT_HEBREW || script == USCRIPT_ARABIC;
}

sort_of sort(UChar32 character) {
  constexpr UChar32 replacement = 0xFFFD; // stands for bytes that are no text
  if (character == replacement)
    return sort_of::none;
  constexpr std::uint32_t word_mask = U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK;
  const std::uint32_t category = U_GET_GC_MASK(character);
  if ((category & word_mask) != 0)
    return stands_alone(character) ? sort_of::word_by_itself : sort_of::part_of_word;
  if (character >= 0x80 && (category & (U_GC_S_MASK & ~U_GC_SK_MASK)) != 0)
    return sort_of::word_by_itself;
  return sort_of::none;
}

/// What is written for a Latin letter that Unicode does not take apart, by whoever lacks it.
std::u16string_view plain_letters(UChar32 letter) {
  struct spelling {
    UChar32 letter;
    std::u16string_view plain;
  };
  static constexpr std::array spellings{
      spelling{u'æ', u"ae"}, spelling{u'œ', u"oe"}, spelling{u'ø', u"o"},  spelling{u'ł', u"l"},
      spelling{u'đ', u"d"},  spelling{u'ð', u"d"},  spelling{u'þ', u"th"}, spelling{u'ħ', u"h"},
      spelling{u'ŧ', u"t"},  spelling{u'ı', u"i"}};
  const auto* found = std::find_if(spellings.begin(), spellings.end(),
                                   [&](const spelling& each) { return each.letter == letter; });
  return found == spellings.end() ? std::u16string_view{} : found->plain;
}

/// Without the marks of those scripts in which they are a matter of spelling; a mark belongs to the
/// letter before it.
icu::UnicodeString without_accents(const icu::UnicodeString& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString apart = all_foldings().decompose->normalize(text, status);
  icu::UnicodeString left;
  bool drops = false;
  for (int32_t at = 0; at < apart.length(); at = apart.moveIndex32(at, 1)) {
    const UChar32 character = apart.char32At(at);
    const bool is_mark = (U_GET_GC_MASK(character) & U_GC_MN_MASK) != 0;
    if (!is_mark)
      drops = spells_with_accents(script_of(character));
    if (const auto plain = plain_letters(character); !plain.empty())
      left.append(plain.data(), static_cast<int32_t>(plain.size()));
    else if (!is_mark || !drops)
      left.append(character);
  }
  return all_foldings().compose->normalize(left, status);
}

/// Folds the text between two places at which folding may be cut.
void fold_piece(std::string_view text, std::size_t begin, std::size_t end,
                std::vector<folded>& into) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString piece =
      icu::UnicodeString::fromUTF8({text.data() + begin, static_cast<int32_t>(end - begin)});
  const icu::UnicodeString now = without_accents(all_foldings().casefold->normalize(piece, status));
  for (int32_t at = 0; at < now.length(); at = now.moveIndex32(at, 1))
    into.push_back({now.char32At(at), begin, end});
}

bool is_ascii(char each) { return static_cast<unsigned char>(each) < 0x80; }

void fold_ascii(char each, std::size_t at, std::vector<folded>& into) {
  const bool is_capital = each >= 'A' && each <= 'Z';
  into.push_back({is_capital ? each + ('a' - 'A') : each, at, at + 1});
}

/// An ASCII character behind which nothing can join it is by far the most common piece.
std::vector<folded> fold(std::string_view text) {
  std::vector<folded> all;
  all.reserve(text.size());
  const auto& casefold = *all_foldings().casefold;
  std::size_t piece = 0; // what is before it is folded
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t here = at;
    const bool is_plain = is_ascii(text[at]) && (at + 1 == text.size() || is_ascii(text[at + 1]));
    UChar32 character = 0;
    U8_NEXT_OR_FFFD(text.data(), at, text.size(), character);
    const bool may_cut = is_plain || (casefold.hasBoundaryBefore(character) &&
                                      (U_GET_GC_MASK(character) & U_GC_M_MASK) == 0);
    if (here > piece && may_cut) {
      fold_piece(text, piece, here, all);
      piece = here;
    }
    if (is_plain) {
      fold_ascii(text[here], here, all);
      piece = at;
    }
  }
  if (piece < text.size())
    fold_piece(text, piece, text.size(), all);
  return all;
}

void append_utf8(std::string& to, UChar32 character) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes.data(), length, character);
  to.append(bytes.data(), length);
}

} // namespace

std::vector<word> words_of(std::string_view text) {
  std::vector<word> words;
  bool open = false; // the last word may go on
  for (const auto& each : fold(text)) {
    const sort_of is = sort(each.is);
    if (is == sort_of::none || !open || is == sort_of::word_by_itself)
      open = false;
    if (is == sort_of::none)
      continue;
    if (!open)
      words.push_back({{}, each.begin, each.end});
    append_utf8(words.back().term, each.is);
    words.back().end = each.end;
    open = is == sort_of::part_of_word;
  }
  return words;
}

std::string folding_version() { return U_ICU_VERSION "/" U_UNICODE_VERSION "/plain letters"; }

} // namespace parley
