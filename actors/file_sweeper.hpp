// The sweeper of files: has those dropped that no message needs, and removes bytes that are no
// file's.
#pragma once

#include <optional>
#include <vector>

#include "actors/context.hpp"
#include "actors/expirer.hpp"

namespace parley {

/// Looks every now and then. That files go is written into the log first; bytes are removed once
/// the store has it. Begins with a `file_sweep_due` from outside, and then looks, once, for bytes
/// that a crash left behind.
class file_sweeper : public file_sweeper_actor::base {
public:
  file_sweeper(caf::actor_config& config, context_ptr context);

  behavior_type make_behavior() override;
  const char* name() const override { return "file_sweeper"; }

private:
  void on_due();
  void on_unused(const unused_found& message);
  void on_settled(const drop_settled& message);
  void on_kept(const kept_found& message);
  void on_listed(const blobs_listed& message);
  void look();
  void list(unsigned place);
  /// Asks which of these are still files.
  void ask_for_kept(std::vector<file_id> files, bool ends_sweep);
  void sweep_in(std::chrono::nanoseconds delay);

  context_ptr context_;
  clock_watch clock_;
  bool is_first_ = true;          ///< Nothing has been sent under this server yet.
  std::optional<timestamp> next_; ///< When the next file is to go.
  unsigned place_ = 0;            ///< The next one to be listed.
};

} // namespace parley
