// The server's one listening socket: takes connections in bunches and deals them out to the shards.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <sys/socket.h>

#include "actors/errors.hpp"

namespace parley {

namespace net = boost::asio;

/// Where to listen: a numeric address and a port, as in `127.0.0.1:8080` or `[::1]:0`.
std::optional<net::ip::tcp::endpoint> parse_endpoint(const std::string& text);

/// Lives on the thread of its io_context, but for `open`. When the process runs out of descriptors
/// or memory it takes no more connections for a moment; those who wait are answered one at a time
/// over a descriptor kept for that, and closed. Those that come too often are answered a moment
/// later, when their request is here, and closed.
class listener {
public:
  /// Gets each accepted, non-blocking descriptor and whose it is. Nothing when it took it over;
  /// else the whole answer for one that comes too often, or nothing to say.
  using taker = std::function<std::optional<std::string>(int descriptor, const sockaddr_storage&)>;
  /// The whole HTTP answer to what has arrived of a request that cannot be served.
  using refuser = std::function<std::string(std::string_view request)>;

  listener(net::io_context& io, taker take, refuser refuse);
  ~listener();

  /// Binds and listens; before the io_context runs.
  outcome open(const net::ip::tcp::endpoint& at);
  /// Takes over a socket that is listening already, instead; likewise.
  outcome adopt(int descriptor);
  /// The address with the port that was picked.
  net::ip::tcp::endpoint where() const;
  void start();
  void stop();

private:
  using acceptor = net::basic_socket_acceptor<net::ip::tcp, net::io_context::executor_type>;
  using timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                          net::wait_traits<std::chrono::steady_clock>,
                                          net::io_context::executor_type>;

  void on_acceptable();
  void wait_a_moment();
  void turn_away();
  bool turn_one_away();
  void put_off(int descriptor, std::string answer);
  void answer_put_off();

  acceptor acceptor_;
  timer pause_;
  taker take_;
  refuser refuse_;
  /// A connection that comes too often, and what it is told.
  struct put_off_one {
    int descriptor;
    std::string answer;
  };
  std::vector<put_off_one> put_off_;
  timer answering_;
  int reserve_ = -1; ///< Given up for a moment when there is no other descriptor.
};

} // namespace parley
