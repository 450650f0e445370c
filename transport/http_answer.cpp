// Lays out an HTTP/1.1 answer.
#include <array>
#include <ctime>

#include "transport/http_rules.hpp"

namespace parley {

namespace {

std::string_view reason(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 206:
    return "Partial Content";
  case 302:
    return "Found";
  case 304:
    return "Not Modified";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 409:
    return "Conflict";
  case 408:
    return "Request Timeout";
  case 413:
    return "Content Too Large";
  case 415:
    return "Unsupported Media Type";
  case 416:
    return "Range Not Satisfiable";
  case 417:
    return "Expectation Failed";
  case 421:
    return "Misdirected Request";
  case 426:
    return "Upgrade Required";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 503:
    return "Service Unavailable";
  default:
    return "Error";
  }
}

std::string date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

void add(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

std::string begin_answer(int status, const edge_config& config) {
  std::string out = "HTTP/1.1 " + std::to_string(status) + " ";
  out.append(reason(status)).append("\r\n");
  add(out, "Date", date());
  add(out, "Server", config.server_name);
  return out;
}

std::string serialize(const http_answer& answer, std::string_view method,
                      const edge_config& config) {
  std::string out = begin_answer(answer.status, config);
  if (answer.status != 204 && answer.status != 304) { // RFC 9110, section 8.6
    add(out, "Content-Type", answer.content_type);
    add(out, "Content-Length", std::to_string(answer.body.size()));
  }
  add(out, "X-Content-Type-Options", "nosniff");
  bool names_upgrade = false;
  bool says_who_keeps_it = false;
  for (const auto& [name, value] : answer.headers) {
    add(out, name, value);
    names_upgrade = names_upgrade || name == "Upgrade";
    says_who_keeps_it = says_who_keeps_it || name == "Cache-Control";
  }
  if (!says_who_keeps_it)
    add(out, "Cache-Control", "no-store");
  add(out, "Connection", names_upgrade ? "upgrade, close" : answer.close ? "close" : "keep-alive");
  out += "\r\n";
  if (method != "HEAD")
    out += answer.body;
  return out;
}

} // namespace parley
