// The AsyncAPI document says what the codec takes and what the engine writes, in both directions.
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "actors/commands.hpp"
#include "actors/envelope_types.hpp"
#include "actors/limits.hpp"
#include "actors/limits_people.hpp"
#include "tests/support/catch.hpp"
#include "transport/http_rules.hpp"
#include "transport/rest/description.hpp"

using namespace parley;

namespace asyncapi_test {

using nlohmann::json;
using std::string;
using names = std::set<string>;

// --- What the engine says ------------------------------------------------------------------------

template <class Value>
struct unwrapped {
  using type = Value;
  static constexpr bool may_be_absent = false;
};
template <class Value>
struct unwrapped<std::optional<Value>> {
  using type = Value;
  static constexpr bool may_be_absent = true;
};

template <class Value>
constexpr bool is_list = false;
template <class Element>
constexpr bool is_list<std::vector<Element>> = true;

/// How JSON Schema calls what the codec reads into a value.
template <class Value>
string kind_of() {
  if constexpr (is_list<Value>)
    return "array";
  else if constexpr (std::is_same_v<Value, bool>)
    return "boolean";
  else if constexpr (std::is_same_v<Value, std::uint64_t>)
    return "integer";
  else if constexpr (std::is_same_v<Value, application_data> ||
                     std::is_same_v<Value, permissions> || std::is_same_v<Value, retention_bounds>)
    return "object";
  else
    return "string";
}

template <class Word>
constexpr std::size_t word_count = 0;
template <>
constexpr std::size_t word_count<conversation_kind> = 3;
template <>
constexpr std::size_t word_count<role> = 4;
template <>
constexpr std::size_t word_count<presence_status> = 4;
template <>
constexpr std::size_t word_count<audience> = 2;
template <>
constexpr std::size_t word_count<notify_level> = 3;
template <>
constexpr std::size_t word_count<search_order> = 2;
template <>
constexpr std::size_t word_count<shown_past> = 2;

/// What a field may say, where it is one word of several.
template <class Value>
names words_of() {
  names found;
  if constexpr (std::is_enum_v<Value>)
    for (std::size_t i = 0; i < word_count<Value>; ++i)
      found.emplace(to_string(static_cast<Value>(i)));
  return found;
}

struct field {
  bool may_be_absent = false;
  string kind = {};
  names words = {};
};
using fields = std::map<string, field>;

template <class Command>
fields fields_of() {
  fields found;
  Command::fields([&](std::string_view name, auto member) {
    using value = unwrapped<std::remove_reference_t<decltype(std::declval<Command&>().*member)>>;
    using type = typename value::type;
    found[string{name}] = {value::may_be_absent, kind_of<type>(), words_of<type>()};
  });
  return found;
}

template <std::size_t... I>
std::map<string, fields> list_commands(std::index_sequence<I...>) {
  return {{string{std::variant_alternative_t<I, command>::name},
           fields_of<std::variant_alternative_t<I, command>>()}...};
}

const auto commands = list_commands(std::make_index_sequence<std::variant_size_v<command>>{});

/// The names of envelopes that sessions are sent in this way.
names written(envelope_use how) {
  names found;
  for (const auto& each : envelope_types)
    if (each.use == how || each.use == envelope_use::both)
      found.emplace(each.name);
  return found;
}

// --- What the document says ----------------------------------------------------------------------

const json& document() {
  static const json read = json::parse(asyncapi_document());
  return read;
}

const json& openapi() {
  static const json read = json::parse(openapi_document());
  return read;
}

constexpr std::string_view other_document = "openapi.json";

/// Something in a document, and the document, which its references are in.
struct place {
  const json* in = nullptr;
  const json* what = nullptr;
};

place followed(place at) {
  while (at.what->is_object() && at.what->contains("$ref")) {
    string target = at.what->at("$ref");
    if (target.starts_with(other_document)) {
      at.in = &openapi();
      target.erase(0, other_document.size());
    }
    at.what = &at.in->at(json::json_pointer{target.substr(1)});
  }
  return at;
}

/// What is one of the members of a map.
place part(place of, const string& name) {
  of = followed(of);
  return followed({of.in, &of.what->at(name)});
}

names keys(const json& map) {
  names found;
  for (const auto& [key, value] : map.items())
    found.insert(key);
  return found;
}

/// The schemas of which a payload is one.
std::vector<place> choices(place of) {
  of = followed(of);
  if (!of.what->contains("oneOf") || of.what->contains("properties"))
    return {of};
  std::vector<place> found;
  for (const auto& each : of.what->at("oneOf"))
    for (const auto& choice : choices({of.in, &each}))
      found.push_back(choice);
  return found;
}

string kind_in(place of) {
  const json& schema = *followed(of).what;
  const auto kind = schema.find("type");
  if (kind == schema.end())
    return "none";
  return (kind->is_array() ? kind->front() : *kind).get<string>();
}

names words_in(place of) { return followed(of).what->value("enum", names{}); }

// --- The comparison ------------------------------------------------------------------------------

string joined(const names& all) {
  string text;
  for (const auto& each : all)
    text += (text.empty() ? "" : ", ") + each;
  return "{" + text + "}";
}

class comparison {
public:
  explicit comparison(const json& document)
      : document_(document), messages_(document.at("channels").at("socket").at("messages")) {}

  std::vector<string> run() {
    compare_commands();
    compare_names("answer.", envelope_use::answer);
    compare_names("event.", envelope_use::event);
    compare_operations();
    return differences_;
  }

private:
  void differs(const string& what) { differences_.push_back(of_ + ": " + what); }

  void same(const string& what, const names& engine, const names& document) {
    if (engine != document)
      differs(what + " " + joined(engine) + " in the engine, " + joined(document) +
              " in the document");
  }

  /// The messages whose keys begin like this, without that beginning.
  std::map<string, json> beginning(const string& prefix) const {
    std::map<string, json> found;
    for (const auto& [key, message] : messages_.items())
      if (key.starts_with(prefix))
        found[key.substr(prefix.size())] = message;
    return found;
  }

  // Commands

  void compare_commands() {
    of_ = "commands";
    const auto described = beginning("command.");
    names engine;
    names document;
    for (const auto& [name, fields] : commands)
      engine.insert(name);
    for (const auto& [name, message] : described)
      document.insert(name);
    same("names", engine, document);
    for (const auto& [name, message] : described)
      if (const auto found = commands.find(name); found != commands.end())
        compare_command(name, found->second, message);
  }

  void compare_command(const string& name, const fields& has, const json& message) {
    of_ = name;
    const json& payload = message.at("payload");
    same("name", {name}, {message.at("name").get<string>()});
    same("type", {name}, {payload.at("properties").at("type").at("const").get<string>()});
    names needed{"type"};
    names all{"type", "ref"};
    for (const auto& [field, facts] : has) {
      all.insert(field);
      if (!facts.may_be_absent)
        needed.insert(field);
    }
    same("fields", all, keys(payload.at("properties")));
    same("needed fields", needed, payload.at("required").get<names>());
    for (const auto& [field, facts] : has)
      if (payload.at("properties").contains(field))
        compare_field(field, facts, {&document_, &payload.at("properties").at(field)});
    compare_parts(payload);
    compare_examples(all, message);
  }

  void compare_field(const string& name, const field& facts, place at) {
    same(name + " is", {facts.kind}, {kind_in(at)});
    names words = facts.words;
    if (name == "role" && of_ != "role")
      words.erase("owner"); // who is made a member never becomes one at once
    same(name + " says", words, words_in(at));
  }

  /// Each field is in an example, so the journey that sends them has sent it.
  void compare_examples(const names& all, const json& message) {
    names used;
    for (const auto& example : message.at("examples"))
      used.merge(keys(example.at("payload")));
    same("fields with an example", all, used);
  }

  // Answers and events

  void compare_names(const string& prefix, envelope_use how) {
    names document;
    for (const auto& [key, message] : beginning(prefix)) {
      of_ = prefix + key;
      const string name = message.at("name");
      document.insert(name);
      if (message.at("examples").empty())
        differs("there is no example");
      for (const auto& each : choices({&document_, &message.at("payload")})) {
        const json& properties = each.what->at("properties");
        const place type = part({each.in, &properties}, "type");
        same("type", {name}, {type.what->at("const").get<string>()});
        if (properties.contains("ref") != (how == envelope_use::answer))
          differs("answers have `ref`, events have none");
        if (each.what->value("additionalProperties", true))
          differs("nothing else may be in it");
      }
      if (how == envelope_use::answer)
        compare_parts(message.at("payload"));
    }
    of_ = prefix;
    same("names", written(how), document);
  }

  /// Whoever has one property of a schema of the other document has all of them, and needs the
  /// same.
  void compare_parts(const json& payload) {
    constexpr std::string_view schemas = "openapi.json#/components/schemas/";
    names from;
    for (const auto& [name, property] : payload.at("properties").items()) {
      const string target = property.value("$ref", "");
      if (!target.starts_with(schemas) || target.find("/properties/") == string::npos)
        continue;
      const string rest = target.substr(schemas.size());
      from.insert(rest.substr(0, rest.find('/')));
      same("a part is called", {name}, {rest.substr(rest.rfind('/') + 1)});
    }
    const names has = keys(payload.at("properties"));
    const names needs = payload.at("required").get<names>();
    for (const auto& each : from) {
      const json& schema = openapi().at("components").at("schemas").at(each);
      for (const auto& name : keys(schema.at("properties")))
        if (!has.contains(name))
          differs(each + " has " + name + ", too");
      for (const auto& name : schema.value("required", names{}))
        if (!needs.contains(name))
          differs(each + " needs " + name);
    }
  }

  // Operations

  void compare_operations() {
    names answers;
    names events;
    names senders;
    for (const auto& [name, operation] : document_.at("operations").items()) {
      of_ = name;
      const names has = messages_in(operation);
      if (operation.at("action") == "receive") {
        events = has;
        continue;
      }
      senders.insert(name);
      same("sends", {"command." + name}, has);
      const names replies = messages_in(*part({&document_, &operation}, "reply").what);
      if (!replies.contains("answer.error") || replies.size() < 2)
        differs("it may fail, and it may not");
      answers.insert(replies.begin(), replies.end());
    }
    of_ = "operations";
    names all = answers;
    all.insert(events.begin(), events.end());
    for (const auto& each : senders)
      all.insert("command." + each);
    same("messages", keys(messages_), all);
  }

  static names messages_in(const json& what) {
    constexpr std::string_view folder = "#/channels/socket/messages/";
    names found;
    for (const auto& each : what.at("messages"))
      found.insert(each.at("$ref").get<string>().substr(folder.size()));
    return found;
  }

  const json& document_;
  const json& messages_;
  std::vector<string> differences_;
  string of_;
};

TEST_CASE("the document has what the engine takes and writes, and the engine what it has") {
  REQUIRE(commands.size() > 60);
  for (const auto& each : comparison{document()}.run())
    FAIL_CHECK(each);
}

void follow_all(const json& what, std::size_t& count) {
  if (what.is_object() && what.contains("$ref")) {
    CAPTURE(what.dump());
    CHECK_NOTHROW(followed({&document(), &what}));
    ++count;
    return;
  }
  if (what.is_structured())
    for (const auto& each : what)
      follow_all(each, count);
}

TEST_CASE("every reference leads somewhere, into the other document, too") {
  std::size_t count = 0;
  follow_all(document(), count);
  CHECK(count > 500);
}

TEST_CASE("the codes of errors are those of the engine") {
  names engine;
  for (std::size_t i = 0; i < error_code_count; ++i)
    engine.emplace(describe(static_cast<error_code>(i)).name);
  const json& schemas = openapi()["components"]["schemas"];
  CHECK(joined(engine) == joined(schemas["ErrorCode"]["enum"].get<names>()));
}

TEST_CASE("the bounds in the AsyncAPI document are those of the engine") {
  const std::vector<std::pair<const char*, std::uint64_t>> table{
      {"/components/schemas/Ref/maxLength", limits::ref_bytes},
      {"/components/schemas/Device/maxLength", limits::id_bytes},
      {"/components/schemas/Users/maxItems", limits::users_per_command},
      {"/channels/socket/messages/command.presence/payload/properties/text/maxLength",
       limits::status_text_bytes},
      {"/channels/socket/messages/command.search/payload/properties/query/maxLength",
       limits::query_bytes},
      {"/channels/socket/messages/command.profile/payload/properties/users/maxItems",
       limits::profiles_per_question},
      {"/channels/socket/messages/event.typing/payload/oneOf/1/properties/count/maximum",
       limits::typists},
  };
  for (const auto& [where, bound] : table) {
    CAPTURE(where);
    CHECK(document().at(json::json_pointer{where}) == bound);
  }
}

// --- The comparison finds what is planted --------------------------------------------------------

/// The first difference once `change` has been made to the document.
template <class Change>
string found_after(Change&& change) {
  json changed = document();
  change(changed["channels"]["socket"]["messages"], changed["operations"]);
  const auto found = comparison{changed}.run();
  const string first = found.empty() ? "nothing" : found.front();
  return first.substr(0, first.find(" {"));
}

TEST_CASE("what is on one side alone is named") {
  CHECK(found_after([](json& all, json&) { all.erase("command.ping"); }) == "commands: names");
  CHECK(found_after([](json& all, json&) {
          all["event.news"] = all["event.gap"];
          all["event.news"]["name"] = "news";
        }) == "event.news: type");
  CHECK(found_after([](json& all, json&) { all.erase("event.gap"); }) == "event.: names");
  CHECK(found_after([](json&, json& operations) { operations.erase("ping"); }) ==
        "operations: messages");
}

TEST_CASE("a field that differs is named") {
  const auto in = [](const char* key, auto change) {
    return found_after([&](json& all, json&) { change(all[key]["payload"]); });
  };
  CHECK(in("command.edit", [](json& is) { is["properties"].erase("mentions"); }) == "edit: fields");
  CHECK(in("command.edit", [](json& is) { is["required"] = {"type"}; }) == "edit: needed fields");
  CHECK(in("command.hold", [](json& is) {
          is["properties"]["on"] = {{"type", "string"}};
        }) == "hold: on is");
  CHECK(in("command.presence", [](json& is) { is["properties"]["status"]["enum"].erase(3); }) ==
        "presence: status says");
  CHECK(in("answer.sent", [](json& is) { is["properties"].erase("at"); }) ==
        "answer.sent: Sent has at, too");
  CHECK(in("event.gap", [](json& is) { is["properties"]["ref"] = json::object(); }) ==
        "event.gap: answers have `ref`, events have none");
}

// --- How it is served ----------------------------------------------------------------------------

TEST_CASE("the document is served to everybody, as the other one is") {
  const edge_config config;
  const auto ask = [&](std::vector<http_header> more) {
    more.push_back({"Host", "localhost"});
    const http_request request{"GET", "/asyncapi.json", 11, std::move(more), 0};
    return std::get<http_answer>(decide(request, config, {false, false}));
  };
  const auto plain = ask({});
  CHECK(plain.status == 200);
  CHECK(plain.content_type == "application/json");
  CHECK(plain.body == asyncapi_document());
  CHECK(ask({{"Accept-Encoding", "gzip"}}).body == asyncapi_document_gzip());
  CHECK(ask({{"If-None-Match", "W/" + string{asyncapi_document_tag()}}}).status == 304);
}

} // namespace asyncapi_test
