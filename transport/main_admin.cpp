// One function for each operation that has no command, found by its name.
#include "transport/main_admin.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include "actors/limits_of_requests.hpp"
#include "actors/log_line.hpp"
#include "transport/http_fields.hpp"
#include "transport/rest/operations.hpp"
#include "transport/token_claims.hpp"

namespace parley {

namespace {

using admin_json = nlohmann::json;

std::string printed_for_admin(const admin_json& what) {
  return what.dump(-1, ' ', false, admin_json::error_handler_t::replace);
}

failure bad_question(std::string message) {
  return {error_code::bad_request, std::move(message), {}};
}

/// A parameter of the query, or nothing.
std::optional<std::string> asked_for(const admin_question& asked, std::string_view name) {
  for (const auto& [key, value] : asked.asked.query)
    if (key == name && !value.empty())
      return value;
  return std::nullopt;
}

result<std::size_t> most_of(const admin_question& asked) {
  const auto said = asked_for(asked, "limit");
  if (!said)
    return limits::usually_shown_to_operators;
  const auto number = whole_number(*said);
  if (!number || *number == 0)
    return bad_question("limit must be a whole number");
  return std::min<std::size_t>(*number, limits::shown_to_operators);
}

std::string level_name() {
  const auto name = spdlog::level::to_string_view(spdlog::default_logger()->level());
  return {name.data(), name.size()};
}

std::string state_of_endpoint(const webhook_endpoint_state& what) {
  if (what.is_gone)
    return "gone";
  if (what.is_full)
    return "full";
  return what.is_failing ? "failing" : "good";
}

} // namespace

identity operator_identity(timestamp now) {
  return {user_id{std::string{operators_name}}, {}, now + std::chrono::hours{24}, true};
}

std::uint64_t resident_bytes() {
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> all >> resident; // in pages
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::chrono::milliseconds cpu_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return std::chrono::duration_cast<std::chrono::milliseconds>(of(used.ru_utime) +
                                                               of(used.ru_stime));
}

admin_desk::admin_desk(admin_scene scene)
    : scene_(std::move(scene)),
      census_(std::make_shared<conversation_census>(scene_.data->model(), scene_.lane)) {}

void admin_desk::answer(const admin_question& asked, const told<std::string>& to) {
  using answerer = void (admin_desk::*)(const admin_question&, const told<std::string>&);
  static const std::map<std::string_view, answerer> all{
      {"getStatistics", &admin_desk::tell_statistics},
      {"getLogLevel", &admin_desk::tell_level},
      {"setLogLevel", &admin_desk::set_level},
      {"getRetention", &admin_desk::tell_retention},
      {"listConnected", &admin_desk::list_connected},
      {"listLargestConversations", &admin_desk::list_largest},
      {"listWebhooks", &admin_desk::list_endpoints},
      {"redeliverWebhooks", &admin_desk::redeliver},
  };
  const auto found = all.find(asked.asked.operation->id);
  if (found == all.end())
    return to(failure{error_code::not_found, "there is nothing here", {}});
  (this->*found->second)(asked, to);
}

void admin_desk::tell_statistics(const admin_question&, const told<std::string>& to) {
  to(scene_.statistics());
}

// --- The log -------------------------------------------------------------------------------------

void admin_desk::tell_level(const admin_question&, const told<std::string>& to) {
  to(printed_for_admin({{"type", "log_level"}, {"level", level_name()}}));
}

void admin_desk::set_level(const admin_question& asked, const told<std::string>& to) {
  const auto body = admin_json::parse(asked.body, nullptr, false);
  const auto said = body.is_object() ? body.find("level") : body.end();
  if (!body.is_object() || said == body.end() || !said->is_string())
    return to(bad_question("`level` is needed"));
  const std::string level = said->get<std::string>();
  constexpr std::array<std::string_view, 5> known{"debug", "info", "warning", "error", "off"};
  if (std::find(known.begin(), known.end(), level) == known.end())
    return to(bad_question("`level` is `debug`, `info`, `warning`, `error` or `off`"));
  spdlog::warn("log_level_changed from={} to={} by={}", level_name(), level,
               in_quotes(asked.by.str()));
  spdlog::default_logger()->set_level(spdlog::level::from_str(level));
  tell_level(asked, to);
}

// --- What is kept --------------------------------------------------------------------------------

void admin_desk::tell_retention(const admin_question&, const told<std::string>& to) {
  const serve_options& all = scene_.options;
  to(printed_for_admin({{"type", "retention"},
                        {"days", all.retain_days},
                        {"messages", all.retain_messages},
                        {"cold_after_s", all.cold_after.count()},
                        {"edit_window_s", all.windows.edit.count()},
                        {"delete_window_s", all.windows.erase.count()}}));
}

void admin_desk::list_largest(const admin_question& asked, const told<std::string>& to) {
  const auto most = most_of(asked);
  if (!most)
    return to(most.error());
  const auto by = parse_measure(asked_for(asked, "by").value_or("messages"));
  if (!by)
    return to(bad_question("by is `messages`, `members` or `events`"));
  census_->ask(*by, *most, to);
}

// --- Who is connected ----------------------------------------------------------------------------

void admin_desk::list_connected(const admin_question& asked, const told<std::string>& to) {
  const auto most = most_of(asked);
  if (!most)
    return to(most.error());
  connected_question question;
  question.most = *most;
  if (auto user = asked_for(asked, "user"))
    question.user = user_id{std::move(*user)};
  scene_.connected(std::move(question), [to](const result<connected_list>& found) {
    if (!found)
      return to(found.error());
    auto items = admin_json::array();
    for (const auto& each : found->items)
      items.push_back({{"session", to_text(each.session)},
                       {"user", each.user.str()},
                       {"device", each.device.str()},
                       {"encoding", each.spoken == encoding::json ? "json" : "msgpack"},
                       {"queued_bytes", each.queued_bytes},
                       {"waits_ms", each.waits.count()}});
    to(printed_for_admin(
        {{"type", "connected"}, {"sessions", found->sessions}, {"items", std::move(items)}}));
  });
}

// --- Webhooks ------------------------------------------------------------------------------------

void admin_desk::list_endpoints(const admin_question&, const told<std::string>& to) {
  if (!scene_.context->handles->courier)
    return to(printed_for_admin({{"type", "webhooks"}, {"items", admin_json::array()}}));
  const auto tell_them = [to](const result<std::vector<webhook_endpoint_state>>& found) {
    if (!found)
      return to(found.error());
    auto items = admin_json::array();
    for (const auto& each : *found)
      items.push_back({{"endpoint", each.id},
                       {"position", each.at.value()},
                       {"waiting", each.waiting},
                       {"dead", each.dead},
                       {"state", state_of_endpoint(each)}});
    to(printed_for_admin({{"type", "webhooks"}, {"items", std::move(items)}}));
  };
  tell_from_outside(scene_.context->handles->courier, list_webhooks{tell_them});
}

void admin_desk::redeliver(const admin_question& asked, const told<std::string>& to) {
  const std::string& endpoint = asked.asked.fields.front().second;
  if (!scene_.context->handles->courier)
    return to(failure{error_code::not_found, "there are no webhooks", {}});
  const auto tell_them = [to, endpoint](const result<std::uint64_t>& revived) {
    if (!revived)
      return to(revived.error());
    to(printed_for_admin(
        {{"type", "redelivered"}, {"endpoint", endpoint}, {"messages", *revived}}));
  };
  tell_from_outside(scene_.context->handles->courier, redeliver_webhooks{endpoint, tell_them});
}

} // namespace parley
