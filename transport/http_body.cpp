// Beast knows where chunks begin and end; it is given one buffer after another.
#include "transport/http_body.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace parley {

namespace {

namespace http = boost::beast::http;
namespace net = boost::asio;

constexpr std::size_t buffer_bytes = 16 * 1024;
/// What may wait to be understood: the longest line between two chunks.
constexpr std::size_t most_waiting = 128 * 1024;

} // namespace

struct body_reader::parser {
  http::request_parser<http::buffer_body> request;
};

body_reader::body_reader(std::string_view head) : parser_(std::make_unique<parser>()) {
  boost::system::error_code ec;
  parser_->request.body_limit(UINT64_MAX); // the desk counts; and Beast 1.74 takes none for 0
  parser_->request.put(net::buffer(head.data(), head.size()), ec);
  is_broken_ = ec && ec != http::error::need_more && ec != http::error::need_buffer;
}

body_reader::~body_reader() = default;

bool body_reader::is_done() const { return !is_broken_ && parser_->request.is_done(); }

std::string body_reader::take(std::string_view received) {
  waiting_.append(received);
  std::string body;
  std::array<char, buffer_bytes> buffer;
  std::size_t used = 0;
  while (!is_broken_ && !parser_->request.is_done() && used < waiting_.size()) {
    auto& into = parser_->request.get().body();
    into.data = buffer.data();
    into.size = buffer.size();
    boost::system::error_code ec;
    used += parser_->request.put(net::buffer(waiting_.data() + used, waiting_.size() - used), ec);
    body.append(buffer.data(), buffer.size() - into.size);
    if (ec == http::error::need_more)
      break;
    is_broken_ = ec && ec != http::error::need_buffer;
  }
  waiting_.erase(0, used);
  is_broken_ = is_broken_ || (!parser_->request.is_done() && waiting_.size() > most_waiting);
  return body;
}

} // namespace parley
