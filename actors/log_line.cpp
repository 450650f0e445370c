// Escapes what would end a value or a line.
#include "actors/log_line.hpp"

namespace parley {

std::string in_quotes(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out{'"'};
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (each == '"' || each == '\\')
      out += '\\';
    if (byte >= 0x20 && byte != 0x7f)
      out += each;
    else
      out.append("\\u00").append({digits[byte >> 4], digits[byte & 15]});
  }
  return out += '"';
}

} // namespace parley
