// Snippets: what is shown of a long text, and where in it the words are.
#include "persistence/search/snippet.hpp"

#include <string>
#include <vector>

#include "actors/limits.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace snippet_test {

using marks = std::vector<std::pair<std::size_t, std::size_t>>;

search_phrase phrase(std::vector<std::string> terms, bool is_prefix = false) {
  return {std::move(terms), is_prefix};
}

std::string words(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    text += "wörd" + std::to_string(i) + " ";
  return text;
}

/// The text that a mark covers; the snippets here are of characters of at most two bytes.
std::u32string characters(const std::string& text) {
  std::u32string all;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : 3;
    all += lead < 0x80 ? static_cast<char32_t>(lead) : U'?';
    at += length;
  }
  return all;
}

TEST_CASE("a short text is shown as a whole, with its marks in characters") {
  const auto shown = snippet_of("Grüße an Zoë, grüße!", {phrase({"grusse"}), phrase({"zoe"})});
  CHECK(shown.text == "Grüße an Zoë, grüße!");
  CHECK(shown.marks == marks{{0, 5}, {9, 3}, {14, 5}});
}

TEST_CASE("phrases and prefixes are marked as they are found") {
  CHECK(snippet_of("one two three two", {phrase({"two", "three"})}).marks == marks{{4, 9}});
  CHECK(snippet_of("precise pretty", {phrase({"pre"}, true)}).marks == marks{{0, 7}, {8, 6}});
  CHECK(snippet_of("我爱北京", {phrase({"北", "京"})}).marks == marks{{2, 2}});
  CHECK(snippet_of("aa aa", {phrase({"aa"}), phrase({"aa", "aa"})}).marks == marks{{0, 5}});
  CHECK(snippet_of("nothing", {phrase({"else"})}).marks.empty());
}

TEST_CASE("of a long text the part around the first place is shown") {
  const std::string text = words(50) + "needle " + words(50);
  const auto shown = snippet_of(text, {phrase({"needle"})});
  CHECK(shown.text.starts_with("…w"));
  CHECK(shown.text.ends_with("…"));
  CHECK(characters(shown.text).size() == limits::snippet_characters + 2);
  REQUIRE(shown.marks.size() == 1);
  const auto [start, length] = shown.marks.front();
  CHECK(characters(shown.text).substr(start, length) == U"needle");
}

TEST_CASE("a long text's beginning is shown when nothing is marked") {
  const auto shown = snippet_of(words(100), {});
  CHECK(shown.text.starts_with("wörd0 "));
  CHECK(shown.text.ends_with("…"));
  CHECK(shown.marks.empty());
}

TEST_CASE("a mark is cut where the snippet is") {
  const std::string text = std::string(1000, 'x');
  const auto shown = snippet_of(text, {phrase({text})});
  CHECK(shown.marks == marks{{0, limits::snippet_characters}});
}

} // namespace snippet_test

} // namespace parley::test
