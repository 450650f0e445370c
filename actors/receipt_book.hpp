// The cursors of members that a conversation has at hand, and those it is about to write.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/fifo.hpp"
#include "actors/record.hpp"

namespace parley {

/// What others are told of a member's moves.
struct receipt_manner {
  bool is_shown = true;    ///< Whether anybody is.
  bool shows_reads = true; ///< Whether they are told what was read.
  user_list_ptr apart;     ///< Who is not told at all, sorted.
  position as_of;          ///< At which this was so.
};

/// Where a command has cursors stand: the member's, and those of the device that said so, if it has
/// a name and anything of it moved.
struct moved_cursors {
  receipt now;
  std::optional<device_receipt> device;
};

/// Collects moves until they are taken as one record, so that however many members read at once,
/// few records are under way. Always holds the newest move of a member that is not on disk yet.
class receipt_book {
public:
  /// Where the user's cursors stand once everything that was asked for is on disk, good until the
  /// next call of another; null when that has to be looked up.
  const member_cursors* of(const user_id& user) const;
  /// Whether that is on disk already, and with it what each device said.
  bool is_settled(const user_id& user) const;

  /// What others are told of the user, as of when it was last known; nothing was known before.
  receipt_manner manner_of(const user_id& user) const;

  /// What a look-up found.
  void learn(const user_id& user, member_cursors now, receipt_manner manner);
  /// What others are told may have changed with this batch: it is to be looked up if it was not
  /// since.
  void doubt(const user_id& user, position changed);
  /// Members have come or gone: whom not to tell is to be looked up again.
  void doubt_all();
  /// The user's cursors shall stand here.
  void gather(const user_id& user, moved_cursors now);
  /// How many members wait to be taken.
  std::size_t gathered() const noexcept { return gathered_.size(); }
  /// Whether something is on its way to the log.
  bool under_way() const noexcept { return !under_way_.empty(); }
  /// Takes everything that was gathered; it is under way as this append.
  std::vector<member_receipt> take(append_number number);

  /// Everything up to this append is on disk.
  void committed(append_number last);
  /// The append never reached the log: what it held is looked up again.
  void failed(append_number number);
  /// The user's membership begins or ends.
  void forget(const user_id& user) { known_.erase(user); }
  /// Keeps no more than limits::receipts_in_memory; what is left out can be looked up.
  void trim();

private:
  struct entry {
    member_cursors now;
    receipt_manner manner;
    bool is_doubtful = false;     ///< The manner is to be looked up.
    append_number under_way = {}; ///< 0: the move is on disk, or waits to be taken.
    bool gathered = false;
    /// Of what was gathered.
    receipt_audience told = receipt_audience::nobody;
    receipt_audience told_under_way = receipt_audience::nobody; ///< By what may still fail.
    std::vector<device_receipt> moved{}; ///< Of devices, since it was last taken, or lost.
  };
  using flight = std::pair<append_number, std::vector<member_receipt>>;

  static void put_back(const member_receipt& lost, entry& into);

  std::unordered_map<user_id, entry> known_;
  std::vector<user_id> gathered_;
  fifo<flight> under_way_;
};

} // namespace parley
