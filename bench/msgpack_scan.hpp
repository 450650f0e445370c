// Reads MessagePack in place, without allocation: a cursor that takes or skips one value at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace parley::bench {

/// A position in a run of MessagePack values. After a value that is cut short, malformed or not of
/// the type that was asked for, `ok()` is false and stays so, and every answer is zero or empty.
class MsgpackCursor {
public:
  explicit MsgpackCursor(std::string_view bytes)
      : at_(reinterpret_cast<const std::uint8_t*>(bytes.data())), end_(at_ + bytes.size()) {}

  bool ok() const { return ok_; }
  bool done() const { return at_ == end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  bool next_is_str() const {
    return !done() && ((*at_ & 0xe0) == 0xa0 || (*at_ >= 0xd9 && *at_ <= 0xdb));
  }
  bool next_is_uint() const { return !done() && (*at_ < 0x80 || (*at_ >= 0xcc && *at_ <= 0xcf)); }

  std::uint64_t next_array() const; // its number of elements, without taking it; 0: it is none

  std::uint64_t map();  // number of pairs that follow
  std::uint64_t uint(); // unsigned forms only
  std::string_view str();
  void skip();           // one value of any type, with all it contains
  std::uint64_t array(); // number of items that follow

private:
  bool need(std::uint64_t bytes) {
    if (bytes <= left())
      return true;
    spoil();
    return false;
  }
  void spoil() {
    ok_ = false;
    at_ = end_;
  }
  std::uint64_t big_endian(unsigned bytes);
  std::uint64_t skip_one();

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool ok_ = true;
};

} // namespace parley::bench
