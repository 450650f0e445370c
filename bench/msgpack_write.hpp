// Appends the few MessagePack shapes our commands need to a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace parley::bench {

class MsgpackWriter {
public:
  explicit MsgpackWriter(std::string& out) : out_(out) {}

  void map(std::size_t pairs) { head(pairs, 0x80, 15, 0, 0xde, 0xdf); }
  void array(std::size_t items) { head(items, 0x90, 15, 0, 0xdc, 0xdd); }
  void str(std::string_view text) {
    head(text.size(), 0xa0, 31, 0xd9, 0xda, 0xdb);
    out_.append(text);
  }
  void uint(std::uint64_t value) {
    if (value < 0x80)
      return byte(value);
    if (value <= 0xffffffff)
      return big_endian(0xce, value, 4);
    big_endian(0xcf, value, 8);
  }
  void pair(std::string_view key, std::string_view value) {
    str(key);
    str(value);
  }
  void pair(std::string_view key, std::uint64_t value) {
    str(key);
    uint(value);
  }
  void yes(std::string_view key) {
    str(key);
    byte(0xc3);
  }

private:
  void byte(std::uint64_t value) { out_.push_back(static_cast<char>(value)); }
  void big_endian(unsigned tag, std::uint64_t value, int bytes) {
    byte(tag);
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      byte((value >> shift) & 0xff);
  }
  /// Writes a length in the shortest of the forms the type has; `tag8` is 0 where there is none.
  void head(std::size_t n, unsigned fix, std::size_t fix_max, unsigned tag8, unsigned tag16,
            unsigned tag32) {
    if (n <= fix_max)
      return byte(fix | n);
    if (tag8 != 0 && n <= 0xff)
      return big_endian(tag8, n, 1);
    if (n <= 0xffff)
      return big_endian(tag16, n, 2);
    big_endian(tag32, n, 4);
  }

  std::string& out_;
};

} // namespace parley::bench
