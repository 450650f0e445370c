// Writes what the engine encoded as MessagePack once more as JSON.
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "actors/msgpack_reader.hpp"
#include "transport/codec.hpp"

namespace parley {

namespace {

/// Events may carry what applications nest inside them, plus our own envelope around it.
constexpr std::size_t deepest = 24;

void write_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (byte) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    out += "\\u00";
    out += digits[byte >> 4];
    out += digits[byte & 0x0f];
  }
}

bool is_plain(unsigned char byte) { return byte >= 0x20 && byte != '"' && byte != '\\'; }

/// Whether all of eight bytes are plain, as far as can be told without looking at each: subtracting
/// sets the highest bit of a byte that is smaller, and at worst of one behind it.
bool are_plain(const char* bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::uint64_t eight = 0;
  std::memcpy(&eight, bytes, sizeof eight);
  const std::uint64_t quotes = eight ^ ones * '"';
  const std::uint64_t slashes = eight ^ ones * '\\';
  const std::uint64_t found = ((eight - ones * 0x20) & ~eight) | ((quotes - ones) & ~quotes) |
                              ((slashes - ones) & ~slashes);
  return (found & ones * 0x80) == 0;
}

void write_text(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain + 8 <= text.size() && are_plain(text.data() + plain))
      plain += 8;
    while (plain < text.size() && is_plain(static_cast<unsigned char>(text[plain])))
      ++plain;
    out += text.substr(0, plain);
    if (plain < text.size())
      write_escape(out, static_cast<unsigned char>(text[plain++]));
    text.remove_prefix(plain);
  }
  out += '"';
}

template <class Number>
void write_number(std::string& out, Number value) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

bool write_value(std::string& out, std::string_view& rest, std::size_t depth);

bool write_elements(std::string& out, std::string_view& rest, const msgpack_head& head,
                    std::size_t depth) {
  const bool is_map = head.kind == msgpack_kind::map;
  if (depth == 0)
    return false;
  out += is_map ? '{' : '[';
  for (std::uint64_t i = 0; i < head.number; ++i) {
    if (i > 0)
      out += ',';
    if (is_map) {
      msgpack_head key;
      if (!take_head(rest, key) || key.kind != msgpack_kind::text)
        return false;
      write_text(out, key.bytes);
      out += ':';
    }
    if (!write_value(out, rest, depth - 1))
      return false;
  }
  out += is_map ? '}' : ']';
  return true;
}

bool write_value(std::string& out, std::string_view& rest, std::size_t depth) {
  msgpack_head head;
  if (!take_head(rest, head))
    return false;
  switch (head.kind) {
  case msgpack_kind::nil:
    out += "null";
    return true;
  case msgpack_kind::boolean:
    out += head.truth ? "true" : "false";
    return true;
  case msgpack_kind::unsigned_integer:
    write_number(out, head.number);
    return true;
  case msgpack_kind::negative_integer:
    write_number(out, head.negative);
    return true;
  case msgpack_kind::floating:
    if (!std::isfinite(head.real))
      return false;
    write_number(out, head.real);
    return true;
  case msgpack_kind::text:
    write_text(out, head.bytes);
    return true;
  case msgpack_kind::array:
  case msgpack_kind::map:
    return write_elements(out, rest, head, depth);
  case msgpack_kind::binary:
  case msgpack_kind::extension:
    return false;
  }
  return false;
}

} // namespace

std::string to_json(std::string_view msgpack_maps) {
  std::string lines;
  lines.reserve(msgpack_maps.size() + msgpack_maps.size() / 4);
  while (!msgpack_maps.empty()) {
    const std::size_t start = lines.size();
    if (start > 0)
      lines += '\n';
    if (!write_value(lines, msgpack_maps, deepest)) {
      lines.resize(start);
      break;
    }
  }
  return lines;
}

} // namespace parley
