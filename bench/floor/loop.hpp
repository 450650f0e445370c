// The one thread of the floor's server: waits, reads what has come, and writes once per turn.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "bench/floor/rooms.hpp"

namespace parley::bench {

class Loop {
public:
  /// Listens on `address`, as HOST:PORT with a numeric host; port 0 picks one.
  explicit Loop(const std::string& address);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Where it listens, as HOST:PORT.
  std::string address() const;
  /// Serves until SIGTERM or SIGINT.
  void run();

private:
  void watch(int file, void* what, unsigned events, int operation);
  void accept_all();
  void handle(Session& session, unsigned events);
  void end_turn();
  void write(Session& session);
  void end(Session& session);

  int listener_;
  int signals_;
  int epoll_;
  bool stopping_ = false;
  Rooms rooms_;
  std::vector<char> buffer_;
  std::unordered_set<Session*> sessions_; // owned; deleted by end() and the destructor
};

} // namespace parley::bench
