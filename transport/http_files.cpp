// Who may read a file is asked elsewhere; here is what HTTP has to say about it.
#include "transport/http_files.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <nlohmann/json.hpp>

#include "actors/limits.hpp"
#include "actors/plain_text.hpp"
#include "actors/utf8.hpp"
#include "transport/http_fields.hpp"
#include "transport/http_manner.hpp"

namespace parley {

namespace {

using refused = std::optional<http_answer>;

http_answer bad(std::string_view detail) { return problem(400, "bad_request", detail); }

/// The value of a key in a query, decoded; nothing when it is not there.
std::optional<std::string> in_query(std::string_view query, std::string_view key) {
  std::string_view rest = query;
  for (bool more = !rest.empty(); more;) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = pair.find('=');
    const bool has_value = equals != std::string_view::npos;
    if (percent_decoded(pair.substr(0, equals)) == key)
      return has_value ? percent_decoded(pair.substr(equals + 1)) : std::string{};
    more = end != std::string_view::npos;
    rest = more ? rest.substr(end + 1) : std::string_view{};
  }
  return {};
}

// --- Uploads -------------------------------------------------------------------------------------

/// What people see as a name: text of one line, without what could be a path.
refused refuse_name(std::string_view query, std::string& name) {
  const auto given = in_query(query, "name");
  if (!given || given->empty())
    return {};
  const bool is_fine =
      given->size() <= limits::file_name_bytes && is_utf8(*given) &&
      given->find_first_of(std::string_view{"/\\\0\t\r\n", 6}) == std::string::npos &&
      *given != "." && *given != ".." && !has_deceiving_marks(*given) &&
      take_plain_text(*given, name) && name.size() <= limits::file_name_bytes;
  return is_fine ? refused{} : bad("name is not a file's name of at most 255 bytes");
}

http_answer unauthenticated(std::string_view code, std::string_view why) {
  auto answer = problem(401, code, why);
  answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

http_decision decide_upload(const http_request& request, request_manner how, std::string_view query,
                            const edge_config& config, const edge_condition& now) {
  file_upload asked;
  asked.how = std::move(how);
  if (auto no = refuse_length(request, asked.size))
    return *no;
  if (config.file_bytes == 0)
    return problem(404, "not_found", "nothing can be uploaded here");
  if (!now.ready)
    return problem_of({error_code::unavailable, "not ready", limits::retry_when_unavailable});
  auto bearer = bearer_of(request);
  if (!bearer)
    return unauthenticated("unauthenticated", "a token is needed");
  asked.bearer = std::move(*bearer);
  if (asked.size.value_or(0) > config.file_bytes)
    return problem(413, "too_large", "the file is too large");
  auto type = media_type_of(find(request, "content-type").value_or("application/octet-stream"));
  if (!type)
    return bad("Content-Type is malformed");
  if (!is_type_among(*type, config.file_types))
    return problem(415, "bad_request", "files of this type are not taken here");
  asked.type = std::move(*type);
  if (auto no = refuse_name(query, asked.name))
    return *no;
  const auto expected = find(request, "expect");
  if (expected && !equal_names(trim(*expected), "100-continue"))
    return problem(417, "bad_request", "nothing else can be expected than 100-continue");
  asked.expects_continue = expected.has_value() && request.version == 11;
  return asked;
}

// --- Downloads -----------------------------------------------------------------------------------

http_decision decide_download(const http_request& request, request_manner how, std::string_view id,
                              std::string_view query) {
  file_download asked;
  asked.how = std::move(how);
  asked.file = file_id{std::string{id}};
  asked.bearer = bearer_of(request);
  if (!asked.bearer) {
    const auto user = in_query(query, "user");
    const auto until = whole_number(in_query(query, "until").value_or(""));
    const auto signature = in_query(query, "signature");
    if (!user || !until || !signature || signature->empty())
      return unauthenticated("unauthenticated", "a token or a signed address is needed");
    asked.user = user_id{*user};
    asked.until = *until;
    asked.signature = *signature;
  }
  asked.range = find(request, "range").value_or("");
  asked.if_range = trim(find(request, "if-range").value_or(""));
  return asked;
}

} // namespace

http_decision decide_files(const http_request& request, request_manner how, std::string_view path,
                           std::string_view query, const edge_config& config,
                           const edge_condition& now) {
  constexpr std::string_view below = "/v1/files/";
  return path.starts_with(below)
             ? decide_download(request, std::move(how), path.substr(below.size()), query)
             : decide_upload(request, std::move(how), query, config, now);
}

std::optional<http_answer> refuse_length(const http_request& request,
                                         std::optional<std::uint64_t>& size) {
  const auto coding = find(request, "transfer-encoding");
  const auto length = find(request, "content-length");
  if (coding && (length || request.version == 10 || !equal_names(trim(*coding), "chunked")))
    return bad("Transfer-Encoding is not understood");
  if (coding)
    return {};
  if (!length)
    return bad("Content-Length is missing");
  size = whole_number(*length);
  return size ? std::nullopt : std::optional{bad("Content-Length is malformed")};
}

// --- Answers -------------------------------------------------------------------------------------

http_answer problem_of(const failure& why) {
  const auto& known = describe(why.code);
  const bool is_ours = why.code == error_code::internal || why.code == error_code::unavailable;
  auto wait = why.retry_after;
  if (!wait && why.code == error_code::unavailable)
    wait = limits::retry_when_unavailable;
  auto answer = problem(known.http_status, known.name,
                        is_ours ? "it cannot be done now; try again later" : why.message, wait);
  if (wait)
    answer.headers.emplace_back(
        "Retry-After", std::to_string(std::chrono::ceil<std::chrono::seconds>(*wait).count()));
  answer.close = known.http_status == 401;
  if (answer.close)
    answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

http_answer answer_upload(const file_facts& file) {
  nlohmann::json body{{"file", file.file.str()},
                      {"type", file.type},
                      {"size", file.size},
                      {"sha256", hex(file.sha256, file.sha256.size())}};
  if (!file.name.empty())
    body["name"] = file.name;
  http_answer answer{201, "application/json", body.dump() + "\n", {}, false};
  answer.headers.emplace_back("Location", "/v1/files/" + file.file.str());
  return answer;
}

wanted_bytes bytes_wanted(std::string_view range, std::uint64_t size) {
  const wanted_bytes all{200, 0, size};
  constexpr std::string_view unit = "bytes=";
  if (range.size() < unit.size() || !equal_names(range.substr(0, unit.size()), unit))
    return all;
  const auto what = trim(range.substr(unit.size()));
  const auto dash = what.find('-');
  if (dash == std::string_view::npos || what.find(',') != std::string_view::npos)
    return all;
  const auto before = whole_number(what.substr(0, dash));
  const auto behind = whole_number(what.substr(dash + 1));
  if ((!before && dash > 0) || (!behind && dash + 1 < what.size()) || (!before && !behind))
    return all;
  if (before && behind && *behind < *before)
    return all;
  if (!before) { // the last so many
    const auto count = std::min(*behind, size);
    return count > 0 ? wanted_bytes{206, size - count, count} : wanted_bytes{416, 0, 0};
  }
  if (*before >= size)
    return {416, 0, 0};
  const auto last = std::min(behind.value_or(size - 1), size - 1);
  return {206, *before, last - *before + 1};
}

namespace {

/// RFC 8187: everything but letters, digits and a few signs is escaped.
std::string disposition(const std::string& name) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`|~";
  constexpr std::string_view digits = "0123456789ABCDEF";
  if (name.empty())
    return "attachment";
  std::string out = "attachment; filename*=UTF-8''";
  for (const char each : name) {
    const auto byte = static_cast<unsigned char>(each);
    if (plain.find(each) != std::string_view::npos)
      out += each;
    else
      out.append({'%', digits[byte >> 4], digits[byte & 15]});
  }
  return out;
}

} // namespace

file_answer answer_download(const file_download& asked, const file_facts& file,
                            const edge_config& config) {
  const std::string tag = '"' + hex(file.sha256, file.sha256.size()) + '"';
  wanted_bytes bytes{200, 0, file.size};
  if (is_tag_among(asked.how.if_none_match, tag))
    bytes = {304, 0, 0};
  else if (!asked.how.head_only && (asked.if_range.empty() || asked.if_range == tag))
    bytes = bytes_wanted(asked.range, file.size);
  std::string head = begin_answer(bytes.status, config);
  const auto add = [&](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("ETag", tag);
  add("Cache-Control", "private, max-age=300");
  add("Accept-Ranges", "bytes");
  add("X-Content-Type-Options", "nosniff");
  add("Content-Security-Policy", "sandbox; default-src 'none'");
  if (bytes.status == 206)
    add("Content-Range", "bytes " + std::to_string(bytes.first) + "-" +
                             std::to_string(bytes.first + bytes.count - 1) + "/" +
                             std::to_string(file.size));
  if (bytes.status == 416)
    add("Content-Range", "bytes */" + std::to_string(file.size));
  if (bytes.status == 200 || bytes.status == 206) {
    add("Content-Type", file.type);
    add("Content-Disposition", disposition(file.name));
  }
  if (bytes.status != 304)
    add("Content-Length", std::to_string(bytes.count));
  for (const auto& [name, value] : fields_of_answer(asked.how))
    add(name, value);
  add("Vary", "Origin, Authorization");
  add("Connection", asked.how.close ? "close" : "keep-alive");
  head += "\r\n";
  return {bytes.status, std::move(head), bytes.first, asked.how.head_only ? 0 : bytes.count};
}

} // namespace parley
