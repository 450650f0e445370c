// One connection to the application that screens messages, kept from question to question.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "actors/screening.hpp"
#include "actors/webhooks.hpp"

namespace parley {

/// Where the application is, and what it is told of whoever asks.
struct screening_place {
  webhook_target target = {};
  std::vector<std::string> secrets = {}; ///< Their bytes: one signature for each.
  std::string agent = {};                ///< `User-Agent`.
  std::chrono::milliseconds patience{};  ///< For one question, a connection included.
  std::function<timestamp()> wall_clock = {};
  std::function<std::string()> random_id = {};
};

/// Asks one question at a time. Used on its io_context's thread.
class screening_lane : public std::enable_shared_from_this<screening_lane> {
public:
  using teller = std::function<void(result<screening_verdict>)>;
  using clock = std::chrono::steady_clock;

  screening_lane(boost::asio::io_context& io, boost::asio::ssl::context& tls,
                 const screening_place& place)
      : io_(io), tls_(tls), place_(place), resolver_(io), deadline_(io) {}

  /// A POST, signed like a webhook (standardwebhooks.com); an answer is of use until then. `tell`
  /// is called once, never from within.
  void ask(const screened_message& what, clock::time_point until, teller tell);

private:
  using tcp = boost::asio::ip::tcp;
  using error = boost::system::error_code;

  /// What the operations of a connection use; they keep it until they have ended.
  struct line {
    line(boost::asio::io_context& io, boost::asio::ssl::context& tls) : stream(io, tls) {}
    boost::asio::ssl::stream<tcp::socket> stream; ///< Plain HTTP uses what is below TLS.
    boost::beast::flat_buffer buffer{};
    std::optional<boost::beast::http::response_parser<boost::beast::http::string_body>> answer{};
  };
  using line_ptr = std::shared_ptr<line>;
  struct question {
    boost::beast::http::request<boost::beast::http::string_body> request{};
    teller tell{};
  };
  using question_ptr = std::shared_ptr<question>;

  void connect();
  void connect_to(const line_ptr& on, std::vector<tcp::endpoint> found);
  void shake_hands(const line_ptr& on);
  void write(const line_ptr& on);
  void read(const line_ptr& on);
  void judge(const line_ptr& on);
  /// Whether to go on; else it is asked again, or was told why not.
  bool went_well(const error& code, const line_ptr& on, const char* doing);
  void hang_up();
  void finish(result<screening_verdict> verdict);

  boost::asio::io_context& io_;
  boost::asio::ssl::context& tls_;
  const screening_place& place_;
  tcp::resolver resolver_;
  boost::asio::steady_timer deadline_;
  line_ptr line_;          ///< Null while there is no connection.
  bool is_reused_ = false; ///< It has answered before: it may have been closed since.
  question_ptr asked_;     ///< Null between questions.
};

} // namespace parley
