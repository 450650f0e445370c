// A path is compared segment by segment; an id that stands in one is any that could be one.
#include "transport/http_routes.hpp"

#include <algorithm>

#include "transport/http_exports.hpp"

namespace parley {

namespace {

std::vector<http_route> all_routes() {
  using enum resource;
  using enum parameter_kind;
  return {
      {"uploadFile", "POST", "/v1/files", files, {201}, {{"name", text}}, rest_body::required},
      {"downloadFile",
       "GET",
       "/v1/files/{file}",
       files,
       {200, 206},
       {{"user", text}, {"until", number}, {"signature", text}}},
      {"exportConversation", "GET", "/v1/conversations/{conversation}/export", exports},
      {"exportUser", "GET", "/v1/users/{user}/export", exports},
      {"listExports", "GET", "/v1/exports", export_receipts, {200}, {{"before", text}}},
      {"getExport", "GET", "/v1/exports/{receipt}", export_receipts},
      {"eraseUser", "DELETE", "/v1/users/{user}", erasures, {202}, {{"policy", text}}},
      {"getUserErasure", "GET", "/v1/erasures/{receipt}", erasures, {200, 202}},
      {"getLiveness", "GET", "/livez", liveness},
      {"getReadiness", "GET", "/readyz", readiness},
      {"getMetrics", "GET", "/metrics", metrics},
      {"getSocketDescription", "GET", "/asyncapi.json", socket_description},
      {"getDescription", "GET", "/openapi.json", description},
  };
}

std::string_view first_segment(std::string_view path) {
  return path.substr(0, std::min(path.find('/'), path.size()));
}

bool has_shape(std::string_view path, std::string_view sample) {
  if (std::count(sample.begin(), sample.end(), '/') != std::count(path.begin(), path.end(), '/'))
    return false;
  while (!sample.empty()) {
    const std::string_view expected = first_segment(sample);
    const std::string_view segment = first_segment(path);
    if (expected.starts_with('{') ? !id_in_path(segment) : segment != expected)
      return false;
    sample.remove_prefix(std::min(expected.size() + 1, sample.size()));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
  }
  return path.empty();
}

} // namespace

const std::vector<http_route>& http_routes() {
  static const std::vector<http_route> all = all_routes();
  return all;
}

const http_route* route_of(std::string_view method, std::string_view path) {
  const http_route* of_path = nullptr;
  for (const auto& each : http_routes()) {
    if (!has_shape(path, each.path))
      continue;
    if (each.method == method)
      return &each;
    of_path = &each;
  }
  return of_path != nullptr && operations_at(path).empty() ? of_path : nullptr;
}

std::string methods_at(std::string_view path) {
  std::string names;
  const auto add = [&](std::string_view method) {
    names.append(names.empty() ? "" : ", ").append(method == "GET" ? "GET, HEAD" : method);
  };
  for (const auto& each : operations_at(path))
    add(each.operation->method);
  for (const auto& each : http_routes())
    if (has_shape(path, each.path))
      add(each.method);
  return names.empty() ? names : names + ", OPTIONS";
}

} // namespace parley
