// The application that screens messages, as the operator names it.
#pragma once

#include <memory>

#include "actors/context.hpp"
#include "transport/cli.hpp"
#include "transport/screening_client.hpp"

namespace parley {

/// Where it is; nothing when none is named. What is wrong with the URL or the file is said in the
/// failure, without a secret.
result<std::optional<screening_place>> screening_place_of(const serve_options& options);

/// Starts asking it: whoever connects from now on is screened.
result<std::unique_ptr<screening_client>> start_screening(caf::actor_system& actors,
                                                          const screening_place& place,
                                                          const serve_options& options,
                                                          engine_context& context);

} // namespace parley
