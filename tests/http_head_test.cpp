// The head of a request: where it ends, what is none, and what it says.
#include "transport/http_head.hpp"

#include <string>

#include "tests/support/catch.hpp"
#include "transport/http_fields.hpp"

namespace http_head_test {

using namespace parley;
using std::string;

const string good = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";

bool is_good(const string& bytes) { return http_head{bytes}.is_good(); }

TEST_CASE("a head ends with an empty line, whatever comes behind it") {
  CHECK(http_head::size_in(good + "GET") == good.size());
  CHECK_FALSE(http_head::size_in("GET / HTTP/1.1\r\nHost: a\r\n"));
}

TEST_CASE("a head says what was sent") {
  const http_head head{good};
  REQUIRE(head.is_good());
  const auto facts = head.facts();
  CHECK(facts.method == "GET");
  CHECK(facts.target == "/livez");
  CHECK(facts.version == 11);
  CHECK(find(facts, "host") == "a");
  CHECK(http_head{"GET / HTTP/1.0\r\n\r\n"}.facts().version == 10);
}

TEST_CASE("what others may read differently is no head") {
  CHECK_FALSE(is_good("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"));
  CHECK_FALSE(is_good("GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n"));
  CHECK_FALSE(is_good("GET / HTTP/1.1\r\nA : b\r\n\r\n"));
  CHECK_FALSE(is_good("GET / HTTP/1.1\nA: b\r\n\r\n"));
  CHECK_FALSE(is_good("GET / HTTP/2.0\r\n\r\n"));
  CHECK_FALSE(is_good("GET /\r\n\r\n"));
  CHECK_FALSE(is_good("GET / HTTP/1.1\r\nA: " + string(http_head::most_bytes, 'a') + "\r\n\r\n"));
}

} // namespace http_head_test
