// The codec: every field's rule in both encodings, and that no bytes whatever do harm.

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include <random>

#include <msgpack.hpp>
#include <nlohmann/json.hpp>

#include "actors/limits_people.hpp"
#include "transport/codec.hpp"

namespace codec_test {

using namespace parley;
using std::string;

/// The MessagePack of a JSON text, as another library writes it.
string pack(const string& json) {
  const auto bytes = nlohmann::json::to_msgpack(nlohmann::json::parse(json));
  return {bytes.begin(), bytes.end()};
}

decoded only(const string& message, encoding spoken) {
  auto all = decode(message, spoken);
  REQUIRE(all.size() == 1);
  return std::move(all.front());
}

/// What became of an envelope, in a word that a table can hold.
string fate(const decoded& what) {
  if (const auto* refused = std::get_if<rejection>(&what))
    return string{describe(refused->why.code).name};
  if (const auto* bad = std::get_if<malformation>(&what))
    return std::to_string(static_cast<int>(bad->code));
  return "ok";
}

/// The fate in both encodings, which must be the same.
string fate(const string& json) {
  const string one = fate(only(json, encoding::json));
  CHECK(fate(only(pack(json), encoding::msgpack)) == one);
  return one;
}

template <class Command>
Command good(const string& json) {
  const decoded from_json = only(json, encoding::json);
  const decoded from_msgpack = only(pack(json), encoding::msgpack);
  REQUIRE(fate(from_json) == "ok");
  REQUIRE(fate(from_msgpack) == "ok");
  CHECK(std::get<envelope>(from_json).ref == std::get<envelope>(from_msgpack).ref);
  return std::get<Command>(std::get<envelope>(from_msgpack).what);
}

string repeated(char c, std::size_t times) { return string(times, c); }

string send_with(const string& key, const string& value) {
  nlohmann::json fields{
      {"type", "send"}, {"ref", 1}, {"conversation", "c"}, {"client_id", "k"}, {"body", "hi"}};
  fields[key] = nlohmann::json::parse(value);
  return fields.dump();
}

string quoted(const string& text) { return nlohmann::json(text).dump(); }

TEST_CASE("application data is the same bytes however it came") {
  const auto from_json = decode(
      R"({"type":"send","ref":1,"conversation":"c","client_id":"x","body":"b","meta":{"a":[1,-2,"x",null,true,1.5]}})",
      encoding::json);
  constexpr char bytes[] = "\x86\xa4type\xa4send\xa3ref\x01\xac"
                           "conversation\xa1"
                           "c\xa9"
                           "client_id\xa1x\xa4"
                           "body\xa1"
                           "b\xa4meta\x81\xa1"
                           "a\xdc\x00\x06\xcc\x01\xd0\xfe\xd9\x01x\xc0\xc3\xcb\x3f\xf8\0\0\0\0\0\0";
  const auto from_msgpack = decode({bytes, sizeof bytes - 1}, encoding::msgpack);
  REQUIRE(from_json.size() == 1);
  REQUIRE(from_msgpack.size() == 1);
  const auto meta_of = [](const decoded& from) {
    return std::get<send_message>(std::get<envelope>(from).what).meta.value();
  };
  CHECK(meta_of(from_json[0]) == meta_of(from_msgpack[0]));
  CHECK(meta_of(from_json[0]).msgpack.size() == 19);
}

TEST_CASE("real numbers of application data stay as they came, whole ones too") {
  const auto meta_of = [](std::string_view value, encoding how) {
    const auto got = decode(value, how);
    return std::get<send_message>(std::get<envelope>(got.at(0)).what).meta.value().msgpack;
  };
  constexpr std::string_view whole{"\xcb\x3f\xf0\0\0\0\0\0\0", 9};
  constexpr std::string_view below_zero{"\xcb\x80\0\0\0\0\0\0\0", 9};
  constexpr std::string_view large{"\xcb\x43\x41\xc3\x79\x37\xe0\x80\0", 9};
  string expected = "\x81\xa1";
  for (const std::string_view part : {std::string_view{"a\x93"}, whole, below_zero, large})
    expected += part;
  CHECK(meta_of(send_with("meta", R"({"a":[1.0,-0.0,1e16]})"), encoding::json) == expected);
  string packed = "\x86\xa4type\xa4send\xa3ref\x01\xac"
                  "conversation\xa1"
                  "c\xa9"
                  "client_id\xa1x\xa4"
                  "body\xa1"
                  "b\xa4meta";
  packed += expected;
  CHECK(meta_of(packed, encoding::msgpack) == expected);
}

TEST_CASE("application data has bounds and is a map") {
  const auto code = [](const std::string& meta) {
    const auto got = decode(R"({"type":"update","ref":1,"conversation":"c","meta":)" + meta + "}",
                            encoding::json);
    const auto* refused = std::get_if<rejection>(&got.at(0));
    return refused ? std::string(describe(refused->why.code).name) : "good";
  };
  CHECK(code("{}") == "good");
  CHECK(code("[1]") == "bad_request");
  CHECK(code("\"x\"") == "bad_request");
  CHECK(code("{\"a\":\"" + std::string(4096 - 6, 'x') + "\"}") == "good");
  CHECK(code("{\"a\":\"" + std::string(4096 - 5, 'x') + "\"}") == "too_large");
}

TEST_CASE("a command is read with all its fields, in both encodings") {
  const auto sent = good<send_message>(
      R"({"type":"send","ref":7,"conversation":"c","client_id":"k","body":"h\u00e4"})");
  CHECK(sent.conversation == conversation_id{"c"});
  CHECK(sent.client == client_id{"k"});
  CHECK(sent.body == "hä");

  const auto made = good<create>(
      R"({"type":"create","kind":"channel","members":["a","b"],"title":null,"extra":{"x":[1]}})");
  CHECK(made.kind == conversation_kind::channel);
  CHECK(made.members == std::vector{user_id{"a"}, user_id{"b"}});
  CHECK_FALSE(made.title.has_value());

  CHECK(
      good<history>(R"({"type":"history","conversation":"c","before":9007199254740991})").before ==
      limits::largest_number);
  CHECK(good<add_members>(R"({"type":"add","conversation":"c","users":[],"role":"reader"})").as ==
        role::reader);
  CHECK(good<hello>(R"({"type":"hello"})").token == std::nullopt);
}

TEST_CASE("each field keeps its rule") {
  const string id_too_long = quoted(repeated('a', 129));
  const std::vector<std::tuple<string, string, string>> table{
      {"conversation", quoted(repeated('a', 128)), "ok"},
      {"conversation", id_too_long, "bad_request"},
      {"conversation", quoted(""), "bad_request"},
      {"conversation", "5", "bad_request"},
      {"conversation", "null", "bad_request"},
      {"client_id", id_too_long, "bad_request"},
      {"body", quoted(repeated('b', limits::body_bytes)), "ok"},
      {"body", quoted(repeated('b', limits::body_bytes + 1)), "too_large"},
      {"body", quoted(""), "bad_request"},
      {"body", "[]", "bad_request"},
      {"ref", quoted(repeated('r', 128)), "ok"},
      {"ref", quoted(repeated('r', 129)), "1007"},
      {"ref", "9007199254740992", "ok"},
      {"ref", "-9007199254740992", "ok"},
      {"ref", "9007199254740993", "1007"},
      {"ref", "-9007199254740993", "1007"},
      {"ref", "18446744073709551615", "1007"},
      {"ref", "1.5", "1007"},
      {"ref", "{}", "1007"},
      {"ref", "null", "ok"},
      {"type", quoted("nonsense"), "unknown_type"},
      {"type", "5", "bad_request"},
  };
  for (const auto& [key, value, expected] : table) {
    CAPTURE(key, value);
    CHECK(fate(send_with(key, value)) == expected);
  }
}

TEST_CASE("bounds of retention are numbers by their names") {
  const std::vector<std::pair<string, string>> table{
      {R"({"days":1,"messages":2})", "ok"},
      {R"({})", "ok"},
      {R"({"years":1})", "bad_request"},
      {R"({"days":-1})", "bad_request"},
      {R"({"days":"1"})", "bad_request"},
      {R"({"messages":9007199254740991})", "ok"},
      {R"({"messages":9007199254740992})", "bad_request"},
      {R"(7)", "bad_request"},
  };
  for (const auto& [bounds, expected] : table) {
    CAPTURE(bounds);
    CHECK(fate(R"({"type":"update","ref":1,"conversation":"c","retention":)" + bounds + "}") ==
          expected);
  }
}

TEST_CASE("numbers, words and lists are checked as well") {
  const std::vector<std::pair<string, string>> table{
      {R"({"type":"sync","ref":1,"conversation":"c"})", "bad_request"},
      {R"({"type":"sync","ref":1,"conversation":"c","after":0})", "ok"},
      {R"({"type":"sync","ref":1,"conversation":"c","after":-1})", "bad_request"},
      {R"({"type":"sync","ref":1,"conversation":"c","after":1.0})", "bad_request"},
      {R"({"type":"sync","ref":1,"conversation":"c","after":9007199254740992})", "bad_request"},
      {R"({"type":"sync","ref":1,"conversation":"c","after":"1"})", "bad_request"},
      {R"({"type":"create","ref":1,"kind":"party"})", "bad_request"},
      {R"({"type":"create","ref":1})", "bad_request"},
      {R"({"type":"create","ref":1,"kind":"group","members":"a"})", "bad_request"},
      {R"({"type":"create","ref":1,"kind":"group","members":["a",1]})", "bad_request"},
      {R"({"type":"create","ref":1,"kind":"group","members":[""]})", "bad_request"},
      {R"({"type":"add","ref":1,"conversation":"c","users":["a"],"role":"king"})", "bad_request"},
      {R"({"type":"delete","ref":1,"conversation":"c","message":2,"for":"everyone"})", "ok"},
      {R"({"type":"delete","ref":1,"conversation":"c","message":2,"for":"nobody"})", "bad_request"},
      {R"({"type":"react","ref":1,"conversation":"c","message":2,"emoji":"+1"})", "ok"},
      {R"({"type":"pin","ref":1,"conversation":"c","message":2})", "ok"},
      {R"({"type":"update","ref":1,"conversation":"c","permissions":{"post":"admin"}})", "ok"},
      {R"({"type":"update","ref":1,"conversation":"c","permissions":{}})", "ok"},
      {R"({"type":"update","ref":1,"conversation":"c","permissions":{"fly":"admin"}})",
       "bad_request"},
      {R"({"type":"update","ref":1,"conversation":"c","permissions":{"post":"king"}})",
       "bad_request"},
      {R"({"type":"update","ref":1,"conversation":"c","permissions":{"post":1}})", "bad_request"},
      {R"({"type":"update","ref":1,"conversation":"c","permissions":["post"]})", "bad_request"},
      {R"({"type":"hold","ref":1,"conversation":"c","on":true})", "ok"},
      {R"({"type":"hold","ref":1,"conversation":"c"})", "bad_request"},
      {R"({"type":"holds","ref":1})", "ok"},
      {R"({"type":"search","ref":1,"query":"x","order":"relevance"})", "ok"},
      {R"({"type":"search","ref":1,"query":"x","order":"oldest"})", "bad_request"},
      {R"({"type":"search","ref":1})", "bad_request"},
      {R"({"type":"send","ref":1,"conversation":"c","client_id":"m","body":"a\u0007b"})",
       "bad_request"},
      {R"({"type":"react","ref":1,"conversation":"c","message":2,"emoji":""})", "bad_request"},
      {R"({"type":"react","ref":1,"conversation":"c","message":2,"emoji":"__proto__"})",
       "bad_request"},
      {R"({"type":"send","ref":1,"conversation":"c","client_id":"m","body":"a","meta":{"a":[{"__proto__":1}]}})",
       "bad_request"},
      {R"({"type":"set","ref":1,"conversation":"c","notify":"none","muted_until":5})", "ok"},
      {R"({"type":"set","ref":1,"conversation":"c","notify":"some"})", "bad_request"},
      {R"({"type":"set","ref":1,"conversation":"c","muted_until":-1})", "bad_request"},
      {R"({"type":"set","ref":1,"conversation":"c","archived":1})", "bad_request"},
  };
  for (const auto& [json, expected] : table) {
    CAPTURE(json);
    CHECK(fate(json) == expected);
  }
  nlohmann::json many{{"type", "add"}, {"ref", 1}, {"conversation", "c"}};
  many["users"] = std::vector<string>(limits::users_per_command, "u");
  CHECK(fate(many.dump()) == "ok");
  many["users"] = std::vector<string>(limits::users_per_command + 1, "u");
  CHECK(fate(many.dump()) == "too_large");
  many["users"] = std::vector<string>(limits::elements + 1, "u");
  CHECK(fate(many.dump()) == "too_large");
  nlohmann::json titled{{"type", "create"}, {"ref", 1}, {"kind", "group"}};
  titled["title"] = repeated('t', limits::title_bytes + 1);
  CHECK(fate(titled.dump()) == "too_large");
  nlohmann::json shown{{"type", "react"}, {"ref", 1}, {"conversation", "c"}, {"message", 2}};
  shown["emoji"] = repeated('e', limits::emoji_bytes);
  CHECK(fate(shown.dump()) == "ok");
  shown["emoji"] = repeated('e', limits::emoji_bytes + 1);
  CHECK(fate(shown.dump()) == "too_large");
}

TEST_CASE("a refusal carries the ref and names the field") {
  const auto what = only(R"({"type":"send","ref":"r","conversation":"c"})", encoding::json);
  const auto& refused = std::get<rejection>(what);
  CHECK(refused.ref == reference{string{"r"}});
  CHECK(refused.why.message.find("client_id") != string::npos);
  CHECK(std::get<rejection>(only(R"({"type":"x"})", encoding::json)).ref == reference{});
}

TEST_CASE("what cannot be delimited or has no readable ref ends the connection") {
  for (const string json : {"", " ", "x", "5", "[]", "\"a\"", "{", R"({"a":1)", R"({"a":1}{"a":1})",
                            "{}", R"({"type":5})", "{\"type\":\"\xff\",\"ref\":1}",
                            R"({"ref":1,"ref":1,"type":"ping"})", R"({"a":1e999,"ref":1})"}) {
    CAPTURE(json);
    CHECK(fate(only(json, encoding::json)) == "1007");
  }
  const std::vector<string> bombs{"\xdd\xff\xff\xff\xff",
                                  string{"\xdd\xff\0\0\0", 5},
                                  string(10'000, '\x91'),
                                  "\xdf\xff\xff\xff\xff",
                                  "\xdb\xff\xff\xff\xff",
                                  "\xc6\xff\xff\xff\xff",
                                  "\xc9\xff\xff\xff\xff",
                                  "\xc1",
                                  "\x81",
                                  "\x81\xa1"
                                  "a",
                                  "\x81\x01\x01",
                                  "\x81\xa1"
                                  "a\xdd\xff\xff\xff\xff",
                                  "\x81\xa1\xff\x01"};
  for (const auto& bomb : bombs) {
    CAPTURE(nlohmann::json::binary({bomb.begin(), bomb.end()}).dump().substr(0, 80));
    CHECK(fate(only(bomb, encoding::msgpack)) == "1007");
  }
}

TEST_CASE("types that JSON does not have, and text that is not UTF-8, are refused by their ref") {
  const string head = "\x83\xa4type\xa4ping\xa3ref\x01\xa1x";
  const std::vector<string> values{string{"\xc4\x01z", 3},
                                   string{"\xd4\x05z", 3},
                                   string{"\xcb\x7f\xf8\0\0\0\0\0\0", 9},
                                   string{"\xca\x7f\x80\0\0", 5},
                                   string{"\xa2\xc3\x28", 3},
                                   string{"\x81\x01\x01", 3}};
  for (const auto& value : values)
    CHECK(fate(only(head + value, encoding::msgpack)) == "bad_request");
  const string no_ref = "\x82\xa4type\xa4ping\xa1x\xc4\x01z";
  CHECK(fate(only(no_ref, encoding::msgpack)) == "1007");
}

TEST_CASE("nesting ends at the announced depth in both encodings") {
  const auto nested = [](std::size_t levels) {
    return R"({"type":"ping","ref":1,"x":)" + repeated('[', levels) + repeated(']', levels) + "}";
  };
  CHECK(fate(nested(limits::depth - 1)) == "ok");
  CHECK(fate(nested(limits::depth)) == "1007");
  CHECK(fate(only(nested(30'000), encoding::json)) == "1007");
}

TEST_CASE("one message carries many envelopes, up to the first that is malformed") {
  const string line = R"({"type":"ping"})";
  CHECK(decode(line + "\n\r\n" + line + "\n", encoding::json).size() == 2);
  CHECK(decode(pack(line) + pack(line), encoding::msgpack).size() == 2);
  auto broken = decode(line + "\nx\n" + line, encoding::json);
  REQUIRE(broken.size() == 2);
  CHECK(fate(broken[1]) == "1007");

  string many;
  for (std::size_t i = 0; i < limits::envelopes_per_message + 5; ++i)
    many += pack(line);
  const auto all = decode(many, encoding::msgpack);
  CHECK(all.size() == limits::envelopes_per_message + 1);
  CHECK(fate(all.back()) == "1008");
}

TEST_CASE("what the engine encodes becomes the same JSON that another library makes of it") {
  const string json =
      R"({"type":"message","seq":18446744073709551615,"n":-5,"f":1.5,"t":true,"z":null,)"
      R"("body":"q\"\\\n\u0001\u00e4\ud83d\ude00/","list":[{"a":[]},{}]})";
  const string line = to_json(pack(json) + pack(json));
  const std::size_t end = line.find('\n');
  REQUIRE(end != string::npos);
  CHECK(nlohmann::json::parse(line.substr(0, end)) == nlohmann::json::parse(json));
  CHECK(line.substr(end + 1) == line.substr(0, end));
  CHECK(to_json("").empty());
  CHECK(to_json("\x81\xa1").empty());
}

TEST_CASE("whatever must be escaped in JSON is, wherever it is") {
  for (int byte = 0; byte < 0x80; ++byte)
    for (std::size_t at = 0; at < 24; ++at) {
      string body = "twenty-four bytes, then \xc3\xa4"; // the last letter has two bytes
      body[at] = static_cast<char>(byte);
      const nlohmann::json sent{{"body", body}};
      const auto packed = nlohmann::json::to_msgpack(sent);
      const string bytes{packed.begin(), packed.end()};
      CHECK(nlohmann::json::parse(to_json(bytes)) == sent);
    }
}

TEST_CASE("no bytes whatever do harm") {
  const auto seed = Catch::rngSeed();
  CAPTURE(seed);
  std::mt19937 random{seed};
  const string valid = send_with("meta", R"({"a":[1,2.5,"x",{"b":null}]})");
  for (int i = 0; i < 40'000; ++i) {
    string bytes = i % 4 < 2 ? pack(valid) : valid;
    if (i % 4 == 3)
      bytes.assign(random() % 64, '\0');
    for (std::size_t flips = 1 + random() % 4; flips > 0 && !bytes.empty(); --flips)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (i % 4 == 3)
      for (char& c : bytes)
        c = static_cast<char>(random());
    bytes.resize(random() % 8 == 0 ? random() % (bytes.size() + 1) : bytes.size());
    CHECK_FALSE(decode(bytes, encoding::msgpack).empty());
    CHECK_FALSE(decode(bytes, encoding::json).empty());
    to_json(bytes);
  }
}

TEST_CASE("a JSON line with a NUL or a byte order mark is malformed, whatever is behind it") {
  const std::string line = R"({"type":"ping","ref":1})";
  for (const std::string& bad :
       {line + std::string("\0 {}", 4), std::string(1, '\0') + line, "\xef\xbb\xbf" + line}) {
    const auto got = decode(bad, encoding::json);
    REQUIRE(got.size() == 1);
    CHECK(std::holds_alternative<malformation>(got[0]));
  }
}

TEST_CASE("what a user says of themselves has known words and a bounded text") {
  const auto said =
      good<set_presence>(R"({"type":"presence","ref":1,"status":"busy","text":"in a meeting"})");
  CHECK(said.status == presence_status::busy);
  CHECK(said.text == "in a meeting");
  CHECK_FALSE(good<set_presence>(R"({"type":"presence","status":"away","text":null})").text);
  const auto with = [](const string& fields) {
    return fate(R"({"type":"presence","ref":1)" + fields + "}");
  };
  CHECK(with(R"(,"status":"invisible")") == "ok");
  CHECK(with(R"(,"status":"offline")") == "bad_request");
  CHECK(with(R"(,"status":1)") == "bad_request");
  CHECK(with("") == "bad_request");
  const string most = repeated('x', limits::status_text_bytes);
  CHECK(with(R"(,"status":"away","text":)" + quoted(most)) == "ok");
  CHECK(with(R"(,"status":"away","text":)" + quoted(most + "x")) == "too_large");
  CHECK(fate(R"({"type":"watch","ref":1,"users":[]})") == "ok");
  CHECK(fate(R"({"type":"watch","ref":1,"users":["a",""]})") == "bad_request");
  CHECK(fate(R"({"type":"end_session","ref":1,"session":7})") == "bad_request");
}

TEST_CASE("what a user shows of themselves is bounded, and null takes it away") {
  const auto shown = good<set_profile>(
      R"({"type":"set_profile","ref":1,"name":"Zoe\u0301","avatar":null,"client_id":"p"})");
  REQUIRE(shown.shown_name);
  CHECK(shown.shown_name->text == "Zo\u00e9"); // in the normal form
  REQUIRE(shown.avatar);
  CHECK(shown.avatar->text.empty());
  CHECK_FALSE(shown.text);
  const auto with = [](const string& fields) {
    return fate(R"({"type":"set_profile","ref":1)" + fields + "}");
  };
  const auto of = [&](const char* field, std::size_t bytes) {
    return with(string(",\"") + field + "\":" + quoted(repeated('x', bytes)));
  };
  CHECK(of("name", limits::profile_name_bytes) == "ok");
  CHECK(of("name", limits::profile_name_bytes + 1) == "too_large");
  CHECK(of("text", limits::profile_text_bytes) == "ok");
  CHECK(of("text", limits::profile_text_bytes + 1) == "too_large");
  CHECK(of("avatar", limits::profile_avatar_bytes) == "ok");
  CHECK(of("avatar", limits::profile_avatar_bytes + 1) == "too_large");
  CHECK(with(R"(,"name":7)") == "bad_request");
  CHECK(with(R"(,"name":"a\u0007b")") == "bad_request");
  CHECK(with(R"(,"name":"a\u202eb")") == "bad_request"); // turns the direction of writing
  CHECK(fate(R"({"type":"profile","ref":1})") == "ok");
  CHECK(fate(R"({"type":"profile","ref":1,"users":["a",""]})") == "bad_request");
  CHECK(fate(R"({"type":"presences","ref":1})") == "bad_request");
}

} // namespace codec_test
