// The bounded reader of MessagePack against msgpack-c, on documents that are valid and some that
// are not.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <limits>
#include <random>

#include <msgpack.hpp>

#include "actors/limits.hpp"
#include "actors/msgpack_reader.hpp"
#include "actors/utf8.hpp"

namespace msgpack_reader_test {

using namespace parley;
using std::string;
using packer = msgpack::packer<msgpack::sbuffer>;

void pack_scalar(packer& out, std::mt19937& random) {
  const std::uint64_t bits = std::uint64_t{random()} << 32 | random();
  switch (random() % 6) {
  case 0:
    out.pack_nil();
    return;
  case 1:
    random() % 2 ? out.pack_true() : out.pack_false();
    return;
  case 2:
    out.pack(bits >> random() % 64);
    return;
  case 3:
    out.pack(static_cast<std::int64_t>(bits) >> random() % 64);
    return;
  case 4:
    out.pack(static_cast<double>(static_cast<std::int64_t>(bits)));
    return;
  default:
    out.pack(string(random() % 300, 'x'));
    return;
  }
}

void pack_any(packer& out, std::mt19937& random, int depth) {
  const auto kind = random() % 4;
  if (depth == 0 || kind < 2)
    return pack_scalar(out, random);
  const auto count = static_cast<std::uint32_t>(random() % 20);
  kind == 2 ? out.pack_array(count) : out.pack_map(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (kind == 3)
      out.pack("k" + std::to_string(i));
    pack_any(out, random, depth - 1);
  }
}

bool same(const msgpack::object& expected, std::string_view& rest) {
  msgpack_head head;
  if (!take_head(rest, head))
    return false;
  switch (expected.type) {
  case msgpack::type::NIL:
    return head.kind == msgpack_kind::nil;
  case msgpack::type::BOOLEAN:
    return head.kind == msgpack_kind::boolean && head.truth == expected.via.boolean;
  case msgpack::type::POSITIVE_INTEGER:
    return head.kind == msgpack_kind::unsigned_integer && head.number == expected.via.u64;
  case msgpack::type::NEGATIVE_INTEGER:
    return head.kind == msgpack_kind::negative_integer && head.negative == expected.via.i64;
  case msgpack::type::FLOAT32:
  case msgpack::type::FLOAT64:
    return head.kind == msgpack_kind::floating && head.real == expected.via.f64;
  case msgpack::type::STR:
    return head.kind == msgpack_kind::text &&
           head.bytes == std::string_view{expected.via.str.ptr, expected.via.str.size};
  case msgpack::type::ARRAY: {
    bool equal = head.kind == msgpack_kind::array && head.number == expected.via.array.size;
    for (std::uint32_t i = 0; equal && i < expected.via.array.size; ++i)
      equal = same(expected.via.array.ptr[i], rest);
    return equal;
  }
  case msgpack::type::MAP: {
    bool equal = head.kind == msgpack_kind::map && head.number == expected.via.map.size;
    for (std::uint32_t i = 0; equal && i < expected.via.map.size; ++i)
      equal = same(expected.via.map.ptr[i].key, rest) && same(expected.via.map.ptr[i].val, rest);
    return equal;
  }
  default:
    return false;
  }
}

bool takes(const string& bytes, std::size_t depth = limits::depth) {
  std::string_view rest = bytes;
  msgpack_flaw flaw{};
  return take_value(rest, depth, flaw) && rest.empty() && flaw == msgpack_flaw::none;
}

TEST_CASE("every valid document reads as msgpack-c reads it") {
  const auto seed = Catch::rngSeed();
  CAPTURE(seed);
  std::mt19937 random{seed};
  for (int i = 0; i < 3'000; ++i) {
    msgpack::sbuffer buffer;
    packer out{buffer};
    pack_any(out, random, 4);
    const string bytes{buffer.data(), buffer.size()};
    const auto unpacked = msgpack::unpack(bytes.data(), bytes.size());
    std::string_view rest = bytes;
    REQUIRE(same(unpacked.get(), rest));
    CHECK(rest.empty());
    CHECK(takes(bytes));
    for (std::size_t cut = 0; cut < bytes.size(); cut += 1 + bytes.size() / 50)
      CHECK_FALSE(takes(bytes.substr(0, cut)));
  }
}

TEST_CASE("every head is either taken whole or not at all") {
  for (int mark = 0; mark < 256; ++mark)
    for (std::size_t behind = 0; behind < 24; ++behind) {
      const string bytes = static_cast<char>(mark) + string(behind, '\0');
      std::string_view rest = bytes;
      msgpack_head head;
      const bool taken = take_head(rest, head);
      CHECK((taken ? rest.size() < bytes.size() : rest.size() == bytes.size()));
    }
}

TEST_CASE("containers nest up to the depth and no further") {
  CHECK(takes("\x91\x91\x01", 2));
  CHECK_FALSE(takes("\x91\x91\x01", 1));
  string tower(10'000, '\x91');
  tower += '\x01';
  CHECK_FALSE(takes(tower));
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
  for (const string good : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                            "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_utf8(good));
    CHECK(is_utf8("12345678" + good + "12345678"));
  }
  for (const string bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                           "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                           "\xc2", "\xe1\x80", "\xf1\x80\x80", "\xc2z"}) {
    CHECK_FALSE(is_utf8(bad));
    CHECK_FALSE(is_utf8("12345678" + bad));
  }
}

} // namespace msgpack_reader_test
