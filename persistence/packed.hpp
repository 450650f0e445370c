// The part of MessagePack that stored rows are made of: a writer, and a reader that survives any
// bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "actors/record.hpp"

namespace parley {

/// Appends MessagePack values to one string.
class packed_writer {
public:
  packed_writer() = default;
  explicit packed_writer(std::size_t expected_bytes) { bytes_.reserve(expected_bytes); }

  packed_writer& array(std::size_t count);
  packed_writer& number(std::uint64_t value);
  packed_writer& integer(std::int64_t value);
  packed_writer& text(std::string_view value);
  packed_writer& binary(std::string_view value);
  packed_writer& nil();

  std::string take() && { return std::move(bytes_); }

private:
  void byte(unsigned value) { bytes_.push_back(static_cast<char>(value)); }
  /// A tag and the lowest `bytes` of a number, in one piece.
  void tagged(unsigned tag, std::uint64_t value, std::size_t bytes);

  std::string bytes_;
};

/// Reads what packed_writer wrote. msgpack-c would build a tree on a heap of its own; rows are read
/// by the million, with a known shape. Any mistake makes `ok` false for good and every value empty;
/// lengths are compared with the bytes that are there, so nothing is ever allocated on their word.
class packed_reader {
public:
  explicit packed_reader(std::string_view bytes) : rest_(bytes) {}

  /// The number of elements that follow; 0 unless that many can be there.
  std::size_t array();
  /// The number of key-value pairs that follow.
  std::size_t map();
  std::uint64_t number();
  std::int64_t integer();
  std::string_view text();
  std::string_view binary();
  /// Takes a nil if there is one; otherwise changes nothing.
  bool nil();
  /// Passes over one value of any type.
  void skip();
  /// The bytes of one value of any type.
  std::string_view raw();

  bool ok() const noexcept { return ok_; }
  /// Everything was read, without a mistake.
  bool done() const noexcept { return ok_ && rest_.empty(); }
  /// A mistake in meaning that the caller found.
  void fail() noexcept;

private:
  unsigned peek() const noexcept { return static_cast<unsigned char>(rest_.front()); }
  unsigned take_tag();
  std::uint64_t take_big_endian(std::size_t bytes);
  std::string_view take_bytes(std::uint64_t count);
  std::size_t counted(std::uint64_t count, std::size_t each);
  std::uint64_t skip_one();
  std::uint64_t skip_tagged(unsigned tag);

  std::string_view rest_;
  bool ok_ = true;
};

/// An enumerator up to and with `last`.
template <class Enum>
Enum enum_of(packed_reader& from, Enum last) {
  const auto value = from.number();
  if (value > static_cast<std::uint64_t>(last))
    from.fail();
  return from.ok() ? static_cast<Enum>(value) : Enum{};
}

/// An array of so many elements follows.
inline void expect(packed_reader& from, std::size_t count) {
  if (from.array() != count)
    from.fail();
}

/// A digest as `binary` takes it; valid as long as the digest.
template <std::size_t Size>
std::string_view view_of(const std::array<std::uint8_t, Size>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), Size};
}

/// Whom a message mentions.
void pack_mentions(packed_writer& to, const mentioned& who);
mentioned unpack_mentions(packed_reader& from);

/// What a user keeps of a conversation: nil when there is nothing.
void pack_preferences(packed_writer& to, const preferences& kept);
preferences unpack_preferences(packed_reader& from);

/// How a user wants to be told: nil when nothing is set.
void pack_notification_settings(packed_writer& to, const notification_settings& what);
notification_settings unpack_notification_settings(packed_reader& from);

/// What a user shows of themselves.
void pack_profile(packed_writer& to, const user_profile& what);
user_profile unpack_profile(packed_reader& from);

/// Least roles: 0 for what the kind says, else one more than the role's number.
void pack_permissions(packed_writer& to, const permissions& rights);
permissions unpack_permissions(packed_reader& from);

/// An answer's fields: nil when there are none.
void pack_answer(packed_writer& to, const raw_fields& answer);
raw_fields unpack_answer(packed_reader& from);

/// What everyone is told of a file.
void pack_file(packed_writer& to, const file_facts& what);
file_facts unpack_file(packed_reader& from);

} // namespace parley
