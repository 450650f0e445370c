// What the server answers to an HTTP request, as a pure function of the request and the
// configuration.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/erasures.hpp"
#include "actors/message_windows.hpp"
#include "actors/session.hpp"

namespace parley {

class built_page;

/// What is configured about the edge; fixed before the first connection.
struct edge_config {
  std::vector<std::string> origins;
  bool dev = false;
  std::size_t most_sessions = 100'000;
  std::string server_name = "parley";
  std::string version;
  std::string durability = "local-fsync";
  std::uint64_t file_bytes = 0;                ///< Of one file; 0: nothing is uploaded.
  std::vector<std::string> file_types = {};    ///< Media types of files; none: all.
  message_windows windows = {};                ///< How long authors may edit and delete.
  std::shared_ptr<const built_page> page = {}; ///< Nobody: its paths are like any others.
};

/// What changes while the server runs.
struct edge_condition {
  bool ready = false;
  bool full = false; ///< As many sessions as are allowed.
};

struct http_header {
  std::string_view name;
  std::string_view value;
};

/// A request whose headers are complete, as it was sent.
struct http_request {
  std::string_view method;
  std::string_view target;
  int version = 11; ///< 10 or 11.
  std::vector<http_header> headers;
  std::size_t bytes_behind = 0; ///< Received beyond the headers.
  bool from_loopback = false;   ///< The connection is of this machine.
};

struct http_answer {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  bool close = false; ///< The connection ends with this answer.
};

/// The request becomes a WebSocket.
struct upgrade {
  encoding spoken = encoding::json;
  std::string_view subprotocol; ///< To be answered; empty for none.
  std::string_view key;
  std::optional<std::string> bearer;
};

/// The request is for `/metrics`: from whoever is on this machine, or else with this token.
struct metrics_question {
  bool trusted = false;
  std::optional<std::string> bearer;
  bool close = false; ///< The connection ends with the answer.
};

/// What every request below `/v1/` says beside what it is about.
struct request_manner {
  std::string_view operation; ///< Its `operationId` in the OpenAPI document.
  std::string_view method;    ///< Of the operation: GET, where HEAD is asked.
  bool head_only = false;     ///< HEAD.
  std::string request_id;     ///< Empty for none.
  std::string trace_id;       ///< Likewise; of `traceparent`.
  std::string origin;         ///< Of the page that asks; empty for none.
  std::vector<std::string> if_none_match;
  bool takes_gzip = false;
  bool close = false; ///< The connection ends with the answer.
};

/// The request's body is a file.
struct file_upload {
  request_manner how;
  std::string bearer;
  std::string name;                  ///< Empty for none.
  std::string type;                  ///< A media type without parameters, in lower case.
  std::optional<std::uint64_t> size; ///< Unless it comes in chunks.
  bool expects_continue = false;     ///< The client waits for `100 Continue`.
};

/// The request is for a file.
struct file_download {
  request_manner how;
  file_id file;
  std::optional<std::string> bearer;
  user_id user; ///< Of a signed address, as are:
  std::uint64_t until = 0;
  std::string signature; ///< Empty where there is a token instead.
  std::string range, if_range;
};

/// The request is for an archive of a conversation or of a user.
struct export_request {
  request_manner how;
  std::variant<conversation_id, user_id> what;
  std::string bearer;
  bool chunked = true; ///< Else it ends with the connection.
};

/// The request has a user erased, or asks what has become of that.
struct erasure_request {
  request_manner how;
  std::optional<user_id> user; ///< Nobody: it asks.
  erasure_policy policy = erasure_policy::anonymise;
  std::string receipt;
  std::string bearer;
};

/// The request is for the receipt of an export, or for a list of them.
struct export_receipt_request {
  request_manner how;
  std::optional<std::string> receipt; ///< None: the newest.
  std::optional<std::string> before;  ///< Only those before this one.
  std::string bearer;
};

struct rest_operation;
/// The names and values of a query, decoded.
using query_pairs = std::vector<std::pair<std::string, std::string>>;

/// The request is a command.
struct rest_request {
  request_manner how;
  const rest_operation* operation = nullptr;
  std::vector<std::pair<std::string_view, std::string>> fields; ///< Of the path, decoded.
  query_pairs query;                                            ///< Each name once.
  std::string bearer;
  std::optional<user_id> on_behalf_of; ///< Whose command it is, when not of who has the token.
  std::string idempotency_key;         ///< Empty for none.
  bool has_body = false;
  bool expects_continue = false; ///< The client waits for `100 Continue`.
};

using http_decision =
    std::variant<http_answer, upgrade, metrics_question, file_upload, file_download, export_request,
                 export_receipt_request, erasure_request, rest_request>;

/// Routes and rules in one: an answer, a good upgrade to `/v1/ws`, a question for `/metrics`, or a
/// file on its way in or out.
http_decision decide(const http_request& request, const edge_config& config,
                     const edge_condition& now);

/// What `/metrics` is answered with, for whoever asks: `authenticate` is asked about a token.
http_answer answer_metrics(const metrics_question& asked,
                           const std::function<result<identity>(std::string_view)>& authenticate,
                           const std::function<std::string()>& print);

/// The status line, and what every answer begins with.
std::string begin_answer(int status, const edge_config& config);

/// The bytes for a connection of an address that connects too often.
std::string refuse_too_fast(std::chrono::milliseconds wait, const edge_config& config);

/// The bytes for a request, perhaps not whole, that there is no descriptor for: health is told, all
/// else is put off.
std::string refuse_for_now(std::string_view request, const edge_config& config,
                           const edge_condition& now);

/// An error as application/problem+json (RFC 9457), after which the connection is closed.
http_answer problem(int status, std::string_view code, std::string_view detail,
                    std::optional<std::chrono::milliseconds> retry_after = {});

/// The answer as bytes; a HEAD request gets everything but the body.
std::string serialize(const http_answer& answer, std::string_view method,
                      const edge_config& config);

} // namespace parley
