// A transport shard without sockets: the production shard_state, with an outbox that clients empty.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "actors/context.hpp"
#include "actors/shard_state.hpp"

namespace parley::test {

/// Runs under CAF's test coordinator; the test calls `open`, `say` and `take` between its steps.
class memory_shard : public shard_actor::base, private shard_port {
public:
  using connect = std::function<connection_actor(session_address)>;

  memory_shard(caf::actor_config& config, context_ptr context, std::uint32_t index,
               cursor_sealer cursors, std::function<instant()> clock, connect spawn);

  behavior_type make_behavior() override;

  /// What a socket would do.
  std::uint64_t open();
  void say(std::uint64_t session, envelope asked);
  /// Envelopes that left for this session since the last call, up to `most` chunks.
  std::vector<std::string> take(std::uint64_t session, std::size_t most);
  bool has_ended(std::uint64_t session);
  void close(std::uint64_t session);
  void tick() { state_.tick(clock_()); }
  bool is_throttled() const { return throttled_; }
  bool silent = false; ///< Its reports are lost.

private:
  void dispatch(session& from, envelope asked) override;
  void wake(session&) override {}
  void read(read_catch_up query) override;
  void report(sessions_reported what) override;

  context_ptr context_;
  std::uint32_t index_;
  std::function<instant()> clock_;
  connect spawn_;
  bool throttled_ = false;
  shard_state state_;
  std::map<std::uint64_t, connection_actor> connections_;
};

} // namespace parley::test
