// One socket of the floor's server: frames in, shared blocks of frames out, in one gather write.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace parley::bench {

struct User;

/// Whole frames, encoded once and shared by all who get them.
using Block = std::shared_ptr<const std::string>;

/// What a session hands on: a whole binary message.
class MessageSink {
public:
  virtual void on_message(class Session& session, std::string_view payload) = 0;

protected:
  ~MessageSink() = default;
};

class Session {
public:
  explicit Session(int socket) : socket_(socket) {}
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Reads what has come, at most one buffer full; false when the session is over.
  bool receive(std::vector<char>& buffer, MessageSink& sink);

  /// Where answers to this session alone are collected for the turn.
  std::string& answers() { return answers_; }
  /// Frames the turn's answers, so that what is queued after them leaves after them.
  void queue_answers();
  void queue(const Block& block);
  /// Writes what is owed; false when the session is over.
  bool flush();
  bool owes() const { return owed_bytes_ > 0; }

  int socket() const { return socket_; }

  User* user = nullptr;           // null until `hello`
  bool touched = false;           // is in the turn's list of sessions to flush
  bool waits_for_writing = false; // epoll was asked to say when there is room

private:
  bool take(char* bytes, std::size_t size, std::size_t& taken, MessageSink& sink);
  std::size_t take_upgrade(std::string_view bytes);
  bool take_frame(unsigned opcode, std::string_view payload, MessageSink& sink);
  void wrote(std::size_t bytes);

  int socket_;
  bool upgraded_ = false;
  std::string leftover_; // of a frame that has not all come
  std::string answers_;
  std::vector<Block> owed_;
  std::size_t owed_bytes_ = 0;
  std::size_t gone_ = 0; // bytes of the first block that are written
};

} // namespace parley::bench
