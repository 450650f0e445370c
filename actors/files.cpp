// The rules of files as plain functions.
#include "actors/files.hpp"

#include <algorithm>
#include <cctype>

#include "actors/limits.hpp"

namespace parley {

namespace {

constexpr std::size_t id_digits = 32;

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view signs = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char each) {
    return std::isalnum(static_cast<unsigned char>(each)) != 0 ||
           signs.find(each) != std::string_view::npos;
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t";
  const auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// The end of a quoted string at the front, or 0 when there is none (RFC 9110, section 5.6.4).
std::size_t end_of_quoted(std::string_view text) {
  if (!text.starts_with('"'))
    return 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"')
      return at + 1;
    if (text[at] == '\\')
      ++at;
  }
  return 0;
}

/// `; name=value` any number of times.
bool are_parameters(std::string_view rest) {
  for (rest = trimmed(rest); !rest.empty(); rest = trimmed(rest)) {
    if (!rest.starts_with(';'))
      return false;
    rest = trimmed(rest.substr(1));
    if (rest.empty() || rest.front() == ';')
      continue;
    const auto equals = rest.find('=');
    if (equals == std::string_view::npos || !is_token(rest.substr(0, equals)))
      return false;
    rest.remove_prefix(equals + 1);
    const auto quoted = end_of_quoted(rest);
    const auto end = quoted > 0 ? quoted : std::min(rest.find_first_of("; \t"), rest.size());
    if (quoted == 0 && !is_token(rest.substr(0, end)))
      return false;
    rest.remove_prefix(end);
  }
  return true;
}

} // namespace

bool is_file_id(std::string_view text) noexcept {
  return text.size() == id_digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool may_be_sent(const stored_file& file, const user_id& by, timestamp now) noexcept {
  if (file.by != by || now - file.at > limits::send_file_window)
    return false;
  return file.uses > 0 || !file.sent || file.goes_at - now > limits::unused_file_reserve;
}

std::optional<std::string> media_type_of(std::string_view text) {
  const auto end = std::min(text.find(';'), text.size());
  const auto name = trimmed(text.substr(0, end));
  const auto slash = name.find('/');
  if (slash == std::string_view::npos || name.size() > limits::media_type_bytes ||
      !is_token(name.substr(0, slash)) || !is_token(name.substr(slash + 1)) ||
      !are_parameters(text.substr(end)))
    return {};
  std::string type{name};
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
  return type;
}

bool is_type_among(std::string_view type, const std::vector<std::string>& list) noexcept {
  return list.empty() || std::any_of(list.begin(), list.end(), [&](const std::string& each) {
           if (each == "*/*" || each == type)
             return true;
           return each.ends_with("/*") &&
                  type.starts_with(std::string_view{each}.substr(0, each.size() - 1));
         });
}

bool is_type_pattern(std::string_view text) {
  const auto slash = text.find('/');
  return slash != std::string_view::npos && is_token(text.substr(0, slash)) &&
         is_token(text.substr(slash + 1)) &&
         std::none_of(text.begin(), text.end(),
                      [](unsigned char each) { return std::isupper(each) != 0; });
}

} // namespace parley
