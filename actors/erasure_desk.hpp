// Where operators and administrators have users erased, and ask what has become of it.
#pragma once

#include <string>

#include "actors/context.hpp"
#include "actors/erasures.hpp"

namespace parley {

/// The record of the log that says how far it has got.
record_ptr record_of_erasure(const user_erasure& step, timestamp now);

/// Calls return at once; answers come on threads that are nobody's. Safe from any thread.
class erasure_desk {
public:
  explicit erasure_desk(context_ptr context) : context_(std::move(context)) {}

  /// Begins, once that is on disk; from then on it goes on by itself, through restarts.
  /// `conflict` when the user is being erased already, `forbidden` when messages were to be deleted
  /// that are held, `unavailable` when nothing can be written.
  void begin(const user_id& user, erasure_policy policy, told<user_erasure> to);
  /// `not_found` when there is no such receipt.
  void find(const std::string& id, told<user_erasure> to);

private:
  context_ptr context_;
};

} // namespace parley
