// One connection to the application that screens messages, kept from question to question.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>

#include "actors/screening.hpp"
#include "actors/webhooks.hpp"
#include "transport/http_line.hpp"

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
      : io_(io), tls_(tls), place_(place), deadline_(io) {}

  /// A POST, signed like a webhook (standardwebhooks.com); an answer is of use until then. `tell`
  /// is called once, never from within.
  void ask(const screened_message& what, clock::time_point until, teller tell);

private:
  using error = boost::system::error_code;

  struct question {
    std::shared_ptr<const http_line::request> request{};
    teller tell{};
  };
  using question_ptr = std::shared_ptr<question>;

  void connect();
  void write();
  void read();
  void judge();
  /// What follows a step that went well.
  http_line::told then(void (screening_lane::*next)());
  void fail(const failure& why);
  void hang_up();
  void finish(result<screening_verdict> verdict);

  boost::asio::io_context& io_;
  boost::asio::ssl::context& tls_;
  const screening_place& place_;
  boost::asio::steady_timer deadline_;
  std::shared_ptr<http_line> line_; ///< Null while there is no connection.
  bool is_reused_ = false;          ///< It has answered before: it may have been closed since.
  question_ptr asked_;              ///< Null between questions.
  std::shared_ptr<boost::beast::http::response_parser<boost::beast::http::string_body>> answer_;
};

} // namespace parley
