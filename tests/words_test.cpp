// Words: what makes a difference when something is looked for, and what does not.
#include "persistence/search/words.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace parley::test {

namespace words_test {

std::vector<std::string> terms_in(std::string_view text) {
  std::vector<std::string> terms;
  for (const auto& each : words_of(text))
    terms.push_back(each.term);
  return terms;
}

using terms = std::vector<std::string>;

TEST_CASE("a word is a run of letters and digits, whatever its case") {
  CHECK(terms_in("Hello, World_2! don't") == terms{"hello", "world", "2", "don", "t"});
  CHECK(terms_in("").empty());
  CHECK(terms_in(" ,.!? \t\n").empty());
}

TEST_CASE("accents, widths and compositions make no difference") {
  CHECK(terms_in("Café CAFE\u0301 cafe") == terms{"cafe", "cafe", "cafe"});
  CHECK(terms_in("Straße STRASSE") == terms{"strasse", "strasse"});
  CHECK(terms_in("ＦＵＬＬ ﬁne") == terms{"full", "fine"});
  CHECK(terms_in("Ångström naïve") == terms{"angstrom", "naive"});
  CHECK(terms_in("soft\u00adhyphen") == terms{"softhyphen"});
  CHECK(terms_in("Łódź Ærø Œuvre Đà þing ısı") ==
        terms{"lodz", "aero", "oeuvre", "da", "thing", "isi"});
}

TEST_CASE("Greek and Cyrillic have case, too") {
  CHECK(terms_in("ΟΔΥΣΣΕΎΣ οδυσσεύς") == terms{"οδυσσευσ", "οδυσσευσ"});
  CHECK(terms_in("Привет ПРИВЕТ Ёлка елка") == terms{"привет", "привет", "елка", "елка"});
}

TEST_CASE("Hebrew and Arabic are found with and without points") {
  CHECK(terms_in("שָׁלוֹם שלום") == terms{"שלום", "שלום"});
  CHECK(terms_in("مُحَمَّد محمد") == terms{"محمد", "محمد"});
}

TEST_CASE("in scripts without spaces each character is a word") {
  CHECK(terms_in("我爱北京") == terms{"我", "爱", "北", "京"});
  CHECK(terms_in("東京タワー") == terms{"東", "京", "タ", "ワ", "ー"});
  CHECK(terms_in("안녕하세요") == terms{"안", "녕", "하", "세", "요"});
  CHECK(terms_in("สวัสดี") == terms{"ส", "ว", "ั", "ส", "ด", "ี"});
  CHECK(terms_in("v2版本abc") == terms{"v2", "版", "本", "abc"});
}

TEST_CASE("marks that make another letter stay") {
  CHECK(terms_in("が か") == terms{"が", "か"});
  CHECK(terms_in("ｶﾞ ガ") == terms{"ガ", "ガ"});
  CHECK(terms_in("हिन्दी") == terms{"हिन्दी"});
}

TEST_CASE("a symbol is a word by itself") {
  CHECK(terms_in("great 🎉🎉!") == terms{"great", "🎉", "🎉"});
  CHECK(terms_in("❤️") == terms_in("❤"));
  CHECK(terms_in("1 + 1 = 2") == terms{"1", "1", "2"});
}

TEST_CASE("a word knows which bytes it stands for") {
  const std::string text = "Ein Café, 北京 ﬁne";
  std::vector<std::string> pieces;
  for (const auto& each : words_of(text))
    pieces.push_back(text.substr(each.begin, each.end - each.begin));
  CHECK(pieces == terms{"Ein", "Café", "北", "京", "ﬁne"});
}

TEST_CASE("folding a folded term again changes nothing") {
  for (const std::string text :
       {"Café Straße ΟΔΥΣΣΕΎΣ Ёлка İstanbul ﬁ ｶﾞ ㎏ ½ 안녕 สวัสดี हिन्दी 🎉 שָׁלוֹם ǅ ẞ",
        "①②③ ℃ № ªº ŉ ǰ ΐ"})
    for (const auto& each : words_of(text)) {
      INFO(each.term);
      CHECK(terms_in(each.term) == terms{each.term});
    }
}

TEST_CASE("a letter folds alike beside what is common and beside what is not") {
  for (char32_t letter = 0x01; letter < 0x400; ++letter) {
    std::string text = letter < 0x80 ? std::string(1, static_cast<char>(letter))
                                     : std::string{static_cast<char>(0xC0 | letter >> 6),
                                                   static_cast<char>(0x80 | (letter & 0x3F))};
    INFO(static_cast<std::uint32_t>(letter));
    CHECK(terms_in("x" + text + "y,") == terms_in("x" + text + "y\u3001"));
    CHECK(terms_in(text + ",") == terms_in(text + "\u3001"));
  }
}

TEST_CASE("bytes that are no text, and long ones, are no trouble") {
  CHECK(terms_in("a\xff\xfe b") == terms{"a", "b"});
  const std::string marks = "a" + [] {
    std::string many;
    for (int i = 0; i < 5000; ++i)
      many += "\u0301";
    return many;
  }();
  CHECK(terms_in(marks) == terms{"a"});
}

} // namespace words_test

} // namespace parley::test
