// The supervisor actor: stops the process when a promise can no longer be kept.
#pragma once

#include "actors/context.hpp"

namespace parley {

class supervisor : public supervisor_actor::base {
public:
  supervisor(caf::actor_config& config, context_ptr context);

  behavior_type make_behavior() override;
  const char* name() const override { return "supervisor"; }

private:
  context_ptr context_;
};

} // namespace parley
