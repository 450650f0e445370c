// Anybody may read them, and pages of allowed origins. The documents themselves are made by the
// build.
#include "transport/rest/description.hpp"

#include <string>

#include "transport/http_fields.hpp"
#include "transport/http_manner.hpp"
#include "transport/origin.hpp"

namespace parley {

namespace {

/// A document as it is sent.
struct described {
  std::string_view text;
  std::string_view gzip;
  std::string_view tag;
};

http_answer answer_description(const described& what, const http_request& request,
                               const edge_config& config) {
  const request_manner how = manner_of(request);
  if (!how.origin.empty() && !is_origin_allowed(how.origin, config.origins, config.dev))
    return problem(403, "forbidden", "this origin is not allowed");
  const std::string tag = "W/" + std::string{what.tag}; // compressed or not
  const bool is_known = is_tag_among(how.if_none_match, tag);
  http_answer answer{is_known ? 304 : 200, "application/json", "", fields_of_answer(how),
                     how.close};
  answer.headers.emplace_back("ETag", tag);
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (is_known)
    return answer;
  answer.body = how.takes_gzip ? what.gzip : what.text;
  if (how.takes_gzip)
    answer.headers.emplace_back("Content-Encoding", "gzip");
  return answer;
}

} // namespace

http_answer answer_openapi(const http_request& request, const edge_config& config) {
  return answer_description({openapi_document(), openapi_document_gzip(), openapi_document_tag()},
                            request, config);
}

http_answer answer_asyncapi(const http_request& request, const edge_config& config) {
  return answer_description(
      {asyncapi_document(), asyncapi_document_gzip(), asyncapi_document_tag()}, request, config);
}

} // namespace parley
