// Walks MessagePack (github.com/msgpack/msgpack, spec.md) with a fixed stack.
#include "actors/msgpack_reader.hpp"

#include <array>
#include <bit>
#include <cmath>

#include "actors/fault.hpp"
#include "actors/limits.hpp"
#include "actors/utf8.hpp"

namespace parley {

namespace {

/// Takes a big-endian number of `size` bytes.
bool take_number(std::string_view& rest, std::size_t size, std::uint64_t& number) noexcept {
  if (rest.size() < size)
    return false;
  number = 0;
  for (std::size_t i = 0; i < size; ++i)
    number = number << 8 | static_cast<unsigned char>(rest[i]);
  rest.remove_prefix(size);
  return true;
}

bool take_bytes(std::string_view& rest, std::uint64_t size, msgpack_head& head,
                msgpack_kind kind) noexcept {
  if (rest.size() < size)
    return false;
  head.kind = kind;
  head.bytes = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

/// Every element takes at least a byte, every pair two: more cannot be there.
bool begin_container(std::string_view rest, std::uint64_t count, msgpack_head& head,
                     msgpack_kind kind) noexcept {
  head.kind = kind;
  head.number = count;
  return count <= rest.size() / (kind == msgpack_kind::map ? 2 : 1);
}

void set_signed(msgpack_head& head, std::int64_t value) noexcept {
  head.kind = value < 0 ? msgpack_kind::negative_integer : msgpack_kind::unsigned_integer;
  head.negative = value < 0 ? value : 0;
  head.number = value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

bool take_signed(std::string_view& rest, std::size_t size, msgpack_head& head) noexcept {
  std::uint64_t bits = 0;
  if (!take_number(rest, size, bits))
    return false;
  const unsigned shift = 64 - 8 * static_cast<unsigned>(size);
  set_signed(head, static_cast<std::int64_t>(bits << shift) >> shift);
  return true;
}

bool take_unsigned(std::string_view& rest, std::size_t size, msgpack_head& head) noexcept {
  head.kind = msgpack_kind::unsigned_integer;
  return take_number(rest, size, head.number);
}

bool take_real(std::string_view& rest, std::size_t size, msgpack_head& head) noexcept {
  std::uint64_t bits = 0;
  if (!take_number(rest, size, bits))
    return false;
  head.kind = msgpack_kind::floating;
  head.real = size == 4 ? std::bit_cast<float>(static_cast<std::uint32_t>(bits))
                        : std::bit_cast<double>(bits);
  return true;
}

bool take_sized(std::string_view& rest, std::size_t size_bytes, std::size_t extra,
                msgpack_head& head, msgpack_kind kind) noexcept {
  std::uint64_t size = 0;
  return take_number(rest, size_bytes, size) && take_bytes(rest, size + extra, head, kind);
}

bool take_counted(std::string_view& rest, std::size_t size_bytes, msgpack_head& head,
                  msgpack_kind kind) noexcept {
  std::uint64_t count = 0;
  return take_number(rest, size_bytes, count) && begin_container(rest, count, head, kind);
}

/// The heads 0xc0 to 0xdf; an extension has a byte of type in front of its data.
bool take_marked(unsigned char mark, std::string_view& rest, msgpack_head& head) noexcept {
  switch (mark) {
  case 0xc0:
    return true;
  case 0xc2:
  case 0xc3:
    head.kind = msgpack_kind::boolean;
    head.truth = mark == 0xc3;
    return true;
  case 0xc4:
    return take_sized(rest, 1, 0, head, msgpack_kind::binary);
  case 0xc5:
    return take_sized(rest, 2, 0, head, msgpack_kind::binary);
  case 0xc6:
    return take_sized(rest, 4, 0, head, msgpack_kind::binary);
  case 0xc7:
    return take_sized(rest, 1, 1, head, msgpack_kind::extension);
  case 0xc8:
    return take_sized(rest, 2, 1, head, msgpack_kind::extension);
  case 0xc9:
    return take_sized(rest, 4, 1, head, msgpack_kind::extension);
  case 0xca:
    return take_real(rest, 4, head);
  case 0xcb:
    return take_real(rest, 8, head);
  case 0xcc:
    return take_unsigned(rest, 1, head);
  case 0xcd:
    return take_unsigned(rest, 2, head);
  case 0xce:
    return take_unsigned(rest, 4, head);
  case 0xcf:
    return take_unsigned(rest, 8, head);
  case 0xd0:
    return take_signed(rest, 1, head);
  case 0xd1:
    return take_signed(rest, 2, head);
  case 0xd2:
    return take_signed(rest, 4, head);
  case 0xd3:
    return take_signed(rest, 8, head);
  case 0xd4:
    return take_bytes(rest, 2, head, msgpack_kind::extension);
  case 0xd5:
    return take_bytes(rest, 3, head, msgpack_kind::extension);
  case 0xd6:
    return take_bytes(rest, 5, head, msgpack_kind::extension);
  case 0xd7:
    return take_bytes(rest, 9, head, msgpack_kind::extension);
  case 0xd8:
    return take_bytes(rest, 17, head, msgpack_kind::extension);
  case 0xd9:
    return take_sized(rest, 1, 0, head, msgpack_kind::text);
  case 0xda:
    return take_sized(rest, 2, 0, head, msgpack_kind::text);
  case 0xdb:
    return take_sized(rest, 4, 0, head, msgpack_kind::text);
  case 0xdc:
    return take_counted(rest, 2, head, msgpack_kind::array);
  case 0xdd:
    return take_counted(rest, 4, head, msgpack_kind::array);
  case 0xde:
    return take_counted(rest, 2, head, msgpack_kind::map);
  case 0xdf:
    return take_counted(rest, 4, head, msgpack_kind::map);
  default:
    return false; // 0xc1 is never used
  }
}

bool take(std::string_view& rest, msgpack_head& head) noexcept {
  if (rest.empty())
    return false;
  const auto mark = static_cast<unsigned char>(rest.front());
  rest.remove_prefix(1);
  head = {};
  if (mark < 0x80) {
    set_signed(head, mark);
    return true;
  }
  if (mark < 0x90)
    return begin_container(rest, mark & 0x0f, head, msgpack_kind::map);
  if (mark < 0xa0)
    return begin_container(rest, mark & 0x0f, head, msgpack_kind::array);
  if (mark < 0xc0)
    return take_bytes(rest, mark & 0x1f, head, msgpack_kind::text);
  if (mark < 0xe0)
    return take_marked(mark, rest, head);
  set_signed(head, static_cast<std::int8_t>(mark));
  return true;
}

msgpack_flaw flaw_of(const msgpack_head& head, bool is_key) noexcept {
  if (is_key && (head.kind != msgpack_kind::text || head.bytes == poisonous_key))
    return msgpack_flaw::not_allowed;
  switch (head.kind) {
  case msgpack_kind::text:
    return is_utf8(head.bytes) ? msgpack_flaw::none : msgpack_flaw::bad_text;
  case msgpack_kind::binary:
  case msgpack_kind::extension:
    return msgpack_flaw::not_allowed;
  case msgpack_kind::floating:
    return std::isfinite(head.real) ? msgpack_flaw::none : msgpack_flaw::bad_number;
  case msgpack_kind::array:
  case msgpack_kind::map:
    return head.number > limits::elements ? msgpack_flaw::too_many : msgpack_flaw::none;
  default:
    return msgpack_flaw::none;
  }
}

/// A container whose elements are being walked; keys and values of a map count singly.
struct open_container {
  std::uint64_t left = 0;
  bool is_map = false;
};

} // namespace

bool take_head(std::string_view& rest, msgpack_head& head) noexcept {
  std::string_view after = rest;
  if (!take(after, head))
    return false;
  rest = after;
  return true;
}

bool take_value(std::string_view& rest, std::size_t depth, msgpack_flaw& flaw) noexcept {
  std::array<open_container, limits::depth + 1> open;
  std::size_t level = 0;
  open[0] = {1, false};
  std::string_view after = rest;
  for (;;) {
    while (open[level].left == 0) {
      if (level == 0) {
        rest = after;
        return true;
      }
      --level;
    }
    const bool is_key = open[level].is_map && open[level].left % 2 == 0;
    --open[level].left;
    msgpack_head head;
    if (!take(after, head))
      return false;
    if (flaw == msgpack_flaw::none)
      flaw = flaw_of(head, is_key);
    const bool is_map = head.kind == msgpack_kind::map;
    if (!is_map && head.kind != msgpack_kind::array)
      continue;
    if ((level == depth || level + 1 == open.size()) && !mutant("no_depth_limit"))
      return false;
    open[++level] = {is_map ? 2 * head.number : head.number, is_map};
  }
}

} // namespace parley
