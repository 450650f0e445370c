// Reads `event key=value` lines back into fields; quoted values are JSON already.
#include "transport/log_format.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <spdlog/pattern_formatter.h>

#include "actors/log_line.hpp"
#include "actors/utf8.hpp"

namespace parley {

namespace {

constexpr const char* time_pattern = "%Y-%m-%dT%H:%M:%S.%eZ";
constexpr const char* line_pattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";

struct log_field {
  std::string_view key;
  std::string_view value; ///< With its quotes, if it has any.
};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char each) {
    return std::islower(static_cast<unsigned char>(each)) != 0 || each == '_' ||
           std::isdigit(static_cast<unsigned char>(each)) != 0;
  });
}

/// Where the value at the front ends; nothing when its quote is never closed.
std::optional<std::size_t> end_of_value(std::string_view text) {
  if (!text.starts_with('"'))
    return std::min(text.find(' '), text.size());
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return std::nullopt;
}

/// The fields behind the event's name; nothing when the line has another form.
std::optional<std::vector<log_field>> fields_of(std::string_view rest) {
  std::vector<log_field> fields;
  while (!rest.empty()) {
    if (rest.front() != ' ')
      return std::nullopt;
    rest.remove_prefix(1);
    const std::size_t sign = rest.find('=');
    if (sign == std::string_view::npos || !is_name(rest.substr(0, sign)))
      return std::nullopt;
    const auto length = end_of_value(rest.substr(sign + 1));
    if (!length)
      return std::nullopt;
    fields.push_back({rest.substr(0, sign), rest.substr(sign + 1, *length)});
    rest.remove_prefix(sign + 1 + *length);
  }
  return fields;
}

bool is_json_already(std::string_view value) {
  const bool number =
      !value.empty() && value.size() < 16 && (value == "0" || value.front() != '0') &&
      std::all_of(value.begin(), value.end(),
                  [](char each) { return std::isdigit(static_cast<unsigned char>(each)) != 0; });
  return number || value == "true" || value == "false" || value.starts_with('"');
}

void add(std::string& to, std::string_view key, std::string_view value) {
  to.append(to.empty() ? "{" : ",").append(in_quotes(key)).append(":");
  to.append(is_json_already(value) ? std::string{value} : in_quotes(value));
}

std::string object_of(std::string_view time, std::string_view level, std::string_view line) {
  std::string out;
  add(out, "time", time);
  add(out, "level", level);
  const std::string_view event = line.substr(0, line.find(' '));
  const auto fields = is_name(event) ? fields_of(line.substr(event.size())) : std::nullopt;
  if (!fields)
    return out.append(",\"message\":").append(in_quotes(line)).append("}\n");
  add(out, "event", event);
  for (const auto& each : *fields)
    add(out, each.key, each.value);
  return out.append("}\n");
}

class json_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& what, spdlog::memory_buf_t& into) override {
    spdlog::memory_buf_t time;
    time_.format(what, time);
    const auto level = spdlog::level::to_string_view(what.level);
    std::string line = object_of({time.data(), time.size()}, {level.data(), level.size()},
                                 {what.payload.data(), what.payload.size()});
    if (!is_utf8(line))
      std::replace_if(
          line.begin(), line.end(), [](char each) { return (each & 0x80) != 0; }, '?');
    into.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>();
  }

private:
  spdlog::pattern_formatter time_{time_pattern, spdlog::pattern_time_type::utc, ""};
};

} // namespace

std::unique_ptr<spdlog::formatter> text_lines() {
  return std::make_unique<spdlog::pattern_formatter>(line_pattern, spdlog::pattern_time_type::utc);
}

std::unique_ptr<spdlog::formatter> json_lines() { return std::make_unique<json_formatter>(); }

} // namespace parley
