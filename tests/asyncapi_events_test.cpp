// Events that are described for the WebSocket alone have what the AsyncAPI document says, and no
// less.
#include <set>

#include <nlohmann/json.hpp>

#include "actors/encoding.hpp"
#include "tests/support/catch.hpp"
#include "transport/codec.hpp"
#include "transport/rest/description.hpp"

using namespace parley;

namespace asyncapi_events_test {

using nlohmann::json;
using std::string;
using names = std::set<string>;

names keys(const json& map) {
  names found;
  for (const auto& [key, value] : map.items())
    found.insert(key);
  return found;
}

/// What a schema is, in either document.
json resolved(json schema) {
  const string target = schema.value("$ref", "");
  if (target.empty())
    return schema;
  const auto text = target.starts_with("openapi.json") ? openapi_document() : asyncapi_document();
  return json::parse(text).at(json::json_pointer{target.substr(target.find('#') + 1)});
}

/// All that an event may have; where it has several forms, in one of them.
names described(const string& event, std::size_t form = 0) {
  static const json document = json::parse(asyncapi_document());
  const json& messages = document.at("channels").at("socket").at("messages");
  json schema = resolved(messages.at("event." + event).at("payload"));
  if (!schema.contains("properties"))
    schema = resolved(schema.at("oneOf").at(form));
  return keys(schema.at("properties"));
}

names said(const string& envelope) { return keys(json::parse(to_json(envelope))); }

const conversation_id room{"room"};
const user_id bob{"bob"};
const timestamp now{std::chrono::milliseconds{1}};
const std::vector<string> spans{"daily 22:00-07:00"};

TEST_CASE("events of a session have the fields of the document") {
  const failure why{error_code::internal, "why", std::chrono::milliseconds{1}};
  CHECK(said(encode_cursor("checkpoint", "cursor")) == described("checkpoint"));
  CHECK(said(encode_cursor("synced", "cursor")) == described("synced"));
  CHECK(said(encode_gap(room, sequence{1}, sequence{2})) == described("gap"));
  CHECK(said(encode_error({}, why)) == described("error"));
  CHECK(said(encode_bye("why", std::chrono::milliseconds{1})) == described("bye"));
}

TEST_CASE("events of a conversation without a number have the fields of the document") {
  const listed_invitation offer{
      room, conversation_kind::group, "title", {bob, role::member, bob, now, {}}};
  const preferences kept{true, 1, true, notify_level::all, spans, true};
  CHECK(said(encode_receipt(room, {bob, {}, now}, bob)) == described("receipt"));
  CHECK(said(encode_typing(room, bob, true)) == described("typing"));
  CHECK(said(encode_typing_count(room, 7)) == described("typing", 1));
  CHECK(said(encode_trimmed(room, sequence{1})) == described("trimmed"));
  CHECK(said(encode_hidden(room, sequence{1})) == described("hidden"));
  CHECK(said(encode_preferences(room, kept)) == described("settings"));
  CHECK(said(encode_thread_read(room, sequence{1}, sequence{2})) == described("thread_read"));
  CHECK(said(encode_invitation(offer)) == described("invitation"));
  CHECK(said(encode_invitation_over(room)) == described("invitation_over"));
}

TEST_CASE("events of users have the fields of the document") {
  const notification_settings told{notify_level::all, 1, spans, "UTC", true, true, true};
  record newest;
  newest.conversation = room;
  notice all;
  all.title = "title";
  all.quiet = all.joined = true;
  CHECK(said(encode_presence(bob, {shown_status::offline, "text", now})) == described("presence"));
  CHECK(said(encode_profile({}, bob, {"Bob", "face", "text", now})) == described("profile"));
  CHECK(said(encode_blocked(bob, true)) == described("blocked"));
  CHECK(said(encode_notification(newest, all)) == described("notification"));
  CHECK(said(encode_dismissed(room)) == described("dismissed"));
  CHECK(said(encode_notification_settings({}, told)) == described("preferences"));
}

} // namespace asyncapi_events_test
