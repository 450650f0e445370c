// Nothing here decides; it only reads.
#include "transport/http_fields.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace parley {

bool equal_names(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::size_t count(const http_request& request, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(request.headers.begin(), request.headers.end(),
                    [name](const auto& each) { return equal_names(each.name, name); }));
}

std::optional<std::string_view> find(const http_request& request, std::string_view name) {
  for (const auto& each : request.headers)
    if (equal_names(each.name, name))
      return each.value;
  return std::nullopt;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> list(const http_request& request, std::string_view name) {
  std::vector<std::string_view> elements;
  for (const auto& each : request.headers) {
    if (!equal_names(each.name, name))
      continue;
    std::string_view rest = each.value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      if (const auto element = trim(rest.substr(0, end)); !element.empty())
        elements.push_back(element);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return elements;
}

bool lists(const http_request& request, std::string_view name, std::string_view word) {
  const auto elements = list(request, name);
  return std::any_of(elements.begin(), elements.end(),
                     [word](std::string_view each) { return equal_names(each, word); });
}

std::optional<std::string> bearer_of(const http_request& request) {
  constexpr std::string_view scheme = "bearer ";
  const auto value = find(request, "authorization");
  if (!value || value->size() < scheme.size() ||
      !equal_names(value->substr(0, scheme.size()), scheme))
    return std::nullopt;
  return std::string{trim(value->substr(scheme.size()))};
}

bool has_body(const http_request& request) {
  return find(request, "transfer-encoding") || find(request, "content-length").value_or("0") != "0";
}

bool wants_close(const http_request& request) {
  return lists(request, "connection", "close") ||
         (request.version == 10 && !lists(request, "connection", "keep-alive"));
}

bool is_tag_among(const std::vector<std::string>& tags, std::string_view tag) {
  const auto bare = [](std::string_view each) {
    return each.starts_with("W/") ? each.substr(2) : each;
  };
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& each) {
    return each == "*" || bare(each) == bare(tag);
  });
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return {};
  return number;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return std::string_view{"0123456789abcdef"}.find(
        static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) < 16 && digit(text[i + 2]) < 16;
    out += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (escape)
      i += 2;
  }
  return out;
}

std::string form_decoded(std::string_view text) {
  std::string blanks{text};
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_decoded(blanks);
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (plain.find(each) != std::string_view::npos)
      out += each;
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return out;
}

bool takes_gzip(const http_request& request) {
  const auto codings = list(request, "accept-encoding");
  return std::any_of(codings.begin(), codings.end(), [](std::string_view each) {
    const std::string_view name = trim(each.substr(0, each.find(';')));
    const bool is_refused =
        each.find("q=0") != std::string_view::npos &&
        each.find_first_of("123456789", each.find("q=0")) == std::string_view::npos;
    return (equal_names(name, "gzip") || name == "*") && !is_refused;
  });
}

} // namespace parley
