// Folds a text piece by piece, so that each word of the result knows where it came from.
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

icu::UnicodeString folded(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString piece =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<int32_t>(text.size())});
  return without_accents(all_foldings().casefold->normalize(piece, status));
}

void append_utf8(std::string& to, UChar32 character) {
  std::array<char, U8_MAX_LENGTH> bytes{};
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes.data(), length, character);
  to.append(bytes.data(), length);
}

/// Takes what was folded, in the text's order, and tells where words begin and end.
class word_maker {
public:
  explicit word_maker(std::vector<word>& into) : words_(into) {}

  void take(UChar32 character, std::size_t begin, std::size_t end) {
    const sort_of is = sort(character);
    if (is == sort_of::none)
      return gap();
    open_ = open_ && is == sort_of::part_of_word;
    append_utf8(opened(begin, end), character);
    open_ = is == sort_of::part_of_word;
  }
  /// Letters or digits.
  void take(std::string_view letters, std::size_t begin, std::size_t end) {
    opened(begin, end) += letters;
  }
  void gap() { open_ = false; }

private:
  std::string& opened(std::size_t begin, std::size_t end) {
    if (!open_)
      words_.push_back({{}, begin, end});
    open_ = true;
    words_.back().end = end;
    return words_.back().term;
  }

  std::vector<word>& words_;
  bool open_ = false; // the last word may go on
};

// --- Characters that need no tables of ICU's -----------------------------------------------------

/// Of a character that has nothing to do with its neighbours: the letters and digits that it is
/// folded to, or none if it ends a word.
struct plain_character {
  std::array<char, 3> bytes{};
  std::uint8_t count = 0;
  bool is_plain = false;

  std::string_view letters() const { return {bytes.data(), count}; }
};

/// ASCII, and the letters of Latin-1, Latin Extended-A and B.
constexpr UChar32 plain_end = 0x250;

plain_character plain_of(UChar32 character) {
  constexpr UChar32 first_letter = 0xC0; // what is between it and ASCII may fold to nothing
  const bool is_ascii = character < 0x80;
  if (!is_ascii && (character < first_letter || sort(character) != sort_of::part_of_word))
    return {};
  std::string text;
  append_utf8(text, character);
  std::string letters;
  const icu::UnicodeString now = folded(text);
  for (int32_t at = 0; at < now.length(); at = now.moveIndex32(at, 1))
    if (sort(now.char32At(at)) == sort_of::part_of_word)
      append_utf8(letters, now.char32At(at));
    else if (!is_ascii)
      return {};
  plain_character plain;
  if (letters.size() > plain.bytes.size())
    return {};
  std::copy(letters.begin(), letters.end(), plain.bytes.begin());
  plain.count = static_cast<std::uint8_t>(letters.size());
  plain.is_plain = true;
  return plain;
}

const std::array<plain_character, plain_end>& all_plain() {
  static const auto all = [] {
    std::array<plain_character, plain_end> made;
    for (UChar32 each = 0; each < plain_end; ++each)
      made[static_cast<std::size_t>(each)] = plain_of(each);
    return made;
  }();
  return all;
}

/// What is at `at`, and its length in bytes, if it is in the table.
const plain_character* plain_at(std::string_view text, std::size_t at, std::size_t& length) {
  const auto byte = static_cast<unsigned char>(text[at]);
  std::size_t place = byte;
  length = 1;
  if (byte >= 0x80) {
    const bool is_of_two = byte >= 0xC3 && byte <= 0xC9 && at + 1 < text.size() &&
                           (static_cast<unsigned char>(text[at + 1]) & 0xC0) == 0x80;
    if (!is_of_two)
      return nullptr;
    place = (byte & 0x1FU) << 6 | (static_cast<unsigned char>(text[at + 1]) & 0x3FU);
    length = 2;
  }
  const auto& all = all_plain();
  return place < all.size() && all[place].is_plain ? &all[place] : nullptr;
}

/// Goes through a text: plain characters by the table, what is between them in pieces that ICU
/// folds.
class folder {
public:
  folder(std::string_view text, std::vector<word>& words) : text_(text), words_(words) {}

  void run() {
    while (at_ < text_.size())
      if (!take_plain())
        take_other();
    end_piece();
  }

private:
  /// Plain characters behind which nothing joins them; false without one.
  bool take_plain() {
    const std::size_t before = at_;
    std::size_t length = 0;
    for (auto* plain = plain_at(text_, at_, length); plain != nullptr;) {
      const std::size_t here = at_;
      const std::size_t next = here + length;
      auto* following = next < text_.size() ? plain_at(text_, next, length) : nullptr;
      if (next < text_.size() && following == nullptr)
        break;
      end_piece();
      if (plain->count == 0)
        words_.gap();
      else
        words_.take(plain->letters(), here, next);
      piece_ = at_ = next;
      plain = following;
    }
    return at_ > before;
  }

  void take_other() {
    const std::size_t here = at_;
    UChar32 character = 0;
    U8_NEXT_OR_FFFD(text_.data(), at_, text_.size(), character);
    if (all_foldings().casefold->hasBoundaryBefore(character) &&
        (U_GET_GC_MASK(character) & U_GC_M_MASK) == 0)
      end_piece(here);
  }

  void end_piece() { end_piece(at_); }
  /// Folds what is between two places at which folding may be cut.
  void end_piece(std::size_t end) {
    if (end <= piece_)
      return;
    const icu::UnicodeString now = folded(text_.substr(piece_, end - piece_));
    for (int32_t at = 0; at < now.length(); at = now.moveIndex32(at, 1))
      words_.take(now.char32At(at), piece_, end);
    piece_ = end;
  }

  std::string_view text_;
  word_maker words_;
  std::size_t at_ = 0;
  std::size_t piece_ = 0; ///< What is before it is folded.
};

} // namespace

std::vector<word> words_of(std::string_view text) {
  constexpr std::size_t usual_length = 4; // of a word and what is behind it
  std::vector<word> words;
  words.reserve(text.size() / usual_length + 1);
  folder{text, words}.run();
  return words;
}

std::string folding_version() { return U_ICU_VERSION "/" U_UNICODE_VERSION "/plain letters"; }

} // namespace parley
