// In the order of the OpenAPI document.
#include "transport/rest/operations.hpp"

#include <algorithm>
#include <optional>

#include "transport/http_exports.hpp"

namespace parley {

namespace {

const rest_parameter limit{"limit", parameter_kind::number};
const rest_parameter cursor{"cursor", parameter_kind::text};

std::vector<rest_operation> conversations() {
  using enum parameter_kind;
  constexpr std::string_view all = "/v1/conversations";
  constexpr std::string_view one = "/v1/conversations/{conversation}";
  return {
      {"listConversations",
       "GET",
       all,
       "list",
       rest_body::none,
       200,
       {limit, cursor, {"archived", flag}, {"unread", flag}, {"hidden", flag}}},
      {"createConversation", "POST", all, "create", rest_body::required, 201},
      {"getConversation", "GET", one, "get"},
      {"updateConversation", "PATCH", one, "update", rest_body::required},
      {"deleteConversation", "DELETE", one, "delete"},
      {"changeSettings", "PATCH", "/v1/conversations/{conversation}/settings", "set",
       rest_body::required},
      {"getPresence", "GET", "/v1/conversations/{conversation}/presence", "presences"},
      {"type", "POST", "/v1/conversations/{conversation}/typing", "typing", rest_body::required},
  };
}

std::vector<rest_operation> messages() {
  using enum parameter_kind;
  constexpr std::string_view all = "/v1/conversations/{conversation}/messages";
  constexpr std::string_view one = "/v1/conversations/{conversation}/messages/{message}";
  constexpr std::string_view reaction =
      "/v1/conversations/{conversation}/messages/{message}/reactions/{emoji}";
  constexpr std::string_view pin = "/v1/conversations/{conversation}/messages/{message}/pin";
  constexpr std::string_view thread = "/v1/conversations/{conversation}/messages/{message}/thread";
  return {
      {"getHistory",
       "GET",
       all,
       "history",
       rest_body::none,
       200,
       {{"before", number}, {"after", number}, {"around", number}, limit}},
      {"sendMessage", "POST", all, "send", rest_body::required, 201},
      {"editMessage", "PATCH", one, "edit", rest_body::required},
      {"deleteMessage",
       "DELETE",
       one,
       "delete",
       rest_body::none,
       200,
       {{"for", text, "everyone"}, {"through", number}}},
      {"getVersions",
       "GET",
       "/v1/conversations/{conversation}/messages/{message}/versions",
       "versions",
       rest_body::none,
       200,
       {limit, cursor}},
      {"getErasure", "GET", "/v1/conversations/{conversation}/messages/{message}/erasure",
       "erasure"},
      {"getReactions",
       "GET",
       "/v1/conversations/{conversation}/messages/{message}/reactions",
       "reactions",
       rest_body::none,
       200,
       {{"emoji", text}, limit, cursor}},
      {"react", "PUT", reaction, "react"},
      {"takeReactionBack",
       "DELETE",
       reaction,
       "react",
       rest_body::none,
       200,
       {},
       {{"remove", true}}},
      {"pinMessage", "PUT", pin, "pin"},
      {"unpinMessage", "DELETE", pin, "pin", rest_body::none, 200, {}, {{"remove", true}}},
      {"getThread",
       "GET",
       thread,
       "thread",
       rest_body::none,
       200,
       {{"before", number}, {"after", number}, limit}},
      {"readThread", "POST", "/v1/conversations/{conversation}/messages/{message}/thread/read",
       "read_thread", rest_body::required},
  };
}

std::vector<rest_operation> events() {
  using enum parameter_kind;
  return {
      {"getPins", "GET", "/v1/conversations/{conversation}/pins", "pins"},
      {"syncEvents",
       "GET",
       "/v1/conversations/{conversation}/events",
       "sync",
       rest_body::none,
       200,
       {{"after", number, "0"}, limit}},
  };
}

std::vector<rest_operation> receipts() {
  using enum parameter_kind;
  return {
      {"getReceipts",
       "GET",
       "/v1/conversations/{conversation}/receipts",
       "receipts",
       rest_body::none,
       200,
       {{"message", number}, limit, cursor, {"counts", flag}}},
      {"markDelivered", "POST", "/v1/conversations/{conversation}/delivered", "delivered",
       rest_body::required},
      {"markRead", "POST", "/v1/conversations/{conversation}/read", "read", rest_body::required},
      {"markUnread", "POST", "/v1/conversations/{conversation}/unread", "unread",
       rest_body::required},
      {"getDevices", "GET", "/v1/conversations/{conversation}/devices", "devices"},
  };
}

std::vector<rest_operation> members() {
  constexpr std::string_view all = "/v1/conversations/{conversation}/members";
  constexpr std::string_view one = "/v1/conversations/{conversation}/members/{user}";
  constexpr std::string_view ban = "/v1/conversations/{conversation}/bans/{user}";
  constexpr std::string_view silence = "/v1/conversations/{conversation}/silences/{user}";
  constexpr std::string_view invited = "/v1/conversations/{conversation}/invitations";
  return {
      {"listMembers", "GET", all, "members", rest_body::none, 200, {limit, cursor}},
      {"addMembers", "POST", all, "add", rest_body::required},
      {"changeRole", "PATCH", one, "role", rest_body::required},
      {"removeMember", "DELETE", one, "remove"},
      {"leaveConversation", "POST", "/v1/conversations/{conversation}/leave", "leave",
       rest_body::optional},
      {"banUser", "PUT", ban, "ban", rest_body::optional},
      {"unbanUser", "DELETE", ban, "unban"},
      {"silenceMember", "PUT", silence, "silence", rest_body::required},
      {"getRestrictions", "GET", "/v1/conversations/{conversation}/restrictions", "restrictions"},
      {"listInvited", "GET", invited, "invited", rest_body::none, 200, {limit, cursor}},
      {"inviteUsers", "POST", invited, "invite", rest_body::required},
      {"uninviteUser", "DELETE", "/v1/conversations/{conversation}/invitations/{user}", "uninvite"},
      {"acceptInvitation", "POST", "/v1/conversations/{conversation}/accept", "accept",
       rest_body::optional},
      {"declineInvitation", "POST", "/v1/conversations/{conversation}/decline", "decline",
       rest_body::optional},
      {"listInvitations",
       "GET",
       "/v1/invitations",
       "invitations",
       rest_body::none,
       200,
       {limit, cursor}},
  };
}

std::vector<rest_operation> people() {
  using enum parameter_kind;
  constexpr std::string_view user = "/v1/users/{user}";
  constexpr std::string_view block = "/v1/blocks/{user}";
  return {
      {"getProfiles", "GET", "/v1/users", "profile", rest_body::none, 200, {{"users", list}}},
      {"getProfile", "GET", user, "profile"},
      {"setProfile", "PUT", user, "set_profile", rest_body::required, 200, {}, {}, true},
      {"getPresenceOfUser",
       "GET",
       "/v1/users/{users}/presence",
       "watch",
       rest_body::none,
       200,
       {},
       {},
       false,
       "presence"},
      {"listBlocks", "GET", "/v1/blocks", "blocks", rest_body::none, 200, {limit, cursor}},
      {"blockUser", "PUT", block, "block"},
      {"unblockUser", "DELETE", block, "unblock"},
      {"listSessions", "GET", "/v1/sessions", "sessions"},
      {"endSessions",
       "DELETE",
       "/v1/sessions",
       "end_session",
       rest_body::none,
       200,
       {},
       {{"all", true}}},
      {"endSession", "DELETE", "/v1/sessions/{session}", "end_session"},
  };
}

std::vector<rest_operation> finding_and_telling() {
  using enum parameter_kind;
  constexpr std::string_view preferences = "/v1/preferences";
  return {
      {"search",
       "GET",
       "/v1/search",
       "search",
       rest_body::none,
       200,
       {{"query", text},
        {"conversation", text},
        {"from", text},
        {"since", number},
        {"until", number},
        {"order", text},
        limit,
        cursor}},
      {"getTotals", "GET", "/v1/totals", "totals"},
      {"listNotifications",
       "GET",
       "/v1/notifications",
       "notifications",
       rest_body::none,
       200,
       {limit, cursor, {"unseen", flag}}},
      {"dismissNotifications", "POST", "/v1/notifications/dismiss", "dismiss", rest_body::optional},
      {"getPreferences", "GET", preferences, "my_preferences"},
      {"changePreferences", "PUT", preferences, "preferences", rest_body::required},
      {"getFile", "GET", "/v1/files/{file}/address", "file"},
      {"getStatistics", "GET", "/v1/admin/statistics", ""},
      {"listHolds", "GET", "/v1/admin/holds", "holds", rest_body::none, 200, {limit, cursor}},
      {"holdConversation",
       "PUT",
       "/v1/admin/holds/{conversation}",
       "hold",
       rest_body::none,
       200,
       {},
       {{"on", true}}},
      {"releaseConversation",
       "DELETE",
       "/v1/admin/holds/{conversation}",
       "hold",
       rest_body::none,
       200,
       {},
       {{"on", false}}},
  };
}

/// What those who run the server ask for: as nobody's member, or in somebody's place.
std::vector<rest_operation> operators() {
  using enum parameter_kind;
  constexpr std::string_view conversations = "/v1/admin/conversations";
  constexpr std::string_view one = "/v1/admin/conversations/{conversation}";
  constexpr std::string_view freeze = "/v1/admin/conversations/{conversation}/freeze";
  constexpr std::string_view sessions = "/v1/admin/users/{user}/sessions";
  constexpr std::string_view level = "/v1/admin/log-level";
  std::vector<rest_operation> all{
      {"listLargestConversations",
       "GET",
       conversations,
       "",
       rest_body::none,
       200,
       {{"by", text}, limit}},
      {"lookAtConversation", "GET", one, "get"},
      {"lookAtMembers",
       "GET",
       "/v1/admin/conversations/{conversation}/members",
       "members",
       rest_body::none,
       200,
       {limit, cursor}},
      {"kickMember", "DELETE", "/v1/admin/conversations/{conversation}/members/{user}", "remove"},
      {"freezeConversation", "PUT", freeze, "update", rest_body::none, 200, {}, {{"frozen", true}}},
      {"unfreezeConversation",
       "DELETE",
       freeze,
       "update",
       rest_body::none,
       200,
       {},
       {{"frozen", false}}},
      {"listConnected",
       "GET",
       "/v1/admin/sessions",
       "",
       rest_body::none,
       200,
       {{"user", text}, limit}},
      {"listSessionsOfUser", "GET", sessions, "sessions"},
      {"kickUser", "DELETE", sessions, "end_session", rest_body::none, 200, {}, {{"all", true}}},
      {"kickSession", "DELETE", "/v1/admin/users/{user}/sessions/{session}", "end_session"},
      {"getLogLevel", "GET", level, ""},
      {"setLogLevel", "PUT", level, "", rest_body::required},
      {"getRetention", "GET", "/v1/admin/retention", ""},
      {"listWebhooks", "GET", "/v1/admin/webhooks", ""},
      {"redeliverWebhooks", "POST", "/v1/admin/webhooks/{endpoint}/redeliver", ""},
  };
  for (auto& each : all) {
    each.for_user = each.path.starts_with(sessions);
    each.operates = !each.command.empty() && !each.for_user;
  }
  return all;
}

std::string_view take_segment(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

/// What stood for the segments in braces; nothing when the path does not fit.
std::optional<path_fields> fit(std::string_view sample, std::string_view path) {
  if (std::count(sample.begin(), sample.end(), '/') != std::count(path.begin(), path.end(), '/'))
    return std::nullopt;
  path_fields fields;
  while (!sample.empty() || !path.empty()) {
    std::string_view expected = take_segment(sample);
    const std::string_view segment = take_segment(path);
    if (!expected.starts_with('{')) {
      if (segment != expected)
        return std::nullopt;
      continue;
    }
    auto value = id_in_path(segment);
    if (!value)
      return std::nullopt;
    expected = expected.substr(1, expected.size() - 2);
    fields.emplace_back(expected, std::move(*value));
  }
  return fields;
}

std::vector<rest_operation> all_of_them() {
  std::vector<rest_operation> all;
  for (auto part : {conversations(), messages(), events(), receipts(), members(), people(),
                    finding_and_telling(), operators()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

} // namespace

const std::vector<rest_operation>& rest_operations() {
  static const std::vector<rest_operation> all = all_of_them();
  return all;
}

std::vector<rest_match> operations_at(std::string_view path) {
  std::vector<rest_match> found;
  for (const auto& each : rest_operations())
    if (auto fields = fit(each.path, path))
      found.push_back({&each, std::move(*fields)});
  return found;
}

parameter_kind kind_in_path(std::string_view name) {
  if (name == "users")
    return parameter_kind::only;
  return name == "message" ? parameter_kind::number : parameter_kind::text;
}

} // namespace parley
