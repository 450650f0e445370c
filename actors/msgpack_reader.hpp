// Reads MessagePack from untrusted bytes without allocating: every length is checked against what
// is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace parley {

/// What one head of MessagePack stands for.
enum class msgpack_kind : std::uint8_t {
  nil,
  boolean,
  unsigned_integer,
  negative_integer,
  floating,
  text,
  binary,
  extension,
  array,
  map,
};

/// A value without its elements, as its head gives it.
struct msgpack_head {
  msgpack_kind kind = msgpack_kind::nil;
  bool truth = false;        ///< For `boolean`.
  std::uint64_t number = 0;  ///< For `unsigned_integer`; elements of an array, pairs of a map.
  std::int64_t negative = 0; ///< For `negative_integer`.
  double real = 0;           ///< For `floating`.
  std::string_view bytes;    ///< For `text`, `binary` and `extension`.
};

/// Takes one head, with the bytes of a text, off the front of `rest`. False, with `rest` as it was,
/// when it is not there in full: also when an array or map announces more elements than there are
/// bytes left.
bool take_head(std::string_view& rest, msgpack_head& head) noexcept;

/// Decoders in JavaScript refuse a whole message in which a map has this key, so whoever could send
/// it could keep others from reading a page.
inline constexpr std::string_view poisonous_key = "__proto__";

/// What a well-delimited value may still have against it.
enum class msgpack_flaw : std::uint8_t { none, not_allowed, bad_text, bad_number, too_many };

/// Takes one whole value off the front of `rest` and looks at everything in it. `depth` is how many
/// containers may lie in one another. False when the value is cut off or too deep; `flaw` keeps the
/// first thing found that a client may not send (binary, extension, NaN, invalid UTF-8, a key that
/// is not text or is poisonous_key, more than limits::elements).
bool take_value(std::string_view& rest, std::size_t depth, msgpack_flaw& flaw) noexcept;

} // namespace parley
