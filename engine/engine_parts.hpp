// What an engine consists of, for whoever puts it together: the engine itself, and the server that
// puts an edge in front of it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "actors/context.hpp"
#include "actors/cursor.hpp"
#include "engine/options.hpp"
#include "engine/participant.hpp"
#include "engine/store_lanes.hpp"
#include "persistence/store.hpp"

namespace parley {

/// Whether actors of the process take part, beside clients with sockets.
enum class participation : std::uint8_t { none, local };

/// Opened, then started, then stopped; each once, by one thread.
struct engine_parts {
  /// Opens the store and makes everything that is no actor yet.
  static result<std::unique_ptr<engine_parts>> open(caf::actor_system& actors,
                                                    engine_options options);
  /// Returns when the store's directory is free again.
  ~engine_parts();
  engine_parts(const engine_parts&) = delete;
  engine_parts& operator=(const engine_parts&) = delete;

  /// Starts the actors. `sockets` are the shards of the edge, which must not send anything before;
  /// `before_store` is called when the engine's actors are there and the store's are not.
  void start(std::vector<shard_actor> sockets, participation who,
             const std::function<void()>& before_store = {});
  /// Parts with participants, ends the actors, waits for them and closes the lanes. The edge must
  /// have gone before.
  void stop();

  caf::actor_system& actors;
  engine_options options;
  log_ptr log;
  std::shared_ptr<store> data;
  std::shared_ptr<engine_context> context;
  store_lanes lanes = {};
  participants_actor participants = {}; ///< Nobody where none take part.
  std::shared_ptr<roll_call> seats = std::make_shared<roll_call>(); ///< Of participants.
  std::atomic<std::uint64_t> last_participant{0};
  /// What else ends with the engine, before its participants do.
  std::vector<std::function<void()>> company = {};

private:
  engine_parts(caf::actor_system& system, engine_options given, std::shared_ptr<store> opened);
  void make_lanes();
  void spawn_participants(std::uint32_t index);
  void spawn_store();

  bool is_running_ = false;
};

/// What an engine says of its store's cursors: their key, and the life of the store they are bound
/// to.
cursor_sealer cursors_of(const store& data);

} // namespace parley
