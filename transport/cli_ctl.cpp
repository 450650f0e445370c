// One request over the operators' socket; everything that can be asked is an operation of REST.
#include "transport/cli_ctl.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "actors/errors.hpp"
#include "transport/http_fields.hpp"
#include "transport/local_address.hpp"

namespace parley {

namespace {

using ctl_json = nlohmann::json;

/// A server that says nothing for so long hangs.
constexpr std::time_t answer_patience_seconds = 60;
/// An answer that is longer is none of ours.
constexpr std::size_t longest_answer = std::size_t{64} << 20;

// --- Asking --------------------------------------------------------------------------------------

struct ctl_answer {
  int status = 0;
  std::string body;
};

/// A socket that closes itself.
class operators_socket {
public:
  explicit operators_socket(int number) : number_(number) {}
  ~operators_socket() {
    if (number_ >= 0)
      ::close(number_);
  }
  operators_socket(const operators_socket&) = delete;
  operators_socket& operator=(const operators_socket&) = delete;
  int get() const noexcept { return number_; }

private:
  int number_;
};

failure no_answer(std::string why) { return {error_code::unavailable, std::move(why), {}}; }

std::string head_and_body(const ctl_request& what, const std::string& as) {
  std::string text = what.method + " " + what.target + " HTTP/1.1\r\nHost: localhost\r\n";
  text += "Connection: close\r\n";
  if (!as.empty())
    text += "Parley-User: " + percent_encoded(as) + "\r\n";
  if (!what.body.empty())
    text +=
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(what.body.size()) +
        "\r\n";
  return text + "\r\n" + what.body;
}

outcome send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR)
      return no_answer(std::string{"the server does not listen: "} + std::strerror(errno));
    text.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
  }
  return success();
}

/// All that the server says: it ends the connection behind its answer.
result<std::string> receive_all(int socket) {
  std::string text;
  for (std::array<char, 16'384> some{}; text.size() < longest_answer;) {
    const auto got = ::recv(socket, some.data(), some.size(), 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return no_answer(std::string{"the server does not answer: "} + std::strerror(errno));
    if (got == 0)
      return text;
    text.append(some.data(), static_cast<std::size_t>(got));
  }
  return no_answer("the server's answer has no end");
}

/// The last answer in what was received; nothing when that is none.
std::optional<ctl_answer> answer_in(std::string_view text) {
  constexpr std::string_view version = "HTTP/1.1 ";
  constexpr std::string_view end_of_head = "\r\n\r\n";
  const auto end = text.find(end_of_head);
  if (!text.starts_with(version) || end == std::string_view::npos)
    return std::nullopt;
  ctl_answer answer;
  const char* digits = text.data() + version.size();
  if (std::from_chars(digits, text.data() + text.size(), answer.status).ec != std::errc{})
    return std::nullopt;
  answer.body = text.substr(end + end_of_head.size());
  return answer;
}

result<ctl_answer> ask_over_socket(const std::string& data, const ctl_request& what,
                                   const std::string& as) {
  const operators_socket socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (socket.get() < 0 || ::connect(socket.get(), local_address{data, operators_file}.get(),
                                    local_address::size()) != 0)
    return no_answer("no server is at work on " + data + ": " + std::strerror(errno));
  const timeval patience{answer_patience_seconds, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (auto sent = send_all(socket.get(), head_and_body(what, as)); !sent)
    return sent.error();
  const auto text = receive_all(socket.get());
  if (!text)
    return text.error();
  auto answer = answer_in(*text);
  if (!answer)
    return no_answer("the server's answer makes no sense");
  return std::move(*answer);
}

// --- Telling -------------------------------------------------------------------------------------

std::string text_in(const ctl_json& what) {
  if (what.is_string())
    return what.get<std::string>();
  return what.is_null() ? "-" : what.dump(-1, ' ', false, ctl_json::error_handler_t::replace);
}

/// Milliseconds since 1970 as `2026-01-31 12:00:00`, in UTC.
std::string moment_in(const ctl_json& what) {
  if (!what.is_number_integer())
    return text_in(what);
  const auto seconds = static_cast<std::time_t>(what.get<std::int64_t>() / 1000);
  std::tm parts{};
  std::array<char, 32> text{};
  const bool is_time = ::gmtime_r(&seconds, &parts) != nullptr;
  const auto size =
      is_time ? std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts) : 0;
  return {text.data(), size};
}

/// Rows of these fields, below each other.
std::string table_of(const ctl_json& items, const std::vector<const char*>& names) {
  std::vector<std::vector<std::string>> rows;
  rows.emplace_back(names.begin(), names.end());
  for (const auto& each : items) {
    auto& row = rows.emplace_back();
    for (const std::string name : names)
      row.push_back(name == "since" ? moment_in(each.value(name, ctl_json{}))
                                    : text_in(each.value(name, ctl_json{})));
  }
  std::vector<std::size_t> widths(names.size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i == 0 ? "" : "  ";
      line += row[i];
      if (i + 1 < row.size())
        line += std::string(widths[i] - row[i].size(), ' ');
    }
    text += line + '\n';
  }
  return text;
}

/// Every figure on a line, those within others with both names.
void list_fields(const ctl_json& what, const std::string& prefix, std::string& into) {
  for (const auto& [name, value] : what.items()) {
    if (name == "type" || name == "buckets")
      continue;
    if (value.is_object())
      list_fields(value, prefix + name + ".", into);
    else
      into += prefix + name + ": " + text_in(value) + '\n';
  }
}

std::string fields_of(const ctl_json& what) {
  std::string text;
  list_fields(what, "", text);
  return text;
}

std::string problem_in(const ctl_answer& answer) {
  const auto read = ctl_json::parse(answer.body, nullptr, false);
  const std::string code = read.is_object() ? text_in(read.value("code", ctl_json{})) : "-";
  const std::string detail = read.is_object() ? text_in(read.value("detail", ctl_json{})) : "";
  return code + (detail.empty() ? "" : ": " + detail);
}

} // namespace

ctl_request request_of(const ctl_options& what) {
  const std::string conversation = "/v1/admin/conversations/" + percent_encoded(what.conversation);
  const std::string user = "/v1/admin/users/" + percent_encoded(what.user);
  const std::string limit = "limit=" + std::to_string(what.limit);
  if (what.action == "sessions")
    return {"GET", what.user.empty() ? "/v1/admin/sessions?" + limit : user + "/sessions"};
  if (what.action == "conversations")
    return {"GET", what.conversation.empty() ? "/v1/admin/conversations?by=" + what.by + "&" + limit
                                             : conversation};
  if (what.action == "kick" && !what.conversation.empty())
    return {"DELETE", conversation + "/members/" + percent_encoded(what.user)};
  if (what.action == "kick")
    return {"DELETE",
            user + "/sessions" + (what.session.empty() ? "" : "/" + percent_encoded(what.session))};
  if (what.action == "freeze")
    return {"PUT", conversation + "/freeze"};
  if (what.action == "unfreeze")
    return {"DELETE", conversation + "/freeze"};
  if (what.action == "log-level" && !what.level.empty())
    return {"PUT", "/v1/admin/log-level", ctl_json{{"level", what.level}}.dump()};
  if (what.action == "log-level")
    return {"GET", "/v1/admin/log-level"};
  if (what.action == "retention" || what.action == "webhooks")
    return {"GET", "/v1/admin/" + what.action};
  if (what.action == "redeliver")
    return {"POST", "/v1/admin/webhooks/" + percent_encoded(what.endpoint) + "/redeliver"};
  return {"GET", "/v1/admin/statistics"};
}

std::string told_by(const ctl_options& what, const std::string& json) {
  if (what.json)
    return json;
  const auto read = ctl_json::parse(json, nullptr, false);
  if (!read.is_object())
    return json;
  const std::string type = text_in(read.value("type", ctl_json{}));
  const auto items = read.value("items", ctl_json::array());
  if (type == "ok" && !read.contains("seq"))
    return "done\n";
  if (type == "connected")
    return table_of(items, {"user", "session", "device", "encoding", "queued_bytes", "waits_ms"}) +
           text_in(read.value("sessions", ctl_json{})) + " sessions\n";
  if (type == "largest")
    return table_of(items, {"conversation", "kind", "messages", "members", "events", "title"}) +
           text_in(read.value("conversations", ctl_json{})) + " conversations\n";
  if (type == "webhooks")
    return table_of(items, {"endpoint", "state", "position", "waiting", "dead"});
  if (type == "sessions")
    return table_of(items, {"session", "device", "since"});
  return fields_of(read);
}

int ask_server_at_work(const ctl_options& what) {
  const auto answer = ask_over_socket(what.data, request_of(what), what.as);
  if (!answer) {
    std::cerr << "parleyd: " << answer.error().message << '\n';
    return 1;
  }
  if (answer->status >= 300) {
    std::cerr << "parleyd: " << problem_in(*answer) << '\n';
    return 1;
  }
  std::cout << told_by(what, answer->body);
  return std::cout.flush() ? 0 : 1;
}

} // namespace parley
