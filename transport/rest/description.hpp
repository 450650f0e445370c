// The documents that describe what is answered here: OpenAPI for requests, AsyncAPI for the
// WebSocket.
#pragma once

#include <string_view>

#include "transport/http_rules.hpp"

namespace parley {

/// docs/openapi.yaml as JSON.
std::string_view openapi_document();
/// The same, compressed by gzip.
std::string_view openapi_document_gzip();
/// Its strong tag, with quotation marks.
std::string_view openapi_document_tag();

/// docs/asyncapi.yaml as JSON; what it has of the one above it names by `openapi.json`.
std::string_view asyncapi_document();
/// The same, compressed by gzip.
std::string_view asyncapi_document_gzip();
/// Its strong tag, with quotation marks.
std::string_view asyncapi_document_tag();

/// The answer to a `GET` or `HEAD` of `/openapi.json`.
http_answer answer_openapi(const http_request& request, const edge_config& config);
/// The answer to a `GET` or `HEAD` of `/asyncapi.json`.
http_answer answer_asyncapi(const http_request& request, const edge_config& config);

} // namespace parley
