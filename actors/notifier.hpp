// The notifier: has those told who have not read a message for a while and have no device at hand.
#pragma once

#include <map>
#include <optional>

#include "actors/context.hpp"
#include "actors/notice_book.hpp"

namespace parley {

/// Follows the log's messages. After limits::notify_after the store says who has not read them; of
/// those, whoever has no device at hand is written into a record, which makes an entry in their
/// list and tells their devices. It remembers nothing that the store does not have: after a start,
/// or when there is more than it remembers, it reads from the store what was sent since the
/// position up to which, by its records, all was decided. To decide twice has no effect.
class notifier : public notifier_actor::base {
public:
  /// `decided` is that position.
  notifier(caf::actor_config& config, context_ptr context, position decided);

  behavior_type make_behavior() override;
  const char* name() const override { return "notifier"; }

private:
  /// A conversation that is looked at, until what was decided is on disk.
  struct under_way {
    notice_book::look what;
    bool is_written = false; ///< The last record is on its way.
    instant since{};
  };

  void on_committed(const committed& news);
  void on_due(const notices_due& message);
  void on_found(const notifiable_found& message);
  void on_recent(const recent_found& message);

  void take_in(const committed_batch& batch);
  /// Something was not heard of: everything behind `heard_` is read from the store.
  void fall_behind();
  void read_on();
  void look_at_what_is_due();
  void ask_about(const notice_book::look& what, std::optional<user_id> behind);
  void write(const conversation_id& conversation, sequence last, std::vector<notice> notices);
  void note_progress();
  /// Up to where nothing is left to decide.
  position decided() const;
  void retry_what_was_lost();
  void await();
  instant now() const { return context_->steady_clock(); }

  context_ptr context_;
  notice_book book_;
  std::map<conversation_id, under_way> under_way_;
  position heard_; ///< The last batch that was taken in, or read up to.
  bool behind_ = false;
  bool reading_ = false;
  position until_; ///< What is being read, and where.
  std::pair<conversation_id, sequence> place_;
  position written_; ///< As decided() was when it was written last.
  instant written_at_{};
  std::optional<instant> waking_; ///< The next `notices_due` on its way.
};

} // namespace parley
