// What people write: NFC, without control characters.
#include "actors/plain_text.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace parley::test {

namespace plain_text_test {

std::string taken(const std::string& text) {
  std::string into = "before";
  return take_plain_text(text, into) ? into : "refused, " + into;
}

TEST_CASE("printable text is taken as it is, whatever its length") {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    CHECK(taken(text) == text);
    text += static_cast<char>(' ' + i * 2);
  }
  CHECK(taken("~~~~~~~~~~") == "~~~~~~~~~~");
  CHECK(taken("lines\nand\r\n\ttabs") == "lines\nand\r\n\ttabs");
  CHECK(taken("Größe 北京 🎉 \u200d\ufe0f") == "Größe 北京 🎉 \u200d\ufe0f");
}

TEST_CASE("what looks the same becomes the same bytes") {
  CHECK(taken("Cafe\u0301") == "Café");
  CHECK(taken("\u1112\u1161\u11ab") == "한");
  CHECK(taken("\u212b") == "Å");
  CHECK(taken("ﬁ ①") == "ﬁ ①"); // compatibility is another matter
}

TEST_CASE("control characters are refused wherever they are") {
  for (const std::string& control :
       {std::string(1, '\0'), std::string("\x01"), std::string("\x1b"), std::string("\x1f"),
        std::string("\x7f"), std::string("\u0080"), std::string("\u009f")})
    for (const std::string before : {"", "1234567", "12345678", "123456789012345", "größer"}) {
      INFO(before);
      CHECK(taken(before + control) == "refused, before");
      CHECK(taken(before + control + "and more than that") == "refused, before");
    }
}

TEST_CASE("a tower of combining marks is refused, before anybody sorts it") {
  const auto tower = [](int marks) {
    std::string text = "a";
    for (int i = 0; i < marks; ++i)
      text += i % 2 ? "\u0301" : "\u0316";
    return text;
  };
  CHECK(taken(tower(30)) != "refused, before");
  CHECK(taken(tower(31)) == "refused, before");
  CHECK(taken(tower(3000)) == "refused, before");
  for (const std::string mark : {"\u0344", "\u0e31", "\u20dd", "\u0489", "\u034f"}) {
    std::string text = "a";
    for (int i = 0; i < 31; ++i)
      text += mark;
    CHECK(taken(text) == "refused, before");
  }
  std::string twice = "a"; // each of these becomes two
  for (int i = 0; i < 16; ++i)
    twice += "\u0344";
  CHECK(taken(twice) == "refused, before");
}

} // namespace plain_text_test

} // namespace parley::test
