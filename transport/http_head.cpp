// Beast parses; what it takes and others read differently is refused.
#include "transport/http_head.hpp"

#include <cstdint>

#include <boost/asio/buffer.hpp>

namespace parley {

namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

std::string_view view_of_text(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// Continued header lines are obsolete and read differently by different servers (RFC 9112, 5.2).
bool has_folded_lines(std::string_view head) {
  return head.find("\r\n ") != std::string_view::npos ||
         head.find("\r\n\t") != std::string_view::npos;
}

} // namespace

std::optional<std::size_t> http_head::size_in(std::string_view received) {
  const std::size_t end = received.find(end_of_head);
  return end == std::string_view::npos ? std::nullopt : std::optional{end + end_of_head.size()};
}

http_head::http_head(std::string_view bytes) {
  namespace http = boost::beast::http;
  boost::system::error_code ec;
  parser_.header_limit(most_bytes);
  parser_.body_limit(UINT64_MAX); // bodies are not read here; and Beast 1.74 takes none for 0
  parser_.eager(false);
  parser_.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  const unsigned version = parser_.get().version();
  is_good_ = (!ec || ec == http::error::need_more) && parser_.is_header_done() &&
             !has_folded_lines(bytes) && (version == 11 || version == 10);
}

http_request http_head::facts() const {
  const auto& message = parser_.get();
  http_request facts;
  facts.method = view_of_text(message.method_string());
  facts.target = view_of_text(message.target());
  facts.version = static_cast<int>(message.version());
  for (const auto& each : message)
    facts.headers.push_back({view_of_text(each.name_string()), view_of_text(each.value())});
  return facts;
}

} // namespace parley
