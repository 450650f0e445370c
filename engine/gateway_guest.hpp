// What a gateway remembers of one caller: what was not fetched yet, and from which cursor on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/events.hpp"
#include "engine/gateway_interface.hpp"

namespace parley {

/// An event as other nodes are told it; nothing for what is not told.
std::optional<gateway::event> to_gateway(const event& what);
gateway::event to_gateway(const events::listed& what);

/// Plain object. Events become fetchable when a cursor comes that covers them: so what was fetched
/// up to a cursor and what is fetched from it on leave nothing out and tell nothing twice.
class fetch_buffer {
public:
  /// Begins anew from this cursor; an empty one: from wherever the next cursor is.
  void begin(std::string since);
  /// Whether a `fetch` with this cursor can be answered from here. One that acknowledges what was
  /// fetched last makes room for what came behind it.
  bool goes_on_from(const std::string& cursor);

  void take(const event& what);

  /// Whether there is anything to answer with.
  bool has_news() const noexcept { return !covered_.empty() || is_reset_ || is_new_; }
  /// The answer. Until the cursor in it comes back, it is in every further one, too.
  gateway::fetched answer();
  /// Events that were not in any answer.
  std::size_t waiting() const noexcept {
    return covered_.size() - answered_count_ + uncovered_.size();
  }
  /// Keeps nothing any more: whoever wants to go on must begin anew.
  void give_up();

private:
  void cover(const std::string& cursor);

  std::string since_;
  std::string up_to_;
  std::vector<gateway::event> covered_;   ///< Between these two.
  std::vector<gateway::event> uncovered_; ///< Behind `up_to_`.
  std::optional<std::string> answered_;   ///< The cursor of the last answer.
  std::size_t answered_count_ = 0;        ///< What of `covered_` was in it.
  bool is_reset_ = false;
  bool is_given_up_ = false;
  bool is_new_ = false; ///< It began nowhere, and the cursor that came is what there is to tell.
};

} // namespace parley
