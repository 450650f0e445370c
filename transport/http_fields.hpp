// What the fields of an HTTP request's head say, read as RFC 9110 has it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/http_rules.hpp"

namespace parley {

/// Names of fields, and some of their values, are the same in any case.
bool equal_names(std::string_view a, std::string_view b);
/// How many fields have this name.
std::size_t count(const http_request& request, std::string_view name);
/// The first of them.
std::optional<std::string_view> find(const http_request& request, std::string_view name);
/// Without blanks at either end.
std::string_view trim(std::string_view text);
/// The elements of all headers of this name, which are lists (RFC 9110, section 5.6.1).
std::vector<std::string_view> list(const http_request& request, std::string_view name);
/// Whether such a list has a word.
bool lists(const http_request& request, std::string_view name, std::string_view word);
/// What stands behind `Bearer` in Authorization.
std::optional<std::string> bearer_of(const http_request& request);
/// Whether something follows the head.
bool has_body(const http_request& request);
/// Whether the connection ends with the answer.
bool wants_close(const http_request& request);
/// Whether one of the tags of an If-None-Match means this one, weak or not (RFC 9110,
/// section 13.1.2).
bool is_tag_among(const std::vector<std::string>& tags, std::string_view tag);
/// The number that all of a text is, in decimal digits; nothing when it is none of 64 bits.
std::optional<std::uint64_t> whole_number(std::string_view text);
/// With each %XX as the byte that it stands for.
std::string percent_decoded(std::string_view text);
/// The same of a query, where a plus sign is a blank (the URL Standard, section 5.1).
std::string form_decoded(std::string_view text);
/// Everything but what is unreserved (RFC 3986, section 2.3) as %XX.
std::string percent_encoded(std::string_view text);
/// Whether an answer may come compressed (RFC 9110, section 12.5.3); weights but 0 are not looked
/// at.
bool takes_gzip(const http_request& request);

} // namespace parley
