// Cursors open only for their user, key and epoch; and base64url is what RFC 4648 says.
#include "actors/cursor.hpp"

#include "actors/digest.hpp"
#include "tests/support/catch.hpp"

using namespace parley;

namespace cursor_test {

TEST_CASE("a cursor opens to the position it was sealed with") {
  const cursor_sealer sealer{"secret", "epoch"};
  for (std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 52})
    CHECK(sealer.open(user_id{"bob"}, sealer.seal(user_id{"bob"}, position{at})) == position{at});
}

TEST_CASE("no change of a single letter leaves a cursor valid") {
  const cursor_sealer sealer{"secret", "epoch"};
  const std::string cursor = sealer.seal(user_id{"bob"}, position{77});
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'Q' : 'A'; // differ in the high bits, which always count
    CHECK_FALSE(sealer.open(user_id{"bob"}, changed));
  }
  CHECK_FALSE(sealer.open(user_id{"bob"}, cursor.substr(1)));
  CHECK_FALSE(sealer.open(user_id{"bob"}, ""));
}

TEST_CASE("base64url gives RFC 4648's test vectors without padding") {
  const std::vector<std::pair<std::string, std::string>> vectors{
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    CHECK(base64url(plain) == coded);
    CHECK(from_base64url(coded) == plain);
  }
  CHECK(from_base64url("Zm9=").empty());
}

TEST_CASE("digests tell lists of parts apart that would join to the same text") {
  CHECK(digest_of({"ab", "c"}) != digest_of({"a", "bc"}));
  CHECK(digest_of({"ab"}) != digest_of({"ab", ""}));
}

} // namespace cursor_test
