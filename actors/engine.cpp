// Spawning and stopping: the only code that knows all the engine's actors.
#include "actors/engine.hpp"

#include "actors/connection.hpp"
#include "actors/directory.hpp"
#include "actors/encoding.hpp"
#include "actors/eraser.hpp"
#include "actors/expirer.hpp"
#include "actors/file_sweeper.hpp"
#include "actors/log.hpp"
#include "actors/log_line.hpp"
#include "actors/notifier.hpp"
#include "actors/presences.hpp"
#include "actors/supervisor.hpp"
#include "actors/trimmer.hpp"

namespace parley {

void spawn_engine(caf::actor_system& system, const context_ptr& context, position decided) {
  engine_handles& all = *context->handles;
  all.directory = spawn_actor<directory, directory_actor>(system, context);
  all.presences = spawn_actor<presences, presences_actor>(system, context);
  all.expirer = spawn_actor<expirer, expirer_actor>(system, context);
  if (context->notify_after.count() > 0)
    all.notifier = spawn_actor<notifier, notifier_actor>(system, context, decided);
  all.file_sweeper = spawn_actor<file_sweeper, file_sweeper_actor>(system, context);
  all.trimmer = spawn_actor<trimmer, trimmer_actor>(system, context);
  all.eraser = spawn_actor<eraser, eraser_actor>(system, context);
  all.supervisor = spawn_actor<supervisor, supervisor_actor>(system, context);
}

void watch_engine(const context_ptr& context) {
  const engine_handles& all = *context->handles;
  count_in(all.supervisor, context);
  stop_with(all.directory, "directory", context);
  stop_with(all.presences, "presences", context);
  stop_with(all.expirer, "expirer", context);
  if (all.notifier) {
    stop_with(all.notifier, "notifier", context);
    tell_from_outside(all.notifier, notices_due{});
  }
  stop_with(all.file_sweeper, "file_sweeper", context);
  stop_with(all.trimmer, "trimmer", context);
  stop_with(all.eraser, "eraser", context);
  stop_with(all.log_writer, "log_writer", context);
  stop_with(all.applier, "applier", context);
  stop_with(all.reader, "reader", context);
  if (all.indexer)
    stop_with(all.indexer, "indexer", context);
  if (all.courier)
    stop_with(all.courier, "courier", context);
  // An event loop goes on without its shard, and must not send a cursor past what it left out.
  for (const auto& shard : all.shards)
    on_end(shard, [stop = context->stop_process](const caf::error& why) {
      if (is_fault(why))
        stop("shard ended: " + caf::to_string(why));
    });
  tell_from_outside(all.expirer, expiry_due{});
  tell_from_outside(all.file_sweeper, file_sweep_due{});
  tell_from_outside(all.trimmer, trim_due{});
  tell_from_outside(all.eraser, erasure_due{});
}

namespace {

template <class Who>
connection_actor spawn_for(caf::actor_system& system, const context_ptr& context,
                           session_address session, Who who) {
  auto made = spawn_actor<connection, connection_actor>(system, context, session, std::move(who));
  count_in(made, context, [context, session](const std::string& why) {
    context->log->error("connection_failed session={}-{} reason={}", session.shard, session.number,
                        in_quotes(why));
    tell_from_outside(context->handles->shards[session.shard],
                      refuse{session.number, encode_error({}, {error_code::internal, why, {}}),
                             error_code::internal});
  });
  return made;
}

} // namespace

connection_actor spawn_connection(caf::actor_system& system, const context_ptr& context,
                                  session_address session, std::optional<std::string> bearer) {
  return spawn_for(system, context, session, std::move(bearer));
}

connection_actor spawn_visitor(caf::actor_system& system, const context_ptr& context,
                               session_address session, identity who) {
  return spawn_for(system, context, session, std::move(who));
}

connection_actor spawn_participant(caf::actor_system& system, const context_ptr& context,
                                   session_address session, identity who) {
  return spawn_for(system, context, session, vouched_identity{std::move(who)});
}

void stop_engine(const context_ptr& context) {
  const engine_handles& all = *context->handles;
  end_actor(all.directory);
  end_actor(all.presences);
  end_actor(all.expirer);
  end_actor(all.notifier);
  end_actor(all.file_sweeper);
  end_actor(all.trimmer);
  end_actor(all.eraser);
  end_actor(all.log_writer);
  end_actor(all.applier);
  end_actor(all.reader);
  end_actor(all.indexer);
  end_actor(all.supervisor);
  end_actor(all.courier);
  for (const auto& shard : all.shards)
    end_actor(shard);
}

void forget_engine(const context_ptr& context) { *context->handles = {}; }

} // namespace parley
