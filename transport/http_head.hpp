// The head of an HTTP request: where it ends, and what it says.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "transport/http_rules.hpp"

namespace parley {

/// A well-formed request line with headers.
class http_head {
public:
  /// Bytes that it may have: a token, an origin and a browser's chatter fit twice.
  static constexpr std::size_t most_bytes = 8 * 1024;

  /// Bytes of the first head in what was received, the empty line included; nothing while that is
  /// not whole.
  static std::optional<std::size_t> size_in(std::string_view received);

  /// Takes all of a head apart.
  explicit http_head(std::string_view bytes);

  /// It is one, of HTTP 1.0 or 1.1.
  bool is_good() const noexcept { return is_good_; }
  /// What it says, valid as long as this.
  http_request facts() const;

private:
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  bool is_good_ = false;
};

} // namespace parley
