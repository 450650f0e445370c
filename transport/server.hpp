// The edge as a whole: shards on threads, the listener in front of them, and an orderly end.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "transport/bridge.hpp"
#include "transport/listener.hpp"
#include "transport/local_listener.hpp"
#include "transport/shard.hpp"

namespace parley {

/// Owns the I/O threads. Used by one thread, which is none of them.
class server {
public:
  /// Speaks TLS when `tls` is given.
  server(caf::actor_system& system, edge_ptr shared, const cursor_sealer& cursors, position start,
         std::size_t shards, const tls_ptr& tls);
  ~server();

  /// The shards' actors, by index.
  std::vector<shard_actor> handles() const;
  /// Binds; the engine need not be ready yet.
  outcome listen(const net::ip::tcp::endpoint& at);
  /// Takes over a socket that is listening already, instead.
  outcome adopt(int descriptor);
  /// Operators come in through a file in this directory, as administrators; before `start`.
  outcome listen_for_operators(const std::filesystem::path& directory);
  /// Who is connected, as far as the shards know; on whatever thread knows last.
  void list_connected(connected_question asked, told<connected_list> to);
  /// `HOST:PORT` with the port that was picked.
  std::string where() const;
  /// Starts the threads and takes connections.
  void start();
  /// New connections get this certificate; those there are keep theirs.
  void renew_tls(const tls_ptr& tls);
  /// Whether the turns of every shard have gone on since then.
  bool is_alive_since(instant when) const;
  /// Takes no more connections and ends those there are, at the latest after the drain deadline.
  /// Returns whether all of them ended by themselves.
  bool drain();
  /// Ends the threads, and with them every socket.
  void stop();

private:
  struct io_thread {
    std::unique_ptr<shard> work;
    std::unique_ptr<bridge> actor;
    std::thread thread;
  };

  std::optional<std::string> deal(int descriptor, const sockaddr_storage& peer);

  edge_ptr shared_;
  bool is_plain_; ///< Without a handshake there is no saying anything over TLS.
  std::vector<io_thread> threads_;
  std::unique_ptr<listener> listener_;
  std::unique_ptr<local_listener> operators_; ///< Nobody when the system gave none.
  std::size_t next_ = 0; ///< The shard that gets the next connection; the listener's thread only.

  std::mutex lock_;
  std::condition_variable changed_;
  std::size_t drained_ = 0; ///< Shards without sockets; guarded by `lock_`.
};

} // namespace parley
