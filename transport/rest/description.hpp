// The OpenAPI document, which describes every request that is answered here.
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

/// The answer to a `GET` or `HEAD` of `/openapi.json`.
http_answer answer_description(const http_request& request, const edge_config& config);

} // namespace parley
