// Digests as Python's hashlib gives them for the same bytes: ids and fingerprints depend on them.
#include "actors/digest.hpp"

#include "tests/support/catch.hpp"

using namespace parley;

namespace digest_test {

TEST_CASE("a digest is SHA-256 over the parts, each behind its length") {
  CHECK(hex(digest_of({}), 32) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex(digest_of({"a", "bc"}), 32) ==
        "b534ce16ac9c8b36823f39a395ce8e0e3c7ad9605b82b5444f18cadacd217a5d");
  CHECK(hex(digest_of({"ab", "c"}), 32) ==
        "f2939f903016e5bb29b1e4a61cdbd376220ca03a24180b39995f2d50f2e0a647");
  CHECK(hex(digest_of({std::string(1000, 'x')}), 32) ==
        "5191d3a4860b4dfc3915ab96963bf301ad854f7e4d4d20638a233398c68f0363");
}

TEST_CASE("nothing of one digest is left in the next") {
  const digest first = digest_of({"a", "bc"});
  digest_of({std::string(100, 'y')});
  CHECK(digest_of({"a", "bc"}) == first);
}

} // namespace digest_test
