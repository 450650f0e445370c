// The OpenAPI document and the router's tables say the same, in both directions.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

#include "actors/commands.hpp"
#include "actors/limits.hpp"
#include "actors/limits_people.hpp"
#include "actors/limits_retention.hpp"
#include "tests/support/catch.hpp"
#include "transport/http_routes.hpp"
#include "transport/http_rules.hpp"
#include "transport/rest/description.hpp"
#include "transport/rest/operations.hpp"

using namespace parley;

namespace openapi_test {

using nlohmann::json;
using std::string;
using names = std::set<string>;

// --- What the tables say -------------------------------------------------------------------------

/// A row of either table.
struct row {
  string id, method, path;
  std::vector<rest_parameter> query;
  rest_body body = rest_body::none;
  std::set<int> statuses;
  const rest_operation* command = nullptr; ///< Of a row that is one.
};

std::vector<row> rows() {
  std::vector<row> all;
  for (const auto& each : rest_operations())
    all.push_back({string{each.id},
                   string{each.method},
                   string{each.path},
                   each.query,
                   each.body,
                   {each.status},
                   &each});
  for (const auto& each : http_routes())
    all.push_back({string{each.id}, string{each.method}, string{each.path}, each.query, each.body,
                   std::set<int>(each.statuses.begin(), each.statuses.end())});
  return all;
}

/// The fields of a command, and whether each may be left out.
using fields = std::map<string, bool, std::less<>>;

template <class Value>
constexpr bool may_be_absent = false;
template <class Value>
constexpr bool may_be_absent<std::optional<Value>> = true;

template <class Command>
fields fields_of() {
  fields found;
  Command::fields([&](std::string_view name, auto member) {
    using value = std::remove_reference_t<decltype(std::declval<Command&>().*member)>;
    found.emplace(name, may_be_absent<value>);
  });
  return found;
}

template <std::size_t... I>
std::map<string, fields, std::less<>> list_commands(std::index_sequence<I...>) {
  return {{string{std::variant_alternative_t<I, command>::name},
           fields_of<std::variant_alternative_t<I, command>>()}...};
}

const auto commands = list_commands(std::make_index_sequence<std::variant_size_v<command>>{});

names names_in_path(std::string_view path) {
  names found;
  for (std::size_t at = path.find('{'); at != path.npos; at = path.find('{', at + 1))
    found.emplace(path.substr(at + 1, path.find('}', at) - at - 1));
  return found;
}

// --- What the document says ----------------------------------------------------------------------

struct described {
  string method, path;
  json what;
};

/// Follows references within the document.
const json& resolved(const json& document, const json& what) {
  const json* at = &what;
  while (at->contains("$ref"))
    at = &document.at(json::json_pointer{at->at("$ref").get<string>().substr(1)});
  return *at;
}

std::map<string, described> operations_in(const json& document) {
  std::map<string, described> found;
  for (const auto& [path, item] : document.at("paths").items())
    for (const auto& [method, what] : item.items()) {
      string shouted = method;
      std::transform(method.begin(), method.end(), shouted.begin(), ::toupper);
      found[what.at("operationId")] = {shouted, path, what};
    }
  return found;
}

/// Its parameters in the path, the query or the head.
std::map<string, json> parameters(const json& document, const json& of, std::string_view where) {
  std::map<string, json> found;
  for (const auto& each : of.value("parameters", json::array())) {
    const json& what = resolved(document, each);
    if (what.at("in") == where)
      found[what.at("name")] = what;
  }
  return found;
}

string kind_in(const json& document, const json& parameter) {
  return resolved(document, parameter.at("schema")).value("type", "none");
}

string kind_of(parameter_kind kind) {
  switch (kind) {
  case parameter_kind::text:
  case parameter_kind::only:
    return "string";
  case parameter_kind::number:
    return "integer";
  case parameter_kind::flag:
    return "boolean";
  case parameter_kind::list:
    return "array";
  }
  return "";
}

// --- The comparison ------------------------------------------------------------------------------

template <class Map>
names keys(const Map& of) {
  names found;
  for (const auto& each : of)
    found.insert(each.first);
  return found;
}

string joined(const names& all) {
  string text;
  for (const auto& each : all)
    text += (text.empty() ? "" : ", ") + each;
  return "{" + text + "}";
}

class comparison {
public:
  explicit comparison(const json& document) : document_(document) {}

  std::vector<string> run(const std::vector<row>& rows) {
    auto rest = operations_in(document_);
    for (const auto& each : rows) {
      const auto found = rest.find(each.id);
      if (found == rest.end()) {
        differences_.push_back(each.id + " is not in the document");
        continue;
      }
      compare(each, found->second);
      rest.erase(found);
    }
    for (const auto& each : rest)
      differences_.push_back(each.first + " is in the document alone");
    return differences_;
  }

private:
  void same(const string& what, const names& table, const names& document) {
    if (table != document)
      differences_.push_back(of_ + ": " + what + " " + joined(table) + " in the table, " +
                             joined(document) + " in the document");
  }

  void compare(const row& each, const described& it) {
    of_ = each.id;
    same("method", {each.method}, {it.method});
    same("path", {each.path}, {it.path});
    compare_parameters(each, it.what);
    const bool has_body = it.what.contains("requestBody");
    const bool needs_body = has_body && it.what["requestBody"].value("required", false);
    same("has a body", {each.body != rest_body::none ? "yes" : "no"}, {has_body ? "yes" : "no"});
    same("needs it", {each.body == rest_body::required ? "yes" : "no"},
         {needs_body ? "yes" : "no"});
    names good;
    names said;
    for (const int status : each.statuses)
      good.insert(std::to_string(status));
    for (const auto& [status, what] : it.what.at("responses").items())
      if (status.starts_with('2'))
        said.insert(status);
    same("good status", good, said);
    if (each.command != nullptr && !each.command->command.empty())
      compare_command(*each.command, it.what);
  }

  void compare_parameters(const row& each, const json& what) {
    const auto in_path = parameters(document_, what, "path");
    same("in the path", names_in_path(each.path), keys(in_path));
    for (const auto& [name, parameter] : in_path)
      same(name + " is", {kind_of(kind_in_path(name))}, {kind_in(document_, parameter)});
    const auto in_query = parameters(document_, what, "query");
    names query;
    for (const auto& parameter : each.query) {
      const string name{parameter.name};
      query.insert(name);
      const auto found = in_query.find(name);
      if (found == in_query.end())
        continue;
      same(name + " is", {kind_of(parameter.kind)}, {kind_in(document_, found->second)});
      const json usual = found->second["schema"].value("default", json{});
      same(name + " without it", {string{parameter.otherwise}},
           {usual.is_null()     ? ""
            : usual.is_string() ? usual.get<string>()
                                : usual.dump()});
    }
    same("in the query", query, keys(in_query));
  }

  /// The fields of a command are what the path, the query and the body have, and nothing else is.
  void compare_command(const rest_operation& each, const json& what) {
    const auto found = commands.find(each.command);
    if (found == commands.end()) {
      differences_.push_back(of_ + ": there is no command " + string{each.command});
      return;
    }
    same("the command", {string{each.command}}, {what.value("x-parley-command", "")});
    names optional;
    names needed;
    for (const auto& [name, may_be_left_out] : found->second)
      (may_be_left_out ? optional : needed).insert(name);
    const auto take = [&](const string& name) {
      if (optional.erase(name) + needed.erase(name) == 0)
        differences_.push_back(of_ + ": " + name + " is no field of " + string{each.command});
    };
    for (const auto& name : names_in_path(each.path))
      if (name != "user" || !(each.of_oneself || each.for_user))
        take(name);
    for (const auto& [name, value] : each.fixed)
      take(string{name});
    const bool has_key = optional.contains("client_id") || needed.contains("client_id");
    same("takes a key", {has_key && each.method != "GET" ? "yes" : "no"},
         {parameters(document_, what, "header").contains("Idempotency-Key") ? "yes" : "no"});
    for (const auto& [name, parameter] : parameters(document_, what, "query")) {
      const bool has_usual = parameter["schema"].contains("default");
      same(name + " is needed", {needed.contains(name) && !has_usual ? "yes" : "no"},
           {parameter.value("required", false) ? "yes" : "no"});
      take(name);
    }
    if (each.body != rest_body::none)
      compare_body(std::move(optional), std::move(needed), what);
  }

  void compare_body(names optional, names needed, const json& what) {
    const json& body = resolved(document_, what.at("requestBody"));
    const json& schema =
        resolved(document_, body.at("content").at("application/json").at("schema"));
    names said;
    for (const auto& [name, property] : schema.at("properties").items())
      said.insert(name);
    if (needed.erase("client_id") > 0) // the head may have it
      optional.insert("client_id");
    same("the body must have", needed, schema.value("required", names{}));
    optional.merge(needed);
    same("the body has", optional, said);
  }

  const json& document_;
  std::vector<string> differences_;
  string of_;
};

std::vector<string> differences(const std::vector<row>& rows, const json& document) {
  return comparison{document}.run(rows);
}

const json& document() {
  static const json read = json::parse(openapi_document());
  return read;
}

TEST_CASE("the document has what the router has, and the router what the document has") {
  REQUIRE(rest_operations().size() > 50);
  for (const auto& each : differences(rows(), document()))
    FAIL_CHECK(each);
}

TEST_CASE("no two operations have one name, or one method and path") {
  names ids;
  names places;
  for (const auto& each : rows()) {
    CAPTURE(each.id);
    CHECK(ids.insert(each.id).second);
    CHECK(places.insert(each.method + " " + each.path).second);
  }
}

TEST_CASE("every command is an operation, but those of a connection") {
  names missing = keys(commands);
  for (const auto& each : rest_operations())
    missing.erase(string{each.command});
  CHECK(joined(missing) == "{hello, ping, presence, refresh, unwatch}");
}

TEST_CASE("the bounds in the document are those of the engine") {
  const json& schemas = document()["components"]["schemas"];
  const std::vector<std::pair<const char*, std::uint64_t>> table{
      {"/UserId/maxLength", limits::id_bytes},
      {"/ClientId/maxLength", limits::id_bytes},
      {"/Time/maximum", limits::largest_number},
      {"/Seq/maximum", limits::largest_number},
      {"/Body/maxLength", limits::body_bytes},
      {"/Title/maxLength", limits::title_bytes},
      {"/Emoji/maxLength", limits::emoji_bytes},
      {"/Mentions/maxItems", limits::mentions},
      {"/Quiet/maxItems", limits::quiet_spans},
      {"/Retention/properties/days/maximum", limits::retention_days},
      {"/Retention/properties/messages/maximum", limits::retention_messages},
      {"/Changed/properties/slow_mode/maximum", limits::slow_mode_seconds},
      {"/Message/properties/edits/maximum", limits::edits_per_message},
      {"/Message/properties/files/maxItems", limits::files},
      {"/Replies/properties/participants/maxItems", limits::thread_participants},
      {"/Conversation/properties/members/maxItems", limits::members_shown},
      {"/Page/properties/events/maxItems", limits::page},
      {"/Devices/properties/items/maxItems", limits::devices_per_receipt},
      {"/Restrictions/properties/items/maxItems", limits::restrictions},
      {"/Pins/properties/items/maxItems", limits::pins},
      {"/Presences/properties/items/maxItems", limits::crowd},
      {"/Sessions/properties/items/maxItems", limits::sessions_per_user},
      {"/Profiles/properties/items/maxItems", limits::profiles_per_question},
      {"/CreateConversation/properties/members/maxItems", limits::users_per_command},
      {"/AddMembers/properties/users/maxItems", limits::users_per_command},
      {"/SendMessage/properties/files/maxItems", limits::files},
      {"/SendMessage/properties/expires_in/maximum", limits::longest_expiry_seconds},
      {"/SetProfile/properties/name/maxLength", limits::profile_name_bytes},
      {"/SetProfile/properties/avatar/maxLength", limits::profile_avatar_bytes},
      {"/SetProfile/properties/text/maxLength", limits::profile_text_bytes},
  };
  for (const auto& [where, bound] : table) {
    CAPTURE(where);
    CHECK(schemas.at(json::json_pointer{where}) == bound);
  }
}

// --- What the router does ------------------------------------------------------------------------

const string* header(const http_answer& answer, std::string_view name) {
  for (const auto& each : answer.headers)
    if (each.first == name)
      return &each.second;
  return nullptr;
}

/// Whether a request for this goes where nobody knows what to do with it.
bool is_nothing(const string& method, const string& path) {
  const http_request request{
      method, path, 11, {{"Host", "localhost"}, {"Authorization", "Bearer t"}}, 0};
  const auto decided = decide(request, {}, {true, false});
  const auto* answer = std::get_if<http_answer>(&decided);
  return answer != nullptr &&
         (answer->status == 405 || answer->body.find("nothing here") != string::npos);
}

string filled(string path) {
  for (std::size_t at = path.find('{'); at != string::npos; at = path.find('{'))
    path.replace(at, path.find('}') - at + 1, "1");
  return path;
}

TEST_CASE("what the tables have is decided, and nothing else") {
  names there;
  for (const auto& each : rows()) {
    CAPTURE(each.id);
    CHECK_FALSE(is_nothing(each.method, filled(each.path)));
    there.insert(each.method + " " + each.path);
  }
  for (const auto& each : rows())
    for (const string method : {"GET", "PUT", "POST", "PATCH", "DELETE"})
      if (!there.contains(method + " " + each.path)) {
        CAPTURE(method, each.path);
        CHECK(is_nothing(method, filled(each.path)));
      }
}

TEST_CASE("a method that is not there is answered with those that are") {
  std::map<string, names> methods;
  for (const auto& each : rows())
    methods[each.path].insert(each.method);
  for (const auto& [path, there] : methods) {
    CAPTURE(path);
    const string target = filled(path);
    const auto decided =
        decide({"TRACE", target, 11, {{"Host", "localhost"}}, 0}, {}, {true, false});
    names told;
    std::istringstream words{*header(std::get<http_answer>(decided), "Allow")};
    for (string each; words >> each;)
      told.insert(each.substr(0, each.find(',')));
    told.erase("HEAD");
    told.erase("OPTIONS");
    CHECK(joined(told) == joined(there));
  }
}

// --- The comparison finds what is planted --------------------------------------------------------

/// The first difference once `change` has been made to the document.
template <class Change>
string found_after(Change&& change) {
  json changed = document();
  change(changed["paths"], changed["components"]);
  const auto found = differences(rows(), changed);
  return found.empty() ? "nothing" : found.front();
}

TEST_CASE("an operation that is on one side alone is named") {
  CHECK(found_after([](json& paths, json&) { paths["/v1/totals"].erase("get"); }) ==
        "getTotals is not in the document");
  CHECK(found_after([](json& paths, json&) {
          paths["/v1/totals"]["put"] = paths["/v1/totals"]["get"];
          paths["/v1/totals"]["put"]["operationId"] = "setTotals";
        }) == "setTotals is in the document alone");
  auto fewer = rows();
  fewer.pop_back();
  CHECK(differences(fewer, document()) ==
        std::vector<string>{"getDescription is in the document alone"});
}

TEST_CASE("a parameter, a body or a status that differs is named") {
  const auto of = [](auto change) {
    const string found = found_after(change);
    return found.substr(0, found.find(' ', found.find(':') + 2));
  };
  CHECK(of([](json& paths, json&) {
          paths["/v1/livez"] = paths["/livez"];
          paths.erase("/livez");
        }) == "getLiveness: path");
  CHECK(of([](json& paths, json&) { paths["/v1/search"]["get"]["parameters"].erase(0); }) ==
        "search: in");
  CHECK(of([](json& paths, json&) {
          paths["/v1/conversations"]["get"]["parameters"][2]["schema"]["type"] = "string";
        }) == "listConversations: archived");
  CHECK(of([](json& paths, json&) {
          paths["/v1/preferences"]["put"]["requestBody"]["required"] = false;
        }) == "changePreferences: needs");
  CHECK(of([](json& paths, json&) {
          auto& responses = paths["/v1/files"]["post"]["responses"];
          responses["200"] = responses["201"];
        }) == "uploadFile: good");
  CHECK(of([](json&, json& components) {
          components["schemas"]["MarkRead"]["properties"].erase("private");
        }) == "markRead: the");
  CHECK(of([](json&, json& components) {
          components["schemas"]["MarkRead"]["required"] = json::array();
        }) == "markRead: the");
}

// --- How it is served ----------------------------------------------------------------------------

http_answer ask(std::vector<http_header> more, std::string_view method = "GET") {
  std::vector<http_header> all{{"Host", "localhost"}};
  all.insert(all.end(), more.begin(), more.end());
  edge_config config;
  config.origins = {"https://app.example.com"};
  return std::get<http_answer>(
      decide({method, "/openapi.json", 11, std::move(all), 0}, config, {false, false}));
}

TEST_CASE("the document is served to everybody, compressed to who takes that") {
  const auto plain = ask({});
  CHECK(plain.status == 200);
  CHECK(plain.content_type == "application/json");
  CHECK(plain.body == openapi_document());
  REQUIRE(header(plain, "ETag"));
  const auto small = ask({{"Accept-Encoding", "br, gzip"}});
  CHECK(small.body == openapi_document_gzip());
  CHECK(small.body.size() * 4 < plain.body.size());
  REQUIRE(header(small, "Content-Encoding"));
  const auto known = ask({{"If-None-Match", *header(plain, "ETag")}});
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  CHECK(ask({}, "POST").status == 405);
  CHECK(ask({{"Origin", "https://evil.example.com"}}).status == 403);
  const auto opened = ask({{"Origin", "https://app.example.com"}});
  REQUIRE(header(opened, "Access-Control-Allow-Origin"));
  CHECK(*header(opened, "Access-Control-Allow-Origin") == "https://app.example.com");
}

} // namespace openapi_test
