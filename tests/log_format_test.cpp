// Log lines: no value can pass for another, and JSON says what the text says.
#include "transport/log_format.hpp"

#include <string>

#include <nlohmann/json.hpp>
#include <spdlog/details/log_msg.h>

#include "actors/log_line.hpp"
#include "tests/support/catch.hpp"

namespace parley::test {

namespace log_format_test {

std::string formatted(spdlog::formatter& by, const std::string& line) {
  const spdlog::details::log_msg message{"test", spdlog::level::warn, line};
  spdlog::memory_buf_t out;
  by.format(message, out);
  return {out.data(), out.size()};
}

nlohmann::json object(const std::string& line) {
  const std::string text = formatted(*json_lines(), line);
  CHECK(text.find('\n') == text.size() - 1);
  return nlohmann::json::parse(text);
}

TEST_CASE("a quoted value stays one value on one line") {
  CHECK(in_quotes("") == "\"\"");
  CHECK(in_quotes("a b=c") == "\"a b=c\"");
  CHECK(in_quotes("say \"x\"\n\\") == R"("say \"x\"\u000a\\")");
  for (const std::string each : {"x\" forged=\"y", "line\nline", "\x7f\x01", "ümlaut", "\\"}) {
    CHECK(nlohmann::json::parse(in_quotes(each)) == each);
    CHECK(in_quotes(each).find('\n') == std::string::npos);
  }
}

TEST_CASE("text has time, level and the line") {
  const std::string text = formatted(*text_lines(), "stopped orderly=true");
  CHECK(text.ends_with("Z warning stopped orderly=true\n"));
  CHECK(text.size() > 40);
}

TEST_CASE("an event and its fields are the keys of an object") {
  const auto told =
      object("started version=0.1.0 listen=127.0.0.1:80 data=" + in_quotes("a \"b\"") +
             " workers=2 dev=false session=1-07 code=007");
  CHECK(told["level"] == "warning");
  CHECK(told["time"].get<std::string>().ends_with("Z"));
  CHECK(told["event"] == "started");
  CHECK(told["version"] == "0.1.0");
  CHECK(told["listen"] == "127.0.0.1:80");
  CHECK(told["data"] == "a \"b\"");
  CHECK(told["workers"] == 2);
  CHECK(told["dev"] == false);
  CHECK(told["session"] == "1-07");
  CHECK(told["code"] == "007");
  CHECK(object("storage_writable")["event"] == "storage_writable");
}

TEST_CASE("any other line is a message, and any bytes make valid JSON") {
  for (const std::string each : {"Not an event", "event key", "event =x", "event a=\"open", ""}) {
    CAPTURE(each);
    CHECK(object(each)["message"] == each);
  }
  CHECK(object("event reason=" + in_quotes("bad \xff byte"))["reason"] == "bad ? byte");
}

} // namespace log_format_test

} // namespace parley::test
