// Tokens: good ones in, everything else out.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <fstream>

#include <openssl/hmac.h>
#include <sys/stat.h>

#include "actors/digest.hpp"
#include "tests/support/temporary_directory.hpp"
#include "transport/token.hpp"

namespace token_test {

using namespace parley;
using namespace std::chrono_literals;
using std::string;

const string key = "0123456789abcdef0123456789abcdef";
const timestamp now{1'700'000'000s};
const string hs256 = R"({"alg":"HS256","typ":"JWT"})";

string hmac(const EVP_MD* hash, const string& secret, const string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  HMAC(hash, secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &size);
  return {reinterpret_cast<const char*>(out.data()), size};
}

string sign(const string& header, const string& claims, const string& secret = key,
            const EVP_MD* hash = EVP_sha256()) {
  const string text = base64url(header) + "." + base64url(claims);
  return text + "." + base64url(hmac(hash, secret, text));
}

string claims(const string& more = "") { return R"({"sub":"alice","exp":1700000060)" + more + "}"; }

string fate(const string& token, timestamp at = now) {
  const auto who = token_authority{key}.verify(token, at);
  return who ? who->user.str() : string{describe(who.error().code).name};
}

TEST_CASE("a minted token is good until it expires") {
  const token_authority authority{key};
  const string token = authority.mint({user_id{"alice"}, "Alice", 60s, true}, now);
  const auto who = authority.verify(token, now + 59s);
  REQUIRE(who.ok());
  CHECK(who->user == user_id{"alice"});
  CHECK(who->admin);
  CHECK(who->expires_at == now + 60s);
  CHECK(authority.verify(token, now + 60s).error().code == error_code::token_expired);
  CHECK_FALSE(authority.verify(authority.mint({user_id{"b"}, {}, 60s, false}, now), now)->admin);
}

TEST_CASE("only what was signed with our key, as we sign, is believed") {
  const string good = sign(hs256, claims());
  CHECK(fate(good) == "alice");
  const string none = base64url(R"({"alg":"none"})") + "." + base64url(claims()) + ".";
  const std::vector<string> table{
      none,
      none + base64url(hmac(EVP_sha256(), key, none.substr(0, none.size() - 1))),
      sign(R"({"alg":"none"})", claims()),
      sign(R"({"alg":"RS256"})", claims()),
      sign(R"({"alg":"HS384"})", claims(), key, EVP_sha384()),
      sign(R"({"alg":"HS512"})", claims(), key, EVP_sha512()),
      sign(R"({"alg":"HS512"})", claims()),
      sign(R"({"typ":"JWT"})", claims()),
      sign(hs256, claims(), "another key of no less than 32 bytes"),
      good.substr(0, good.size() - 1),
      good + "A",
      good.substr(0, good.rfind('.')),
      good.substr(0, good.rfind('.') + 1),
      good + '\0',
      "",
      ".",
      "..",
      "a.b.c",
      string(100'000, 'a'),
  };
  for (const auto& token : table) {
    CAPTURE(token.substr(0, 80));
    CHECK(fate(token) == "unauthenticated");
  }
  for (std::size_t i = 0; i < good.size(); i += 3) {
    string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(fate(changed) == "unauthenticated");
  }
}

TEST_CASE("claims are needed and have types") {
  const std::vector<std::pair<string, string>> table{
      {R"({"exp":1700000060})", "unauthenticated"},
      {R"({"sub":"","exp":1700000060})", "unauthenticated"},
      {R"({"sub":5,"exp":1700000060})", "unauthenticated"},
      {R"({"sub":")" + string(128, 'a') + R"(","exp":1700000060})", string(128, 'a')},
      {R"({"sub":")" + string(129, 'a') + R"(","exp":1700000060})", "unauthenticated"},
      {R"({"sub":"alice"})", "unauthenticated"},
      {R"({"sub":"alice","exp":"1700000060"})", "unauthenticated"},
      {R"({"sub":"alice","exp":1700000000})", "token_expired"},
      {R"({"sub":"alice","exp":-5})", "token_expired"},
      {R"({"sub":"al\u0000ice","exp":1700000060})", "unauthenticated"},
      {R"({"sub":"parley:operator","exp":1700000060})", "unauthenticated"},
      {claims(R"(,"nbf":"soon")"), "unauthenticated"},
      {"[]", "unauthenticated"},
      {"", "unauthenticated"},
  };
  for (const auto& [text, expected] : table) {
    CAPTURE(text);
    CHECK(fate(sign(hs256, text)) == expected);
  }
  CHECK_FALSE(token_authority{key}.verify(sign(hs256, claims(R"(,"admin":1)")), now)->admin);
  CHECK_FALSE(token_authority{key}.verify(sign(hs256, claims(R"(,"admin":"true")")), now)->admin);
}

TEST_CASE("times are numbers with or without a fraction, exact to the millisecond") {
  const std::vector<std::tuple<string, timestamp, string>> table{
      {R"("exp":1700000000.5)", now + 499ms, "alice"},
      {R"("exp":1700000000.5)", now + 500ms, "token_expired"},
      {R"("exp":1700000000.001)", now, "alice"},
      {R"("exp":1700000000.001)", now + 1ms, "token_expired"},
      {R"("exp":1.70000000025e9)", now + 249ms, "alice"},
      {R"("exp":1.70000000025e9)", now + 250ms, "token_expired"},
      {R"("exp":1.7e9)", now, "token_expired"},
      {R"("exp":-0.5)", now, "token_expired"},
      {R"("exp":9e99,"nbf":1700000000)", now, "unauthenticated"},
      {R"("exp":1700000060,"nbf":1700000000)", now, "alice"},
      {R"("exp":1700000060,"nbf":1700000001)", now, "unauthenticated"},
      {R"("exp":1700000060,"nbf":1700000000.25)", now + 249ms, "unauthenticated"},
      {R"("exp":1700000060,"nbf":1700000000.25)", now + 250ms, "alice"},
      {R"("exp":1700000060,"nbf":-1e300)", now, "unauthenticated"},
  };
  for (const auto& [times, at, expected] : table) {
    CAPTURE(times);
    CHECK(fate(sign(hs256, R"({"sub":"alice",)" + times + "}"), at) == expected);
  }
}

TEST_CASE("a time beyond all sense is no time") {
  CHECK(fate(sign(hs256, R"({"sub":"alice","exp":9007199254740992})")) == "alice");
  CHECK(fate(sign(hs256, R"({"sub":"alice","exp":-9007199254740992})")) == "token_expired");
  for (const string absurd :
       {"9007199254740993", "-9007199254740993", "9223372036854775807", "-9223372036854775808",
        "18446744073709551615", "99999999999999999999", "9007199254740994.0", "1e19", "1e300",
        "-1e300", "1e999", "null", "true", "[1700000060]", "{}", "NaN", "Infinity", "0x7fffffff"}) {
    CAPTURE(absurd);
    CHECK(fate(sign(hs256, R"({"sub":"alice","exp":)" + absurd + "}")) == "unauthenticated");
  }
}

TEST_CASE("a token has one spelling, and asks for no extension") {
  const string good = sign(hs256, claims());
  const string head = base64url(hs256) + "." + base64url(claims());
  CHECK(fate(sign(R"({"alg":"HS256","typ":"at+jwt","kid":"7"})", claims())) == "alice");
  CHECK(fate(sign(R"({"alg":"HS256","crit":["b64"],"b64":false})", claims())) == "unauthenticated");
  CHECK(fate(sign(R"({"alg":["HS256"]})", claims())) == "unauthenticated");
  CHECK(fate(sign(R"(["HS256"])", claims())) == "unauthenticated");
  CHECK(fate("x" + good) == "unauthenticated");
  CHECK(fate(good + "=") == "unauthenticated");
  CHECK(fate(good + "." + base64url("x")) == "unauthenticated");
  CHECK(fate(head + "=." + base64url(hmac(EVP_sha256(), key, head + "="))) == "unauthenticated");
}

TEST_CASE("a token for centuries can be compared with a clock that counts nanoseconds") {
  const auto who =
      token_authority{key}.verify(sign(hs256, R"({"sub":"alice","exp":253402300799})"), now);
  REQUIRE(who.ok());
  constexpr auto latest = std::chrono::time_point_cast<std::chrono::milliseconds>(
      std::chrono::sys_time<std::chrono::nanoseconds>::max());
  CHECK(who->expires_at < latest);
  CHECK(who->expires_at > now + std::chrono::years{100});
}

TEST_CASE("no token is minted for what is no user's id") {
  const token_authority authority{key};
  CHECK(authority.mint({user_id{""}, {}, 60s, false}, now).empty());
  CHECK(authority.mint({user_id{string(129, 'a')}, {}, 60s, false}, now).empty());
  CHECK(authority.mint({user_id{"\xff"}, {}, 60s, false}, now).empty());
  CHECK(authority.mint({user_id{"parley:operator"}, {}, 60s, false}, now).empty());
  CHECK(authority.mint({user_id{string{"a\0b", 3}}, {}, 60s, false}, now).empty());
}

TEST_CASE("the key is made once, for its owner's eyes only") {
  const test::temporary_directory place;
  const string path = place.path() / "token.key";
  CHECK_FALSE(read_token_key(path).ok());
  const auto made = read_or_make_token_key(path);
  REQUIRE(made.ok());
  CHECK(made->size() >= token_authority::least_key_bytes);
  CHECK(*read_or_make_token_key(path) == *made);
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);

  ::chmod(path.c_str(), 0640);
  CHECK_FALSE(read_token_key(path).ok());
  const string too_short = place.path() / "short";
  std::ofstream{too_short} << "0123456789";
  ::chmod(too_short.c_str(), 0600);
  CHECK_FALSE(read_token_key(too_short).ok());
}

TEST_CASE("a name that could be in a profile is taken from the token, any other is passed over") {
  const auto name_of = [](const string& more) {
    const auto who = token_authority{key}.verify(sign(hs256, claims(more)), now);
    REQUIRE(who.ok());
    return who->name ? *who->name : "none";
  };
  CHECK(name_of("") == "none");
  CHECK(name_of(R"(,"name":"Alice L.")") == "Alice L.");
  CHECK(name_of(R"(,"name":"Zoe\u0301")") == "Zo\u00e9");
  CHECK(name_of(R"(,"name":7)") == "none");
  CHECK(name_of(R"(,"name":"a\nb")") == "none");
  CHECK(name_of(R"(,"name":"a\u202eb")") == "none");
  CHECK(name_of(R"(,"name":")" + string(128, 'a') + "\"") == string(128, 'a'));
  CHECK(name_of(R"(,"name":")" + string(129, 'a') + "\"") == "none");
}

} // namespace token_test
