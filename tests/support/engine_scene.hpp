// Scenes with the whole engine: clients that ask, wait and keep what they were told.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/simulation/engine_in_memory.hpp"
#include "tests/support/temporary_directory.hpp"

namespace parley::test {

using nlohmann::json;

/// What is wrong, or else what kind of answer it is.
inline std::string code_of(const json& answer) {
  return answer["type"] == "error" ? answer["code"] : answer["type"];
}

/// An engine with one shard, and clients that ask and wait.
class scene {
public:
  temporary_directory data{quick_place()};
  truth all;
  random_source random{7};
  bool limited = false;            ///< Ten commands of a user per second, twenty at once.
  retention_bounds retention = {}; ///< Of the server, from the next start on.
  message_windows windows = {};    ///< Likewise.
  std::unique_ptr<engine_in_memory> engine;

  explicit scene(bool limit_rates = false);
  ~scene();

  std::unique_ptr<engine_in_memory> start();
  void restart();
  void pass(std::chrono::milliseconds time);
};

class client {
public:
  /// Whoever begins with `admin ` is an administrator.
  client(scene& in, std::string user, std::optional<std::string> since = {},
         std::string device = "d");

  void say(command what);
  json ask(command what);
  void receive();
  /// Everything that came without being an answer, and forgets it.
  std::vector<json> events();
  std::vector<std::string> types();
  json post(const json& where, const std::string& id, const std::string& body = "hi");
  /// The answer to what was asked last, once it is there.
  json last();
  const json& greeting() const { return greeting_; }
  bool has_ended();
  void close();

private:
  scene& in_;
  std::uint64_t session_;
  std::int64_t ref_ = 0;
  std::vector<json> got_;
  json greeting_;
};

json make_group(client& by, std::vector<user_id> members);

using names = std::vector<std::string>;

} // namespace parley::test
