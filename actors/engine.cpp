// Spawning and stopping: the only code that knows all the engine's actors.
#include "actors/engine.hpp"

#include "actors/connection.hpp"
#include "actors/directory.hpp"
#include "actors/supervisor.hpp"

namespace parley {

void spawn_engine(caf::actor_system& system, const context_ptr& context) {
  context->handles->directory = spawn_actor<directory, directory_actor>(system, context);
  context->handles->supervisor = spawn_actor<supervisor, supervisor_actor>(system, context);
}

connection_actor spawn_connection(caf::actor_system& system, const context_ptr& context,
                                  session_address session, std::optional<std::string> bearer) {
  return spawn_actor<connection, connection_actor>(system, context, session, std::move(bearer));
}

void stop_engine(const context_ptr& context) {
  const engine_handles& all = *context->handles;
  end_actor(all.directory);
  end_actor(all.log_writer);
  end_actor(all.applier);
  end_actor(all.reader);
  end_actor(all.supervisor);
  for (const auto& shard : all.shards)
    end_actor(shard);
}

void forget_engine(const context_ptr& context) { *context->handles = {}; }

} // namespace parley
