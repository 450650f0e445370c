// Reads head by head and packs each anew.
#include "actors/msgpack_form.hpp"

#include <bit>
#include <cstdint>

#include <msgpack.hpp>

#include "actors/msgpack_reader.hpp"

namespace parley {

namespace {

struct form_sink {
  std::string bytes;
  void write(const char* data, std::size_t size) { bytes.append(data, size); }
};

using packer = msgpack::packer<form_sink>;

/// As it came, whole or not: msgpack-c would make integers of whole ones, and 0 of -0.0.
void pack_real(form_sink& to, double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  char bytes[1 + sizeof bits] = {'\xcb'};
  for (std::size_t i = 0; i < sizeof bits; ++i)
    bytes[1 + i] = static_cast<char>(bits >> (8 * (sizeof bits - 1 - i)) & 0xff);
  to.write(bytes, sizeof bytes);
}

/// Packs what the head itself says; elements follow by themselves.
void pack_head(packer& to, form_sink& sink, const msgpack_head& head) {
  switch (head.kind) {
  case msgpack_kind::boolean:
    to.pack(head.truth);
    return;
  case msgpack_kind::unsigned_integer:
    to.pack(head.number);
    return;
  case msgpack_kind::negative_integer:
    to.pack(head.negative);
    return;
  case msgpack_kind::floating:
    pack_real(sink, head.real);
    return;
  case msgpack_kind::text:
    to.pack_str(static_cast<std::uint32_t>(head.bytes.size()));
    to.pack_str_body(head.bytes.data(), static_cast<std::uint32_t>(head.bytes.size()));
    return;
  case msgpack_kind::array:
    to.pack_array(static_cast<std::uint32_t>(head.number));
    return;
  case msgpack_kind::map:
    to.pack_map(static_cast<std::uint32_t>(head.number));
    return;
  default:
    to.pack_nil();
  }
}

} // namespace

std::string shortest_form(std::string_view value) {
  form_sink sink;
  packer to{sink};
  msgpack_head head;
  while (take_head(value, head))
    pack_head(to, sink, head);
  return std::move(sink.bytes);
}

} // namespace parley
