// Keeps the commands of one connection in order while letting those to one conversation overlap.
#pragma once

#include <optional>

#include "actors/commands.hpp"
#include "actors/fifo.hpp"

namespace parley {

/// Commands take effect in the order they were sent. Commands to the same conversation may be under
/// way together, since the conversation keeps their order; any other command waits until all before
/// it are finished, and lets nothing pass.
class command_window {
public:
  void push(envelope asked) { waiting_.push_back(std::move(asked)); }

  /// The next command that may start now; call until it gives nothing.
  std::optional<envelope> next();

  /// One command that was started has been answered.
  void finished() noexcept {
    if (in_flight_ > 0)
      --in_flight_;
  }

  /// Commands that wait or are under way: what the connection's credit is counted in.
  std::size_t size() const noexcept { return waiting_.size() + in_flight_; }

private:
  fifo<envelope> waiting_;
  std::size_t in_flight_ = 0;
  conversation_id target_; ///< The conversation of those in flight; empty when one runs alone.
};

/// The conversation a command is addressed to, or nothing.
const conversation_id* target_of(const command& what) noexcept;

} // namespace parley
