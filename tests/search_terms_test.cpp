// Queries: words, phrases, prefixes, exclusions and filters, and what is refused.
#include "persistence/search/search_terms.hpp"

#include <chrono>
#include <string>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace search_terms_test {

using namespace std::chrono;

search_messages asking(std::string query) {
  search_messages made;
  made.query = std::move(query);
  return made;
}

search_terms terms_of(std::string query) {
  auto read = read_terms(asking(std::move(query)));
  REQUIRE(read);
  return *read;
}

error_code refusal(const search_messages& what) {
  const auto read = read_terms(what);
  REQUIRE_FALSE(read);
  return read.error().code;
}

search_phrase phrase(std::vector<std::string> terms, bool is_prefix = false) {
  return {std::move(terms), is_prefix};
}

timestamp at(sys_days day, seconds time = 0s) { return timestamp{day + time}; }

TEST_CASE("words, phrases, prefixes and exclusions") {
  const auto asked = terms_of(R"( Hello "big World" pre* -no -"not this" )");
  CHECK(asked.with ==
        std::vector{phrase({"hello"}), phrase({"big", "world"}), phrase({"pre"}, true)});
  CHECK(asked.without == std::vector{phrase({"no"}), phrase({"not", "this"})});
}

TEST_CASE("what has several words in it is a phrase") {
  CHECK(terms_of("don't").with == std::vector{phrase({"don", "t"})});
  CHECK(terms_of("北京").with == std::vector{phrase({"北", "京"})});
  CHECK(terms_of("foo:bar").with == std::vector{phrase({"foo", "bar"})});
  CHECK(terms_of("http://example.com/x*").with ==
        std::vector{phrase({"http", "example", "com", "x"}, true)});
  CHECK(terms_of("\"not closed").with == std::vector{phrase({"not", "closed"})});
  CHECK(terms_of("\"star*\"").with == std::vector{phrase({"star"})});
}

TEST_CASE("filters") {
  const auto asked = terms_of("from:alice in:\"room 1\" has:link has:file has:reaction is:unread "
                              "is:pinned after:2026-11-29 "
                              "before:2026-11-30T10:15 x");
  CHECK(asked.from == user_id{"alice"});
  CHECK(asked.in == conversation_id{"room 1"});
  CHECK(asked.has_link);
  CHECK(asked.has_reaction);
  CHECK(asked.has_file);
  CHECK(asked.is_unread);
  CHECK(asked.is_pinned);
  CHECK(asked.since == at(2026y / November / 29));
  CHECK(asked.until == at(2026y / November / 30, 10h + 15min));
  CHECK(terms_of("after:2026-11-29T10:15:30Z").since ==
        at(2026y / November / 29, 10h + 15min + 30s));
}

TEST_CASE("filters are known in any case, and a moment down to milliseconds") {
  const auto asked = terms_of("From:Alice HAS:Link Is:UNREAD After:2026-11-29t10:15:30.25z "
                              "before:2026-11-29T10:15:30.123456Z");
  CHECK(asked.from == user_id{"Alice"}); // ids stay as they are
  CHECK(asked.has_link);
  CHECK(asked.is_unread);
  CHECK(asked.since == at(2026y / November / 29, 10h + 15min + 30s) + 250ms);
  CHECK(asked.until == at(2026y / November / 29, 10h + 15min + 30s) + 123ms);
  CHECK(terms_of("after:0000-01-01").since == at(0y / January / 1));
  CHECK(terms_of("inside:x").with == std::vector{phrase({"inside", "x"})});
}

TEST_CASE("spaces and quotes of other keyboards are spaces and quotes") {
  CHECK(terms_of("東京\u3000タワー").with ==
        std::vector{phrase({"東", "京"}), phrase({"タ", "ワ", "ー"})});
  CHECK(terms_of("one\u00a0two\u2009three").with ==
        std::vector{phrase({"one"}), phrase({"two"}), phrase({"three"})});
  CHECK(terms_of("“big world” „gute Nacht“ -”no more” x").with ==
        std::vector{phrase({"big", "world"}), phrase({"gute", "nacht"}), phrase({"x"})});
  CHECK(terms_of("in:“room 1”").in == conversation_id{"room 1"});
  CHECK(terms_of("“not closed").with == std::vector{phrase({"not", "closed"})});
}

TEST_CASE("odd queries are words, or nothing") {
  CHECK(terms_of(std::string("a\0b", 3)).with == std::vector{phrase({"a", "b"})});
  CHECK(terms_of("say\"what now\"").with == std::vector{phrase({"say"}), phrase({"what", "now"})});
  CHECK(terms_of("AND OR NOT NEAR(x y) ^z body:q").with ==
        std::vector{phrase({"and"}), phrase({"or"}), phrase({"not"}), phrase({"near", "x"}),
                    phrase({"y"}), phrase({"z"}), phrase({"body", "q"})});
  CHECK(terms_of("--x y").without == std::vector{phrase({"x"})});
  CHECK(terms_of("- x").with == std::vector{phrase({"x"})});
  CHECK(terms_of("👩‍👩‍👧 👍🏽").with ==
        std::vector{phrase({"👩", "👩", "👧"}), phrase({"👍"})});
  CHECK(terms_of("\u202eשלום\u202c").with == std::vector{phrase({"שלום"})});
  CHECK(terms_of("\u0301").with == std::vector{phrase({"\u0301"})}); // a mark alone
  CHECK(terms_of("x\xff\xfe y").with == std::vector{phrase({"x"}), phrase({"y"})});
  CHECK(terms_of("\"foo\"* 北*").with == std::vector{phrase({"foo"}), phrase({"北"}, true)});
  for (const auto* query : {"\"", "\"\"", "-", "--", "\u200f"})
    CHECK(refusal(asking(query)) == error_code::bad_request);
  CHECK(refusal(asking(std::string(3, '\0'))) == error_code::bad_request);
}

TEST_CASE("filters that are given twice must all hold") {
  const auto asked = terms_of("after:2026-01-01 after:2025-01-01 before:2027-01-01 "
                              "before:2028-01-01 from:alice from:alice");
  CHECK(asked.since == at(2026y / January / 1));
  CHECK(asked.until == at(2027y / January / 1));
  CHECK(asked.from == user_id{"alice"});
}

TEST_CASE("the command's own fields count as filters") {
  auto what = asking("after:2026-01-01");
  what.conversation = conversation_id{"room"};
  what.from = user_id{"bob"};
  what.since = 1'000'000;
  what.until = 2'000'000'000'000;
  const auto asked = read_terms(what);
  REQUIRE(asked);
  CHECK(asked->in == conversation_id{"room"});
  CHECK(asked->from == user_id{"bob"});
  CHECK(asked->since == at(2026y / January / 1)); // the later of the two
  CHECK(asked->until == timestamp{2'000'000'000'001ms});
  what.query = "from:alice";
  CHECK(refusal(what) == error_code::bad_request);
  what.query = "in:elsewhere";
  CHECK(refusal(what) == error_code::bad_request);
}

TEST_CASE("a query that asks for nothing, or cannot be read, is refused") {
  for (const auto* query : {"",
                            "   ",
                            "...",
                            "*",
                            "-no",
                            "has:everything",
                            "is:",
                            "from:",
                            "in:",
                            "before:yesterday",
                            "after:2026-13-01",
                            "after:2026-02-30",
                            "before:2026-11-29x",
                            "before:2026-11-29T25:00",
                            "before:2026-11-29T10",
                            "-from:alice",
                            "after:-026-01-01",
                            "a*",
                            "-a*",
                            "é*",
                            "б*",
                            "after:2026-11-29T10:15:30.Z",
                            "after:2026-11-29T10:15:30+02:00",
                            "after:2026-11-29 10:15 before:",
                            "from:a from:b",
                            "in:a in:b"}) {
    INFO(query);
    CHECK(refusal(asking(query)) == error_code::bad_request);
  }
  CHECK(refusal(asking("from:" + std::string(limits::id_bytes + 1, 'x'))) ==
        error_code::bad_request);
}

TEST_CASE("too many words are refused") {
  std::string query;
  for (std::size_t i = 0; i < limits::search_terms; ++i)
    query += "w" + std::to_string(i) + " ";
  CHECK(read_terms(asking(query)));
  CHECK(refusal(asking(query + "more")) == error_code::too_large);
  CHECK(refusal(asking("\"" + query + " more\"")) == error_code::too_large);
  CHECK(
      read_terms(asking("don't* aa* bb*"))); // one letter behind a word is as much as twenty words
  CHECK(refusal(asking("don't* can't*")) == error_code::too_large);
  CHECK(read_terms(asking("aa* bb* cc* dd* ee* ff* gg* hh*")));
  CHECK(refusal(asking("aa* bb* cc* dd* ee* ff* gg* hh* ii")) == error_code::too_large);
}

TEST_CASE("a link is what begins like one") {
  CHECK(has_link("see https://example.com"));
  CHECK(has_link("http://x"));
  CHECK_FALSE(has_link("https is a protocol"));
}

} // namespace search_terms_test

} // namespace parley::test
