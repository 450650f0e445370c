// The notifier: has those told who have not read a message for a while and have no device at hand.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "actors/context.hpp"
#include "actors/notice_book.hpp"
#include "actors/notice_limits.hpp"

namespace parley {

/// Follows the log's messages. Once one is old enough the store says who has not read it; of those,
/// whoever has no device at hand is written into a record, which makes an entry in their list and
/// tells their devices. It remembers nothing that the store does not have: what it did not hear of,
/// before its start or because the book was full, is read from the store, from the position on up
/// to which, by its records, all was decided. To decide twice has no effect.
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
    std::uint64_t look = 0;
    std::size_t records = 0; ///< On their way to the log.
    bool is_asked = true;    ///< The store has still to answer.
    instant since{};
  };
  /// Batches that were not heard of: behind one, up to another.
  struct gap {
    position since;
    position until;
  };

  void on_committed(const committed& news);
  void on_due(const notices_due& message);
  void on_found(const notifiable_found& message);
  void on_recent(const recent_found& message);

  void take_in(const committed_batch& batch);
  void settle(const record& written, position at);
  void miss(position since, position until);
  void read_on();
  void look_at_what_is_due();
  void ask_about(const under_way& which, std::optional<user_id> behind);
  void write(under_way& of, std::vector<notice> notices);
  void append_record(record&& what);
  void note_progress();
  /// Up to where nothing is left to decide.
  position decided() const;
  void retry_what_was_lost();
  void await();
  instant now() const { return context_->steady_clock(); }

  context_ptr context_;
  notice_book book_;
  notice_limits limits_;
  std::map<conversation_id, under_way> under_way_;
  std::uint64_t looks_ = 0;
  bool started_ = false;
  position heard_;                             ///< The last batch, or where it began.
  std::vector<gap> gaps_;                      ///< Rising; the first is being read.
  std::pair<conversation_id, sequence> place_; ///< Where that goes on.
  bool reading_ = false;
  position own_;     ///< The last batch with a record of its own.
  position written_; ///< As decided() was when it was written last.
  instant written_at_{};
  std::optional<instant> waking_; ///< The next `notices_due` on its way.
};

} // namespace parley
