// The commands of a connection that wait: messages for an application that looks at them, and what
// was asked behind these.
#pragma once

#include <cstdint>
#include <optional>

#include "actors/fifo.hpp"
#include "actors/screening.hpp"

namespace parley {

/// Keeps the order in which a client asked. How many wait is bounded by the session's window.
class held_commands {
public:
  bool empty() const noexcept { return held_.empty(); }
  /// Takes a command that only waits for those before it.
  void hold(envelope asked) { held_.push_back({std::move(asked), 0}); }
  /// Takes a message that waits for a verdict, and numbers it.
  std::uint64_t hold_message(envelope asked);
  /// The verdict on a message: it is left as it was, or changed, or marked as refused. False when
  /// nothing waits for it any more.
  bool settle(std::uint64_t number, const screening_verdict& verdict);
  /// The same of one that could not be screened.
  bool settle_unscreened(std::uint64_t number, const screening_policy& policy);
  /// The next command that waits for nothing any more; in order.
  std::optional<envelope> next();

  /// What a command asks to be screened, if it is one of those; of this user.
  static std::optional<screened_message> screened(const command& what, const user_id& from);

private:
  struct held {
    envelope asked;
    std::uint64_t waits_for = 0; ///< The verdict's number; 0: none.
  };
  held* find(std::uint64_t number);

  fifo<held> held_;
  std::uint64_t last_ = 0;
};

} // namespace parley
