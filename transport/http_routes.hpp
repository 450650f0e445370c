// The table of what is answered beside the commands: files, archives, erasures, health, the
// descriptions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "transport/rest/operations.hpp"

namespace parley {

/// Who decides what a route is answered with.
enum class resource : std::uint8_t {
  liveness,
  readiness,
  metrics,
  description,
  socket_description,
  files,
  exports,
  export_receipts,
  erasures
};

/// One method of one path, in the words of rest_operation.
struct http_route {
  std::string_view id; ///< `operationId` in the OpenAPI document.
  std::string_view method;
  std::string_view path; ///< A segment in braces is an id; whose, is judged elsewhere.
  resource what = resource::liveness;
  std::vector<int> statuses = {200}; ///< Of good answers.
  std::vector<rest_parameter> query = {};
  rest_body body = rest_body::none;
};

/// All routes but those of commands and the one of the WebSocket.
const std::vector<http_route>& http_routes();

/// The route that a request is for; one of another method where nothing else has the path. Null for
/// a command, and where there is nothing.
const http_route* route_of(std::string_view method, std::string_view path);

/// The methods of a path, of commands and otherwise, with those that come by themselves; empty
/// where there is nothing.
std::string methods_at(std::string_view path);

} // namespace parley
