// The skip-scanner: one step per value by its lead byte (MessagePack specification, "Formats").
#include "bench/msgpack_scan.hpp"

namespace parley::bench {

std::uint64_t MsgpackCursor::big_endian(unsigned bytes) {
  if (!need(bytes))
    return 0;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i)
    value = value << 8 | *at_++;
  return value;
}

std::uint64_t MsgpackCursor::next_array() const {
  if (done())
    return 0;
  MsgpackCursor ahead = *this;
  const std::uint8_t lead = *ahead.at_++;
  if ((lead & 0xf0) == 0x90)
    return lead & 0x0f;
  return lead == 0xdc || lead == 0xdd ? ahead.big_endian(lead == 0xdc ? 2 : 4) : 0;
}

std::uint64_t MsgpackCursor::map() {
  if (!need(1))
    return 0;
  const std::uint8_t lead = *at_++;
  if ((lead & 0xf0) == 0x80)
    return lead & 0x0f;
  if (lead == 0xde || lead == 0xdf)
    return big_endian(lead == 0xde ? 2 : 4);
  spoil();
  return 0;
}

std::uint64_t MsgpackCursor::array() {
  if (!need(1))
    return 0;
  const std::uint8_t lead = *at_++;
  if ((lead & 0xf0) == 0x90)
    return lead & 0x0f;
  if (lead == 0xdc || lead == 0xdd)
    return big_endian(lead == 0xdc ? 2 : 4);
  spoil();
  return 0;
}

std::uint64_t MsgpackCursor::uint() {
  if (!need(1))
    return 0;
  const std::uint8_t lead = *at_++;
  if (lead < 0x80)
    return lead;
  if (lead >= 0xcc && lead <= 0xcf)
    return big_endian(1U << (lead - 0xcc));
  spoil();
  return 0;
}

std::string_view MsgpackCursor::str() {
  if (!need(1))
    return {};
  const std::uint8_t lead = *at_++;
  std::uint64_t size = 0;
  if ((lead & 0xe0) == 0xa0)
    size = lead & 0x1f;
  else if (lead >= 0xd9 && lead <= 0xdb)
    size = big_endian(1U << (lead - 0xd9));
  else
    spoil();
  if (!need(size))
    return {};
  const std::string_view text(reinterpret_cast<const char*>(at_), size);
  at_ += size;
  return text;
}

/// Steps over one value's own bytes and returns how many values it says it contains.
std::uint64_t MsgpackCursor::skip_one() {
  if (!need(1))
    return 0;
  const std::uint8_t lead = *at_++;
  std::uint64_t bytes = 0;
  std::uint64_t children = 0;
  if (lead < 0x80 || lead >= 0xe0) // fixint
    return 0;
  if (lead < 0x90)
    return 2UL * (lead & 0x0f);
  if (lead < 0xa0)
    return lead & 0x0f;
  if (lead < 0xc0)
    bytes = lead & 0x1f;
  else if (lead == 0xc1) // never used
    spoil();
  else if (lead <= 0xc3) // nil, false, true
    bytes = 0;
  else if (lead <= 0xc6) // bin
    bytes = big_endian(1U << (lead - 0xc4));
  else if (lead <= 0xc9) // ext, with its type byte
    bytes = big_endian(1U << (lead - 0xc7)) + 1;
  else if (lead <= 0xcb) // float
    bytes = lead == 0xca ? 4 : 8;
  else if (lead <= 0xd3) // uint, int
    bytes = 1U << ((lead - 0xcc) & 3);
  else if (lead <= 0xd8) // fixext, with its type byte
    bytes = (1U << (lead - 0xd4)) + 1;
  else if (lead <= 0xdb) // str
    bytes = big_endian(1U << (lead - 0xd9));
  else // array, map
    children = big_endian(lead & 1 ? 4 : 2) * (lead >= 0xde ? 2 : 1);
  if (need(bytes))
    at_ += bytes;
  return children;
}

void MsgpackCursor::skip() {
  std::uint64_t pending = 1;
  while (pending > 0 && ok_)
    pending += skip_one() - 1;
}

} // namespace parley::bench
