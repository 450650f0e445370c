// What the server answers to requests for files, as pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/files.hpp"
#include "transport/http_rules.hpp"

namespace parley {

/// Whether a request below `/v1/files` is a good one: then what is to be done, else the answer.
http_decision decide_files(const http_request& request, request_manner how, std::string_view path,
                           std::string_view query, const edge_config& config,
                           const edge_condition& now);

/// A message's length is said once and in one way (RFC 9112, section 6.3): then `size` is it, or
/// nothing where it comes in chunks.
std::optional<http_answer> refuse_length(const http_request& request,
                                         std::optional<std::uint64_t>& size);

/// A refusal of the engine as application/problem+json. Whoever tries tokens does it with a
/// connection for each.
http_answer problem_of(const failure& why);

/// What a file is, in answer to its upload.
http_answer answer_upload(const file_facts& file);

/// Which bytes of a file are asked for (RFC 9110, section 14.2).
struct wanted_bytes {
  int status = 200; ///< 200: all; 206: some; 416: some that are not there.
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};
/// One range is served; what asks for several, or for none that can be read, gets all.
wanted_bytes bytes_wanted(std::string_view range, std::uint64_t size);

/// How a download is answered: the head, and which bytes follow it.
struct file_answer {
  int status = 200;
  std::string head;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
};
file_answer answer_download(const file_download& asked, const file_facts& file,
                            const edge_config& config);

} // namespace parley
