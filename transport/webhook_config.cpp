// Strict: a key that nobody knows may be one that was meant to hold something back.
#include "transport/webhook_config.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include <nlohmann/json.hpp>

#include "actors/limits.hpp"
#include "actors/webhook_rules.hpp"
#include "transport/short_file.hpp"
#include "transport/webhook_message.hpp"
#include "transport/webhook_url.hpp"

namespace parley {

namespace {

failure no_webhooks(const std::string& why) { return {error_code::bad_request, why, {}}; }

/// What is wrong with an endpoint, or nothing.
using complaint = std::optional<std::string>;

bool is_id(const std::string& text) {
  return !text.empty() && text.size() <= limits::id_bytes &&
         std::all_of(text.begin(), text.end(), [](unsigned char letter) {
           return std::isalnum(letter) != 0 || letter == '-' || letter == '_' || letter == '.';
         });
}

/// The texts of a list that is not empty; nothing when it is another thing.
std::optional<std::vector<std::string>> texts_of(const nlohmann::json& list) {
  if (!list.is_array() || list.empty())
    return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& each : list) {
    if (!each.is_string())
      return std::nullopt;
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

complaint take_id(const nlohmann::json& from, webhook_endpoint& to) {
  if (!from.is_string() || !is_id(from.get_ref<const std::string&>()))
    return "id must be letters, digits, '-', '_' and '.'";
  to.id = from.get<std::string>();
  return {};
}

complaint take_url(const nlohmann::json& from, webhook_endpoint& to) {
  if (!from.is_string())
    return "url must be a text";
  auto target = parse_webhook_url(from.get_ref<const std::string&>());
  if (!target)
    return target.error().message;
  to.target = std::move(*target);
  return {};
}

complaint take_secrets(const nlohmann::json& from, webhook_endpoint& to) {
  auto secrets = webhook_secrets_of(texts_of(from).value_or(std::vector<std::string>{}));
  if (!secrets)
    return secrets.error().message;
  to.secrets = std::move(*secrets);
  return {};
}

complaint take_events(const nlohmann::json& from, webhook_endpoint& to) {
  auto texts = texts_of(from);
  if (!texts || !std::all_of(texts->begin(), texts->end(), webhook_rules::is_pattern))
    return R"(events must be a list of types, "message.*" or "*")";
  to.events = std::move(*texts);
  return {};
}

complaint take_conversations(const nlohmann::json& from, webhook_endpoint& to) {
  const auto texts = texts_of(from);
  if (!texts)
    return "conversations must be a list of kinds";
  for (const auto& each : *texts) {
    const auto kind = parse_kind(each);
    if (!kind)
      return "conversations must be a list of direct, group and channel";
    to.conversations.push_back(*kind);
  }
  return {};
}

struct endpoint_key {
  const char* name;
  complaint (*take)(const nlohmann::json& from, webhook_endpoint& to);
  bool is_required;
};

constexpr std::array endpoint_keys{
    endpoint_key{"id", take_id, true},
    endpoint_key{"url", take_url, true},
    endpoint_key{"secrets", take_secrets, true},
    endpoint_key{"events", take_events, true},
    endpoint_key{"conversations", take_conversations, false},
};

complaint take_endpoint(const nlohmann::json& from, webhook_endpoint& to) {
  if (!from.is_object())
    return "an endpoint must be an object";
  for (const auto& [name, value] : from.items())
    if (std::none_of(endpoint_keys.begin(), endpoint_keys.end(),
                     [&name = name](const auto& each) { return each.name == name; }))
      return "nobody knows the key '" + name + "'";
  for (const auto& each : endpoint_keys) {
    const auto found = from.find(each.name);
    if (found == from.end() && each.is_required)
      return std::string(each.name) + " is missing";
    if (found != from.end())
      if (auto wrong = each.take(*found, to))
        return wrong;
  }
  return {};
}

} // namespace

result<webhook_endpoint_list> parse_webhooks(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json.begin(), json.end(), nullptr, false);
  if (!parsed.is_array())
    return no_webhooks("it is no list in JSON");
  if (parsed.size() > limits::webhook_endpoints)
    return no_webhooks("it has more than " + std::to_string(limits::webhook_endpoints) +
                       " endpoints");
  webhook_endpoint_list all;
  std::set<std::string> ids;
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    webhook_endpoint made;
    if (auto wrong = take_endpoint(parsed[i], made))
      return no_webhooks("endpoint " + std::to_string(i + 1) + ": " + *wrong);
    if (!ids.insert(made.id).second)
      return no_webhooks("endpoint " + std::to_string(i + 1) + ": another one has the id '" +
                         made.id + "'");
    all.push_back(std::make_shared<const webhook_endpoint>(std::move(made)));
  }
  return all;
}

result<webhook_endpoint_list> read_webhooks(const std::string& file) {
  auto text = read_short_file(file, limits::webhook_file_bytes);
  if (!text)
    return text.error();
  auto parsed = parse_webhooks(*text);
  if (!parsed)
    return no_webhooks("cannot use " + file + ": " + parsed.error().message);
  return parsed;
}

} // namespace parley
