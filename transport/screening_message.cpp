// JSON both ways, by way of the codec that clients use.
#include "transport/screening_message.hpp"

#include <nlohmann/json.hpp>

#include "actors/encoding.hpp"
#include "actors/limits.hpp"
#include "actors/msgpack_form.hpp"
#include "actors/msgpack_reader.hpp"
#include "actors/plain_text.hpp"
#include "transport/json.hpp"

namespace parley {

namespace {

failure no_verdict(const std::string& why) { return {error_code::unavailable, why, {}}; }

template <class Id>
void write_ids(map_writer& to, std::string_view key, const std::vector<Id>& ids) {
  std::vector<std::string> texts;
  for (const auto& each : ids)
    texts.push_back(each.str());
  if (!texts.empty())
    to.texts(key, texts);
}

/// A text of the answer; nothing when there is none, or it is another thing.
std::optional<std::string> text_in(const nlohmann::json& answer, const char* key) {
  const auto found = answer.find(key);
  return found != answer.end() && found->is_string() ? std::optional{found->get<std::string>()}
                                                     : std::nullopt;
}

/// What `meta` says, as clients' `meta` is kept; nothing when it is no map that may be.
std::optional<application_data> meta_in(const nlohmann::json& meta) {
  if (!meta.is_object())
    return std::nullopt;
  const auto bytes = to_msgpack(meta.dump(), limits::depth);
  if (!bytes)
    return std::nullopt;
  std::string_view rest = *bytes;
  auto flaw = msgpack_flaw::none;
  if (!take_value(rest, limits::depth, flaw) || flaw != msgpack_flaw::none)
    return std::nullopt;
  return application_data{shortest_form(*bytes)};
}

result<screening_verdict> parse_rewrite(const nlohmann::json& answer) {
  screening_verdict made{screening::rewritten, {}, {}, {}};
  const auto body = text_in(answer, "body");
  if (!body || !take_plain_text(*body, made.body))
    return no_verdict("its `body` is no text that a message may have");
  if (const auto meta = answer.find("meta"); meta != answer.end()) {
    made.meta = meta_in(*meta);
    if (!made.meta)
      return no_verdict("its `meta` is none that a message may have");
  }
  return made;
}

} // namespace

std::string encode_screened(const screened_message& what) {
  map_writer writer;
  writer.text("conversation", what.conversation.str()).text("from", what.from.str());
  if (what.message)
    writer.number("message", *what.message);
  if (what.client)
    writer.text("client_id", what.client->str());
  writer.text("body", what.body);
  if (what.reply_to)
    writer.number("reply_to", *what.reply_to);
  if (what.thread)
    writer.number("thread", *what.thread);
  write_ids(writer, "mentions", what.mentions);
  if (what.meta)
    writer.encoded("meta", what.meta->msgpack);
  write_ids(writer, "files", what.files);
  return std::move(writer).take();
}

result<screening_verdict> parse_screening(unsigned int status, std::string_view body) {
  if (status == 204)
    return screening_verdict{};
  if (status != 200)
    return no_verdict("it answered with status " + std::to_string(status));
  if (!to_msgpack(body, limits::depth + 1)) // or it may nest too deep to be looked at
    return no_verdict("its answer is no JSON, or too deep");
  const auto answer = nlohmann::json::parse(body.begin(), body.end(), nullptr, false);
  if (!answer.is_object())
    return no_verdict("its answer is no object in JSON");
  const std::string verdict = text_in(answer, "verdict").value_or("");
  if (verdict == "allow")
    return screening_verdict{};
  if (verdict == "rewrite")
    return parse_rewrite(answer);
  if (verdict != "reject")
    return no_verdict("its `verdict` is not allow, reject or rewrite");
  screening_verdict made{screening::rejected, {}, {}, {}};
  if (!take_plain_text(text_in(answer, "reason").value_or(""), made.reason))
    made.reason.clear();
  return made;
}

} // namespace parley
