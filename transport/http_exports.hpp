// What the server answers to requests for archives, as pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/http_rules.hpp"

namespace parley {

/// Whether a request for an archive is a good one: then what is to be done, else the answer.
http_decision decide_export(const http_request& request, request_manner how, std::string_view path,
                            const edge_condition& now);

/// `GET /v1/exports/{id}` and `GET /v1/exports?before=…`: what is to be done, or the answer.
http_decision decide_export_receipts(const http_request& request, request_manner how,
                                     std::string_view path, std::string_view query,
                                     const edge_condition& now);
/// Some receipts, as they were encoded, the latest first.
http_answer answer_export_receipts(const request_manner& how,
                                   const std::vector<std::string>& receipts);

/// The head of the answer that an archive follows, in chunks or until the connection ends.
std::string answer_export(const export_request& asked, const edge_config& config);

/// An id as a path has it: one segment, escaped; nothing when it is none.
std::optional<std::string> id_in_path(std::string_view segment);

/// Bytes as one chunk (RFC 9112, section 7.1); without any, the last one.
std::string chunk_of(std::string_view bytes);

} // namespace parley
