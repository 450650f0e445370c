// The engine without an edge: its actors, and those of the program that it is part of.
#include "engine/engine.hpp"

#include <string_view>
#include <utility>

#include "actors/command_form.hpp"
#include "engine/engine_parts.hpp"

namespace parley {

namespace {

failure wrong_id(std::string_view which) {
  return {error_code::bad_request, std::string{which} + " must have 1 to 128 bytes of UTF-8", {}};
}

} // namespace

result<std::unique_ptr<engine>> engine::start(caf::actor_system& actors, engine_options options) {
  auto parts = engine_parts::open(actors, std::move(options));
  if (!parts)
    return parts.error();
  (*parts)->start({}, participation::local);
  return std::make_unique<engine>(std::move(*parts));
}

engine::engine(std::unique_ptr<engine_parts> parts) : parts_(std::move(parts)) {}

engine::~engine() = default;

result<participant> engine::join(newcomer who, participant_actor to) {
  if (!is_id(who.user.str()) || who.user.str().find('\0') != std::string::npos)
    return wrong_id("user");
  if (!who.device.empty() && !is_id(who.device.str()))
    return wrong_id("device");
  if (!parts_->participants)
    return failure{error_code::unavailable, "nobody takes part in this engine but by sockets", {}};
  const std::uint64_t number = ++parts_->last_participant;
  parts_->seats->began();
  tell_from_outside(parts_->participants,
                    participant_joined{number,
                                       {std::move(who.user), std::move(who.device),
                                        timestamp::max(), who.is_admin},
                                       std::move(who.since),
                                       std::move(to)});
  return participant{parts_->participants, number};
}

} // namespace parley
