// Most of what is written is printable ASCII, which is seen eight bytes at a time.
#include "actors/plain_text.hpp"

#include <cstdint>
#include <cstring>

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace parley {

namespace {

constexpr std::uint64_t each_byte(std::uint64_t value) { return value * 0x0101010101010101U; }

/// Whether every byte is from 0x20 to 0x7e; says no of some others, too.
bool is_printable_ascii(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t odd = 0;
  for (; end - at >= 8; at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    odd |= bytes | (bytes - each_byte(0x20)) | (bytes + each_byte(0x01));
  }
  for (; at != end; ++at)
    odd |= (*at < 0x20 || *at > 0x7e) ? 0x80U : 0U;
  return (odd & each_byte(0x80)) == 0;
}

/// Longer runs of combining marks take quadratic time to put in order, and no script has them (UAX
/// #15, D3).
constexpr std::size_t most_marks = 30;

bool is_refused(std::string_view text) {
  std::size_t marks = 0;
  for (std::size_t at = 0; at < text.size();) {
    UChar32 character = 0;
    U8_NEXT_OR_FFFD(text.data(), at, text.size(), character);
    if (u_charType(character) == U_CONTROL_CHAR && character != '\t' && character != '\n' &&
        character != '\r')
      return true;
    marks = (U_GET_GC_MASK(character) & U_GC_M_MASK) == 0 ? 0 : marks + 1;
    if (marks > most_marks)
      return true;
  }
  return false;
}

} // namespace

bool take_plain_text(std::string_view text, std::string& into) {
  if (is_printable_ascii(text)) {
    into = text;
    return true;
  }
  if (is_refused(text))
    return false;
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status))
    return false;
  const icu::StringPiece piece{text.data(), static_cast<int32_t>(text.size())};
  if (nfc->isNormalizedUTF8(piece, status)) {
    into = text;
    return true;
  }
  std::string normal;
  icu::StringByteSink<std::string> sink{&normal};
  nfc->normalizeUTF8(0, piece, sink, nullptr, status);
  if (U_FAILURE(status) || is_refused(normal)) // some marks are two when they are taken apart
    return false;
  into = std::move(normal);
  return true;
}

bool has_deceiving_marks(std::string_view name) {
  for (std::size_t at = name.find('\xe2'); at != std::string_view::npos;
       at = name.find('\xe2', at + 1)) {
    const std::string_view mark = name.substr(at, 3);
    if ((mark >= "\xe2\x80\xa8" && mark <= "\xe2\x80\xae") ||
        (mark >= "\xe2\x81\xa6" && mark <= "\xe2\x81\xa9"))
      return true;
  }
  return false;
}

} // namespace parley
