// A listening socket that is a file: whoever may enter its directory gets in.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "actors/errors.hpp"

namespace parley {

namespace net = boost::asio;

/// Lives on the thread of its io_context, but for `open`.
class local_listener {
public:
  /// Gets each accepted, non-blocking descriptor.
  using taker = std::function<void(int descriptor)>;

  local_listener(net::io_context& io, taker take);
  ~local_listener();
  local_listener(const local_listener&) = delete;
  local_listener& operator=(const local_listener&) = delete;

  /// Makes the file, for its owner alone, in place of one that a killed server left; before the
  /// io_context runs.
  outcome open(const std::filesystem::path& directory, const char* name);
  void start();
  void stop();

private:
  using acceptor =
      net::basic_socket_acceptor<net::local::stream_protocol, net::io_context::executor_type>;
  using timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                          net::wait_traits<std::chrono::steady_clock>,
                                          net::io_context::executor_type>;

  void on_acceptable();
  void wait_a_moment();

  acceptor acceptor_;
  timer pause_;
  taker take_;
  std::filesystem::path file_; ///< Empty until it is made.
};

} // namespace parley
