// Where the operator's commands reach a server at work: a socket in the data directory.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "actors/errors.hpp"

namespace parley {

/// A connection that carries lines of text, each way. Owns its descriptor.
class control_line {
public:
  /// `wake`, when it is there, ends whatever waits here as soon as it can be read.
  explicit control_line(int socket, int wake = -1) : socket_(socket), wake_(wake) {}
  ~control_line();
  control_line(const control_line&) = delete;
  control_line& operator=(const control_line&) = delete;

  /// The next line; nothing when the other side has gone or says nothing for so long, or this one
  /// is to end.
  std::optional<std::string> read(std::optional<std::chrono::milliseconds> patience = {});
  /// False when nobody reads any more.
  bool write(std::string_view line);
  /// Whether the other side has gone, or this one is to end.
  bool is_over() const;

private:
  int socket_;
  int wake_;
  std::string rest_; ///< Of what was read: behind the last line.
};

/// Connects to the server that has this data directory open. `unavailable` when nobody answers.
result<std::unique_ptr<control_line>> connect_control(const std::filesystem::path& data);

/// Listens in a thread of its own and serves one connection after another. Only who may enter the
/// data directory gets here.
class control_door {
public:
  /// What is done with a command, the first line of a connection, on the door's thread.
  using handler = std::function<void(const std::string& command, control_line& with)>;

  static result<std::unique_ptr<control_door>> open(const std::filesystem::path& data,
                                                    handler handle);
  /// Has the command that is under way end at its next look at the line, and waits for it.
  ~control_door();
  control_door(const control_door&) = delete;
  control_door& operator=(const control_door&) = delete;

private:
  control_door(std::filesystem::path file, int socket, int wake, handler handle);
  void serve();

  std::filesystem::path file_;
  int socket_;
  int wake_;
  handler handle_;
  std::thread thread_;
};

} // namespace parley
