// Names with a digest in them are kept by browsers for good; everything else is asked for again.
#include "transport/page.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/digest.hpp"
#include "actors/limits_page.hpp"
#include "transport/http_fields.hpp"
#include "transport/origin.hpp"
#include "transport/short_file.hpp"

namespace parley {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view below = "/messages/";
constexpr std::string_view messages_document = "index.html";
constexpr std::string_view admin_document = "admin.html";
/// Vite puts here what has a digest in its name.
constexpr std::string_view digested = "assets/";
constexpr std::string_view compressed_suffix = ".gz";

/// Only what this server has itself is run, shown or spoken to.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::string_view media_type(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 8> known{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".txt", "text/plain; charset=utf-8"},
  }};
  for (const auto& [suffix, type] : known)
    if (name.ends_with(suffix))
      return type;
  return "application/octet-stream";
}

failure unfit(const fs::path& directory, std::string_view why) {
  return {error_code::bad_request,
          "cannot use the page in " + directory.string() + ": " + std::string{why},
          {}};
}

/// The regular files below a directory, in the order of their names.
result<std::vector<fs::path>> files_below(const fs::path& directory) {
  std::vector<fs::path> found;
  std::error_code code;
  for (fs::recursive_directory_iterator at{directory, code}, end; !code && at != end;
       at.increment(code)) {
    if (!at->is_regular_file(code))
      continue;
    found.push_back(at->path());
    if (found.size() > 2 * limits::built_page_files) // each may be there compressed, too
      return unfit(directory, "it has too many files");
  }
  if (code)
    return failure{error_code::unavailable, "cannot read " + directory.string(), {}};
  std::sort(found.begin(), found.end());
  return found;
}

http_answer moved(std::string_view to) {
  http_answer answer{302, "text/plain; charset=utf-8", "The page is at /messages.\n", {}, false};
  answer.headers.emplace_back("Location", to);
  return answer;
}

/// What a person reads who expected the page.
http_answer nothing_built() {
  return {404,
          "text/plain; charset=utf-8",
          "This server has no messages page: it was not built.\n\n"
          "From the sources, `./dev page` builds it into web/page/dist; then start parleyd with\n"
          "--page web/page/dist. Everything else works without it.\n",
          {},
          false};
}

http_answer as_json(const nlohmann::json& what) {
  return {200, "application/json", what.dump() + "\n", {}, false};
}

/// What the page has to know before anybody has signed in.
http_answer tell_settings(const edge_config& config) {
  return as_json({{"dev", config.page->token != nullptr},
                  {"login", config.page->login},
                  {"version", config.version}});
}

/// Other pages cannot read the answer, and browsers that say who asks are not answered for them.
http_answer give_token(const http_request& request, std::string_view query,
                       const edge_config& config) {
  constexpr std::string_view parameter = "user=";
  const auto site = find(request, "sec-fetch-site").value_or("same-origin");
  const auto origin = find(request, "origin");
  if ((site != "same-origin" && site != "none") ||
      (origin && !is_origin_allowed(*origin, config.origins, config.dev)))
    return problem(403, "forbidden", "this is for the page of this server alone");
  if (!query.starts_with(parameter))
    return problem(400, "bad_request", "who is it to be? ?user=NAME");
  const std::string token = config.page->token(form_decoded(query.substr(parameter.size())));
  if (token.empty())
    return problem(400, "bad_request", "this is no name: 1 to 128 bytes of UTF-8");
  return as_json({{"token", token}});
}

http_answer give_file(const page_file& file, const http_request& request) {
  const auto tags = list(request, "if-none-match");
  const bool is_known = is_tag_among({tags.begin(), tags.end()}, file.tag);
  http_answer answer{is_known ? 304 : 200, file.type, "", {}, false};
  answer.headers.emplace_back("ETag", file.tag);
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  answer.headers.emplace_back(
      "Cache-Control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache");
  answer.headers.emplace_back("Content-Security-Policy", policy);
  answer.headers.emplace_back("Referrer-Policy", "no-referrer");
  answer.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  if (is_known)
    return answer;
  const bool is_small = !file.gzip.empty() && takes_gzip(request);
  answer.body = is_small ? file.gzip : file.bytes;
  if (is_small)
    answer.headers.emplace_back("Content-Encoding", "gzip");
  return answer;
}

http_answer answer_below(std::string_view name, const http_request& request, std::string_view query,
                         const edge_config& config) {
  if (name == "settings")
    return tell_settings(config);
  if (name == "token" && config.page->token)
    return give_token(request, query, config);
  const page_file* file = config.page->find(name.empty() ? messages_document : name);
  return file != nullptr ? give_file(*file, request)
                         : problem(404, "not_found", "there is nothing here");
}

} // namespace

result<built_page> built_page::read(const fs::path& directory) {
  const auto paths = files_below(directory);
  if (!paths)
    return paths.error();
  built_page made;
  std::size_t bytes = 0;
  std::map<std::string, std::string, std::less<>> compressed;
  for (const auto& path : *paths) {
    auto content = read_short_file(path.string(), limits::built_page_file_bytes);
    if (!content)
      return content.error();
    bytes += content->size();
    if (bytes > limits::built_page_bytes)
      return unfit(directory, "it is too large");
    const std::string name = path.lexically_relative(directory).generic_string();
    if (name.ends_with(compressed_suffix)) {
      compressed[name.substr(0, name.size() - compressed_suffix.size())] = std::move(*content);
      continue;
    }
    const std::string tag = "W/\"" + hex(digest_of({*content}), 16) + '"';
    made.files_[name] = {std::string{media_type(name)}, std::move(*content), "", tag,
                         name.starts_with(digested)};
  }
  for (auto& [name, packed] : compressed)
    if (const auto file = made.files_.find(name); file != made.files_.end())
      file->second.gzip = std::move(packed);
  if (made.find(messages_document) == nullptr || made.find(admin_document) == nullptr)
    return unfit(directory, "index.html or admin.html is missing");
  return made;
}

const page_file* built_page::find(std::string_view name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? nullptr : &found->second;
}

bool is_path_of_page(std::string_view path) {
  return path == "/" || path == "/messages" || path == "/admin" || path.starts_with(below);
}

http_answer answer_page(const http_request& request, std::string_view path, std::string_view query,
                        const edge_config& config) {
  http_answer answer;
  if (path == "/")
    answer = moved("/messages");
  else if (!config.page->is_there())
    answer = nothing_built();
  else if (path == "/messages" || path == "/admin")
    answer =
        answer_below(path == "/admin" ? admin_document : messages_document, request, query, config);
  else
    answer = answer_below(path.substr(below.size()), request, query, config);
  answer.close = answer.close || wants_close(request);
  return answer;
}

} // namespace parley
